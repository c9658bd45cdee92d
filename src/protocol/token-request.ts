import * as z from 'zod/mini'
import { present } from '../present.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { optional, reading } from './parameters.ts'

const LARGEST_PAGE = 500
const number = (text: string | undefined, otherwise: number): number | undefined =>
  text === undefined ? otherwise : /^\d{1,6}$/.test(text) && Number(text) >= 1 ? Number(text) : undefined

const listSchema = z.object({
  serial: optional('Serial; `*` stands for anything', 255),
  user: optional('Owner', 320),
  realm: optional('Realm of the owner', 255),
  page: optional('Page, from 1', 16),
  pagesize: optional('Tokens per page, 15 unless said, at most 500', 16),
})

interface Listing {
  readonly serial?: string
  readonly user?: string
  readonly realm?: string
  readonly page: number
  readonly pageSize: number
}

/** Which tokens an administrator wants to see. Refuses: `parameter_invalid`. Source: contract 13.3. */
export const parseListing = reading(listSchema, (fields): Outcome<Listing> => {
  const { serial, user, realm } = fields
  const page = parsePage(fields)
  return page.ok ? done({ ...present({ serial, user, realm }), ...page.value }) : page
})

/** Which page of a list, and how large. Refuses: `parameter_invalid`. */
export function parsePage(fields: {
  readonly page: string | undefined
  readonly pagesize: string | undefined
}): Outcome<{ readonly page: number; readonly pageSize: number }> {
  const page = number(fields.page, 1)
  const pageSize = number(fields.pagesize, 15)
  if (page === undefined) return refuse({ reason: 'parameter_invalid', name: 'page', why: 'expected a number from 1' })
  if (pageSize === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'pagesize', why: 'expected a number from 1' })
  return done({ page, pageSize: Math.min(pageSize, LARGEST_PAGE) })
}
