/** Requests about the data of one user, and how it is spelled. */
import * as z from 'zod/mini'
import { decodeBase64, encodeBase64Url, utf8 } from '../../bytes.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { ignoring, optional, parserOf, required } from '../parameters.ts'
import { userOf, type UserRequest } from './user-request.ts'

const whom = {
  user: required('Login name, alone or as user@realm or realm\\user', 320),
  realm: optional('Realm of the user; without it the default realm', 255),
}

export type UserDataRequest = Omit<UserRequest, 'names'>

/** Parses whose data to erase. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseErasure = ignoring(parserOf(z.object(whom), userOf), 'resolver')

/** Where the records of a user go on: behind a record of D1, or behind an object of the archive. */
export type RecordCursor =
  | { readonly kind: 'd1'; readonly at: number; readonly shard: string; readonly sequence: number }
  | { readonly kind: 'archive'; readonly key: string }

const exportSchema = z.object({
  ...whom,
  after: optional('`next` of the page before: then only the next records of the audit are answered', 500),
})

/** Parses whose data to export. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseUserExport = ignoring(
  parserOf(exportSchema, ({ after, ...fields }): Outcome<UserDataRequest & { readonly after?: RecordCursor }> => {
    const user = userOf(fields)
    if (!user.ok || after === undefined) return user
    const cursor = readCursor(after)
    return cursor === undefined
      ? refuse({ reason: 'parameter_invalid', name: 'after', why: 'expected `next` of a page' })
      : done({ ...user.value, after: cursor })
  }),
  'resolver',
)

export const writeCursor = (cursor: RecordCursor): string => encodeBase64Url(utf8(JSON.stringify(cursor)))

const cursorSchema = z.union([
  z.object({ kind: z.literal('d1'), at: z.int(), shard: z.string(), sequence: z.int() }),
  z.object({ kind: z.literal('archive'), key: z.string() }),
])

function readCursor(text: string): RecordCursor | undefined {
  const bytes = decodeBase64(text)
  try {
    const read = cursorSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}

type Row = Readonly<Record<string, unknown>>

/** A record of the audit as its user may see it: without the salt, its steps as JSON. */
export function recordItem(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name, value]) => value !== null && name !== 'salt' && name !== 'number')
      .map(([name, value]) => [name, name === 'steps' || name === 'change' ? JSON.parse(String(value)) : value]),
  )
}
