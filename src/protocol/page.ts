import { done, type Outcome, refuse } from '../refusal.ts'
import { integer, orNull } from './shape.ts'

/** A page of a list. The first is number 1. */
interface Page {
  readonly page: number
  readonly pageSize: number
}

const MAX_PAGE_SIZE = 500
const MAX_NUMBER = 999_999_999
/** Parses a number from 1 to `most`. Refuses: `parameter_not_integer`, `parameter_invalid`. */
export function parsePositive(
  name: string,
  text: string | undefined,
  byDefault: number,
  most = MAX_NUMBER,
): Outcome<number> {
  const number = text === undefined ? byDefault : Number(text)
  if (text !== undefined && !/^-?\d+$/.test(text)) return refuse({ reason: 'parameter_not_integer', name })
  return number >= 1 && number <= most
    ? done(number)
    : refuse({ reason: 'parameter_invalid', name, why: `expected a number from 1 to ${most}` })
}

/** Parses page number and size: page 1 of 15 by default, at most 500. Refuses: as `parsePositive`. */
export function parsePage(fields: {
  readonly page: string | undefined
  readonly pagesize: string | undefined
}): Outcome<Page> {
  const page = parsePositive('page', fields.page, 1)
  if (!page.ok) return page
  const pageSize = parsePositive('pagesize', fields.pagesize, 15)
  return pageSize.ok ? done({ page: page.value, pageSize: Math.min(pageSize.value, MAX_PAGE_SIZE) }) : pageSize
}

/** The numbers of the previous and the next page, in a list of `count` items. */
export const pageLinks = ({ page, pageSize }: Page, count: number) => ({
  prev: page > 1 ? page - 1 : null,
  next: page * pageSize < count ? page + 1 : null,
})

export const pageLinksShape = { prev: orNull(integer('The previous page')), next: orNull(integer('The next page')) }
