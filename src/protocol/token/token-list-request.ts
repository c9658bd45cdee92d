import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { TokenOrder, TokenCriteria } from '../../vocabulary/tokens.ts'
import { isTrue, optional, parserOf } from '../parameters.ts'
import { parsePage } from '../page.ts'

/** A request for a list of tokens, as sent. */
export interface TokenListRequest extends TokenCriteria {
  readonly user?: string
  /** The user's realm; without a user the owners' realm, unless `realms` names some. */
  readonly realm?: string
  /** Keys of a token's info that are left out. */
  readonly hiddenInfo: readonly string[]
  readonly order: TokenOrder
  readonly page: number
  readonly pageSize: number
  readonly csv: boolean
  /** `nod`: without the tokens of the server that users move from. */
  readonly origin?: 'nod'
}

/** What privacyIDEA's columns sort by. A column that is the same for all tokens sorts by serial. */
const COLUMNS: Readonly<Record<string, TokenOrder['field']>> = {
  serial: 'serial',
  tokentype: 'type',
  description: 'description',
  rollout_state: 'state',
  active: 'active',
  revoked: 'revoked',
  locked: 'revoked',
  failcount: 'attempts',
  maxfail: 'maxAttempts',
  count: 'serial',
  count_window: 'serial',
  sync_window: 'serial',
  otplen: 'serial',
}

const tokenListSchema = z.object({
  serial: optional('Serial; `*` stands for anything; or several with commas', 4000),
  type: optional('Type; `*` stands for anything', 64),
  type_list: optional('Types with commas', 255),
  user: optional('Owner, also as user@realm', 320),
  realm: optional('Realm of the user; without one, of the owners', 255),
  userid: optional('Id of the owner: the login name', 255),
  resolver: optional('Resolver of the owner; the only one is nod', 255),
  tokenrealm: optional('Realms of the owners, with commas; `*` stands for anything', 2000),
  description: optional('Description; `*` stands for anything', 255),
  assigned: optional('true: of an owner; false: of nobody', 8),
  active: optional('true or false', 8),
  rollout_state: optional('clientwait or enrolled; `*` stands for anything', 32),
  infokey: optional('A key of the info', 255),
  infovalue: optional('What stands there; `*` stands for anything', 255),
  container_serial: optional('No token is in a container: finds nothing', 255),
  hidden_tokeninfo: optional('Keys of the info that are not to be shown, with commas', 2000),
  sortby: optional('Column to sort by; serial by default', 64),
  sortdir: optional('asc or desc; asc by default', 8),
  page: optional('Page, from 1', 16),
  pagesize: optional('Tokens per page, 15 by default, at most 500', 16),
  origin: optional('nod: without the tokens of the server that users move from, where there is one', 16),
  outform: optional('csv for a table instead of JSON', 16),
})

/** Parses filter, order, page and form of a token list. Refuses: `parameter_invalid`. Source: docs/protocol.md, "Token list". */
export const parseTokenList = parserOf(tokenListSchema, (fields): Outcome<TokenListRequest> => {
  const page = parsePage(fields)
  if (!page.ok) return page
  const field = Object.hasOwn(COLUMNS, fields.sortby ?? 'serial') ? COLUMNS[fields.sortby ?? 'serial'] : undefined
  if (field === undefined) return wrong('sortby', `expected one of ${Object.keys(COLUMNS).join(', ')}`)
  const ascending = ['asc', 'desc'].indexOf(fields.sortdir?.toLowerCase() ?? 'asc')
  if (ascending < 0) return wrong('sortdir', 'expected asc or desc')
  const assigned = choice(fields.assigned)
  if (assigned === 'unfit') return wrong('assigned', 'expected true or false')
  const active = choice(fields.active)
  if (active === 'unfit') return wrong('active', 'expected true or false')
  const serials = fields.serial?.includes(',') === true ? listed(fields.serial) : undefined
  if (serials?.some((serial) => serial.includes('*')) === true) return wrong('serial', 'a list has no wildcards')
  if (fields.origin !== undefined && fields.origin !== 'nod') return wrong('origin', 'expected nod, or nothing')
  const { infokey, infovalue = '*', tokenrealm, type_list: types } = fields
  return done({
    user: fields.user?.trim() || undefined,
    realm: fields.realm,
    userId: fields.userid,
    serials,
    serial: serials === undefined ? fields.serial : undefined,
    type: fields.type,
    types: types === undefined ? undefined : listed(types),
    realms: tokenrealm === undefined ? undefined : listed(tokenrealm),
    resolver: fields.resolver,
    container: fields.container_serial,
    description: fields.description,
    state: fields.rollout_state,
    assigned,
    active,
    info: infokey === undefined ? undefined : { key: infokey, pattern: infovalue },
    hiddenInfo: listed(fields.hidden_tokeninfo ?? ''),
    order: { field, ascending: ascending === 0 },
    ...page.value,
    csv: fields.outform === 'csv',
    ...(fields.origin === 'nod' ? { origin: 'nod' as const } : {}),
  })
})

const wrong = (name: string, why: string) => refuse({ reason: 'parameter_invalid', name, why })

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** A value that is neither true nor false is refused: ignoring it would list tokens that nobody asked for. */
function choice(text: string | undefined): boolean | 'unfit' | undefined {
  if (text === undefined) return undefined
  if (isTrue(text)) return true
  return /^(?:0|false)$/i.test(text) ? false : 'unfit'
}
