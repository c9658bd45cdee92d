import * as z from 'zod/mini'
import { present } from '../../present.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { TokenOrder, TokenCriteria } from '../../vocabulary/tokens.ts'
import { isTrue, optional, parserOf } from '../parameters.ts'
import { parsePage } from '../page.ts'

/** What a list of tokens is asked for, as given. */
export interface TokenListRequest extends TokenCriteria {
  readonly user?: string
  /** Of the user; without one, of the owners, unless `realms` says. */
  readonly realm?: string
  /** What of a token's info is not to be shown. */
  readonly hidden: readonly string[]
  readonly order: TokenOrder
  readonly page: number
  readonly pageSize: number
  readonly csv: boolean
}

/** privacyIDEA's columns, of those that Nod keeps. What is the same for all tokens sorts by serial. */
const COLUMNS: Readonly<Record<string, TokenOrder['by']>> = {
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
  sortby: optional('Column that is sorted by; serial unless said', 64),
  sortdir: optional('asc or desc; asc unless said', 8),
  page: optional('Page, from 1', 16),
  pagesize: optional('Tokens per page, 15 unless said, at most 500', 16),
  outform: optional('csv for a table instead of JSON', 16),
})

/** Which tokens an administrator wants to see, and how. Refuses: `parameter_invalid`. Source: docs/protocol.md, "Token list". */
export const parseTokenList = parserOf(tokenListSchema, (given): Outcome<TokenListRequest> => {
  const page = parsePage(given)
  if (!page.ok) return page
  const by = Object.hasOwn(COLUMNS, given.sortby ?? 'serial') ? COLUMNS[given.sortby ?? 'serial'] : undefined
  if (by === undefined) return wrong('sortby', `expected one of ${Object.keys(COLUMNS).join(', ')}`)
  const ascending = ['asc', 'desc'].indexOf(given.sortdir?.toLowerCase() ?? 'asc')
  if (ascending < 0) return wrong('sortdir', 'expected asc or desc')
  const assigned = choice(given.assigned)
  if (assigned === 'unfit') return wrong('assigned', 'expected true or false')
  const active = choice(given.active)
  if (active === 'unfit') return wrong('active', 'expected true or false')
  const serials = given.serial?.includes(',') === true ? listed(given.serial) : undefined
  if (serials?.some((serial) => serial.includes('*')) === true) return wrong('serial', 'a list has no wildcards')
  const { infokey, infovalue = '*', tokenrealm, type_list: types } = given
  return done({
    ...present({
      user: given.user?.trim() || undefined,
      realm: given.realm,
      userId: given.userid,
      serials,
      serial: serials === undefined ? given.serial : undefined,
      type: given.type,
      types: types === undefined ? undefined : listed(types),
      realms: tokenrealm === undefined ? undefined : listed(tokenrealm),
      resolver: given.resolver,
      container: given.container_serial,
      description: given.description,
      state: given.rollout_state,
      assigned,
      active,
      info: infokey === undefined ? undefined : { key: infokey, pattern: infovalue },
    }),
    hidden: listed(given.hidden_tokeninfo ?? ''),
    order: { by, ascending: ascending === 0 },
    ...page.value,
    csv: given.outform === 'csv',
  })
})

const wrong = (name: string, why: string) => refuse({ reason: 'parameter_invalid', name, why })

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** A filter that is neither would list what nobody asked for. */
function choice(text: string | undefined): boolean | 'unfit' | undefined {
  if (text === undefined) return undefined
  if (isTrue(text)) return true
  return /^(?:0|false)$/i.test(text) ? false : 'unfit'
}
