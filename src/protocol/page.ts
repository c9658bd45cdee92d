import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { integer, orNull } from './shape.ts'

/** Pages count from 1. */
interface Page {
  readonly page: number
  readonly pageSize: number
}

const LARGEST_PAGE = 500
const number = (text: string | undefined, otherwise: number): number | undefined =>
  text === undefined ? otherwise : /^\d{1,9}$/.test(text) && Number(text) >= 1 ? Number(text) : undefined

/** Which page of a list, and how large. Refuses: `parameter_invalid`. */
export function parsePage(fields: {
  readonly page: string | undefined
  readonly pagesize: string | undefined
}): Outcome<Page> {
  const page = number(fields.page, 1)
  const pageSize = number(fields.pagesize, 15)
  if (page === undefined) return refuse({ reason: 'parameter_invalid', name: 'page', why: 'expected a number from 1' })
  if (pageSize === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'pagesize', why: 'expected a number from 1' })
  return done({ page, pageSize: Math.min(pageSize, LARGEST_PAGE) })
}

/** Which pages there are beside this one, of so many things in all. */
export const pageLinks = ({ page, pageSize }: Page, count: number) => ({
  prev: page > 1 ? page - 1 : null,
  next: page * pageSize < count ? page + 1 : null,
})

export const pageLinksShape = { prev: orNull(integer('The page before')), next: orNull(integer('The next page')) }
