import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { integer, orNull } from './shape.ts'

/** A page of a list. The first is number 1. */
interface Page {
  readonly page: number
  readonly pageSize: number
}

const MAX_PAGE_SIZE = 500
const positiveNumber = (text: string | undefined, byDefault: number): number | undefined =>
  text === undefined ? byDefault : /^\d{1,9}$/.test(text) && Number(text) >= 1 ? Number(text) : undefined

/** Parses page number and size: page 1 of 15 by default, at most 500. Refuses: `parameter_invalid`. */
export function parsePage(fields: {
  readonly page: string | undefined
  readonly pagesize: string | undefined
}): Outcome<Page> {
  const page = positiveNumber(fields.page, 1)
  const pageSize = positiveNumber(fields.pagesize, 15)
  if (page === undefined) return refuse({ reason: 'parameter_invalid', name: 'page', why: 'expected a number from 1' })
  if (pageSize === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'pagesize', why: 'expected a number from 1' })
  return done({ page, pageSize: Math.min(pageSize, MAX_PAGE_SIZE) })
}

/** The numbers of the previous and the next page, in a list of `count` items. */
export const pageLinks = ({ page, pageSize }: Page, count: number) => ({
  prev: page > 1 ? page - 1 : null,
  next: page * pageSize < count ? page + 1 : null,
})

export const pageLinksShape = { prev: orNull(integer('The previous page')), next: orNull(integer('The next page')) }
