/** `GET /token/search`: how it is asked, and what it answers. */
import * as z from 'zod/mini'
import { decodeBase64, encodeBase64Url, utf8 } from '../../bytes.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { present } from '../../present.ts'
import type { TokenType } from '../../vocabulary.ts'
import { TOKEN_TYPES } from '../../vocabulary.ts'
import {
  type FoundToken,
  SEARCH_FIELDS,
  type SearchField,
  type SearchPosition,
  type SearchResult,
  TOKEN_STATUSES,
  type TokenStatus,
} from '../../vocabulary/tokens.ts'
import { fnv1a } from '../encoding/fnv1a.ts'
import { parsePositive } from '../page.ts'
import { optional, parserOf } from '../parameters.ts'
import { boolean, integer, listOf, object, oneOf, string, time } from '../shape.ts'

/** A search for tokens, as sent. */
export interface TokenSearchRequest {
  readonly beginning: string
  readonly by?: SearchField
  readonly realm?: string
  readonly status?: TokenStatus
  readonly type?: TokenType
  readonly limit: number
  readonly after?: SearchPosition
  /** Names the search in its cursors. */
  readonly mark: number
}

const STATUSES = [...TOKEN_STATUSES, 'ready'] as const
const LIMIT = 50
const MAX_LIMIT = 200
/** A beginning of more characters than any text has finds nothing. */
const TEXT_LENGTH = 255

const tokenSearchSchema = z.object({
  q: optional('Beginning of the owner’s login name, of the serial or of the description, in any case', TEXT_LENGTH),
  by: optional('Only by this, and in its order: user, serial or description', 16),
  realm: optional('Realm of the owner', 255),
  status: optional(`One of ${STATUSES.join(', ')}`, 16),
  type: optional(`The app it is for: ${TOKEN_TYPES.join(' or ')}`, 16),
  limit: optional(`Tokens on a page, ${LIMIT} by default, at most ${MAX_LIMIT}`, 16),
  cursor: optional('Where the page begins: `next` of the page before, with the same search', 2000),
})

const choice = <Name extends string>(name: string, text: string | undefined, names: readonly Name[]) => {
  const found = names.find((one) => one === text)
  return text === undefined || found !== undefined
    ? done(found)
    : refuse({ reason: 'parameter_invalid', name, why: `expected one of ${names.join(', ')}` })
}

/** Parses a search. Refuses: `parameter_invalid`, also for a cursor of another search; `parameter_not_integer`. */
export const parseTokenSearch = parserOf(tokenSearchSchema, (fields): Outcome<TokenSearchRequest> => {
  const { q = '', realm, cursor } = fields
  const by = choice('by', fields.by, SEARCH_FIELDS)
  if (!by.ok) return by
  const status = choice('status', fields.status, STATUSES)
  if (!status.ok) return status
  const type = choice('type', fields.type, TOKEN_TYPES)
  if (!type.ok) return type
  const limit = parsePositive('limit', fields.limit, LIMIT)
  if (!limit.ok) return limit
  const filter = { by: by.value, realm: realm?.toLowerCase(), status: status.value, type: type.value }
  const mark = fnv1a(JSON.stringify([q, filter]))
  const after = cursor === undefined ? undefined : parseCursor(cursor, mark)
  if (cursor !== undefined && after === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'cursor', why: 'of another search' })
  return done({
    beginning: q,
    ...present(filter),
    ...present({ after }),
    limit: Math.min(limit.value, MAX_LIMIT),
    mark,
  })
})

const cursorSchema = z.tuple([z.number(), z.string(), z.string(), z.string()])

function parseCursor(text: string, mark: number): SearchPosition | undefined {
  const bytes = decodeBase64(text)
  if (bytes === undefined) return undefined
  try {
    const parsed = cursorSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    if (!parsed.success || parsed.data[0] !== mark) return undefined
    const [, range, key, serial] = parsed.data
    return { range, key, serial }
  } catch {
    return undefined
  }
}

const cursorOf = (mark: number, { range, key, serial }: SearchPosition): string =>
  encodeBase64Url(utf8(JSON.stringify([mark, range, key, serial])))

/** A page as it is answered. */
export const tokenSearchValue = ({ tokens, next, count }: SearchResult, { mark }: TokenSearchRequest) => ({
  tokens: tokens.map(foundTokenItem),
  next: next === undefined ? null : cursorOf(mark, next),
  ...(count === undefined ? {} : { count: count.number, count_is_exact: count.isExact }),
})

const foundTokenItem = ({ owner, foundBy, ...token }: FoundToken) => ({
  serial: token.serial,
  type: token.type,
  user: owner?.login ?? '',
  realm: owner?.realm ?? '',
  description: token.description,
  status: token.status,
  found_by: foundBy,
  active: token.active,
  revoked: token.revoked,
  rollout_state: token.state,
  failcount: token.attempts,
  maxfail: token.maxAttempts,
  last_used_at: token.lastUse ?? null,
  created_at: token.createdAt,
  unreachable_since: token.quarantinedAt ?? null,
  app: token.app ?? null,
  system: token.system ?? null,
})

const orNullTime = (description: string) => ({ ...time(description), type: ['integer', 'null'] })
const orNullText = (description: string) => ({ ...string(description), type: ['string', 'null'] })

export const tokenSearchShape = object(
  {
    tokens: listOf(
      object({
        serial: string('Serial'),
        type: oneOf('The app it is for', ...TOKEN_TYPES),
        user: string('Login name of the owner, or empty'),
        realm: string('Realm of the owner, or empty'),
        description: string('Description'),
        status: oneOf('What keeps it from letting its owner in, the first that applies; ready: nothing', ...STATUSES),
        found_by: oneOf('What of it was found', ...SEARCH_FIELDS),
        active: boolean('False: disabled'),
        revoked: boolean('Revoked for good'),
        rollout_state: oneOf('clientwait: its QR code is out', 'clientwait', 'enrolled'),
        failcount: integer('Wrong PINs in a row, at most two seconds old when it locks the token'),
        maxfail: integer('How many of them lock it'),
        last_used_at: orNullTime('When it was last used, at most a week old'),
        created_at: time('When it was first enrolled'),
        unreachable_since: orNullTime('Since when push messages do not reach its phone'),
        app: orNullText('What the app calls itself'),
        system: orNullText('And its phone'),
      }),
    ),
    next: orNullText('Cursor of the next page; null after the last'),
  },
  {
    count: integer('How many tokens are found, on the first page'),
    count_is_exact: boolean('False: it may be more'),
  },
)
