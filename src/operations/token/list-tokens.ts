import { present } from '../../present.ts'
import type { PhoneCounters, PhoneObject } from '../../ports/phone-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokenListRequest } from '../../protocol/token/token-list-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { tokenFilter } from '../../rules/token/token-filter.ts'
import type { Owner } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import type { Credential, OwnerAuthorization } from '../access/identify.ts'
import { authorizeOwnerRight } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

/** With its Phone's own counters, where that has any. */
type CountedToken = Token & Partial<PhoneCounters>

/** Phones asked for one page, all at once: each is a call to an object, and may wake it. */
const ASKED = 100
/** How long they may take together; who takes longer is shown as the catalogue's copy has it. */
const PATIENCE_MS = 1000

/**
 * A page of tokens. On a page of a hundred or fewer their failed attempts, successes and last use are the Phones' own, on a larger
 * one the catalogue's copies: those are two seconds behind in what locks a token, and minutes in the rest.
 * Refuses: who may not; `user_not_in_realm`; `too_many_to_search`; `storage_unavailable`.
 */
export async function listTokens(
  ports: Ports,
  credential: Credential,
  asked: TokenListRequest,
): Promise<Outcome<{ readonly tokens: readonly CountedToken[]; readonly count: number }>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'tokenlist')
  if (!authorized.ok) return authorized
  const { snapshot, user: self } = authorized.value
  const { user, realm, order, page, pageSize } = asked
  const owner = self ?? (user === undefined ? undefined : ownerOf({ user, ...present({ realm }) }, snapshot))
  const within = listable(authorized.value, owner)
  if (!within.ok) return within
  // A realm without a user is asked of the tokens.
  const realms = user === undefined && realm !== undefined ? (asked.realms ?? [realm]) : asked.realms
  const wish = realms === undefined ? asked : { ...asked, realms }
  const filter = tokenFilter(wish, owner, snapshot.realms, within.value)
  const found =
    filter === undefined
      ? done({ tokens: [], count: 0 })
      : await ports.tokens.list({ filter, order, offset: (page - 1) * pageSize, limit: pageSize })
  if (!found.ok) return found
  const { tokens, count } = found.value
  if (count === 0 && owner !== undefined) {
    const known = await ports.subjects.find({ candidates: [owner] })
    if (!known.ok) return known
    if (known.value.people.length + known.value.tokens.length === 0) return refuse({ reason: 'user_not_in_realm' })
  }
  return done({ tokens: tokens.length > ASKED ? tokens : await withCounters(ports, tokens), count })
}

/** The realms whose tokens may be listed; undefined: all there are, or the owner's. Refuses: `right_missing`. */
function listable(
  { authorizeFor: over, visibleRealms: listed }: OwnerAuthorization,
  owner: Owner | undefined,
): Outcome<readonly string[] | undefined> {
  if (owner === undefined) return listed()
  const may = over(owner)
  return may.ok ? done(undefined) : may
}

async function withCounters(ports: Ports, tokens: readonly Token[]): Promise<readonly CountedToken[]> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
  const shown = await Promise.all(
    tokens.map(async (token) => ({
      ...token,
      ...(await Promise.race([countersOf(ports.phones.of(token.serial)), late])),
    })),
  )
  clearTimeout(timer)
  return shown
}

const countersOf = (phone: PhoneObject) => phone.counters().catch(() => undefined)
