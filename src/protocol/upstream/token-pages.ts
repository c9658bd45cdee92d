/** One list of Nod's tokens and the upstream's: Nod's first, each in its own order. Source: docs/protocol.md, "The upstream". */
import { fieldsIn, fieldsOf } from './upstream-answer.ts'

/** The page of a list. The first is number 1. */
interface Page {
  readonly page: number
  readonly pageSize: number
}

/** The pages of the upstream's list that fill up a page of both, and how many of their tokens come before it; none if Nod's tokens fill it.
 *  `own`: how many tokens of Nod's match. The first page is always asked for, for the upstream's count. */
export function pagesThere(
  { page, pageSize }: Page,
  own: number,
): { readonly pages: readonly number[]; readonly skipped: number } {
  const begin = Math.max(0, (page - 1) * pageSize - own)
  const end = Math.max(0, page * pageSize - own)
  if (end === 0) return { pages: [1], skipped: pageSize }
  const first = Math.floor(begin / pageSize) + 1
  const last = Math.floor((end - 1) / pageSize) + 1
  return { pages: first === last ? [first] : [first, last], skipped: begin - (first - 1) * pageSize }
}

/** Reads a page of the upstream's list. A token is left out if it lacks a field that clients need. Undefined for anything else than a list. */
export function readTokenPage(
  text: string,
): { readonly tokens: readonly Readonly<Record<string, unknown>>[]; readonly count: number } | undefined {
  const { tokens, count } = fieldsOf(fieldsOf(fieldsIn(text)?.['result'])?.['value']) ?? {}
  if (!Array.isArray(tokens) || typeof count !== 'number') return undefined
  const listed: readonly unknown[] = tokens
  const items = listed
    .map(fieldsOf)
    .filter((one) => typeof one?.['serial'] === 'string' && fieldsOf(one['info']) !== undefined)
  return { tokens: items.flatMap((one) => (one === undefined ? [] : [withoutSecrets(one)])), count }
}

/** privacyIDEA lists encrypted private keys, registration tokens and open enrollment credentials; Nod lists none. */
const SECRET = /private_key|firebase_token|enrollment_credential|(?:^|\.)password/i

function withoutSecrets(token: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const info = Object.entries(fieldsOf(token['info']) ?? {}).filter(([name]) => !SECRET.test(name))
  return { ...token, info: Object.fromEntries(info) }
}
