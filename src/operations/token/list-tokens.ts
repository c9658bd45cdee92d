import type { PhoneCounters } from '../../vocabulary/phones.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokenListRequest } from '../../protocol/token/token-list-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { withoutPastPause } from '../../rules/token/ring-pause.ts'
import { tokenFilter } from '../../rules/token/token-filter.ts'
import type { Owner } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { authorizeOwnerRight, type Credential, type OwnerAuthorization } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'
import { askCounters } from './phone-counters.ts'

/** A token with the counters of its phone object, if that has any. */
type CountedToken = Token & Partial<PhoneCounters>

interface TokenPage {
  readonly tokens: readonly CountedToken[]
  readonly count: number
  /** The user whose tokens were asked for. */
  readonly owner?: Owner | undefined
  /** Whether the caller may list every token that the request asks for, wherever it is. */
  readonly seesAll: boolean
}

/**
 * Lists a page of tokens, with the copies that D1 has of their counters: two seconds behind for what locks a token, up to a
 * week for successes and last use. Wakes no phone object. Only a request that names serials or a user asks for the exact counters, of up
 * to a hundred tokens that a phone has registered.
 * Refuses: as `authorizeOwnerRight`; `user_not_in_realm`, `too_many_to_search`, `storage_unavailable`.
 */
export async function listTokens(
  ports: Ports,
  credential: Credential,
  request: TokenListRequest,
): Promise<Outcome<TokenPage>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'tokenlist')
  if (!authorized.ok) return authorized
  const { snapshot, user: self } = authorized.value
  const { user, realm, order, page, pageSize } = request
  const owner = self ?? (user === undefined ? undefined : ownerOf({ user, realm }, snapshot))
  const visible = realmsToList(authorized.value, owner)
  if (!visible.ok) return visible
  // A realm without a user means the realm of the owners.
  const realms = user === undefined && realm !== undefined ? (request.realms ?? [realm]) : request.realms
  const criteria = realms === undefined ? request : { ...request, realms }
  const filter = tokenFilter(criteria, owner, snapshot.realms, visible.value)
  const found =
    filter === undefined
      ? done({ tokens: [], count: 0 })
      : await ports.tokens.list({ filter, order, offset: (page - 1) * pageSize, limit: pageSize })
  if (!found.ok) return found
  const { count } = found.value
  const now = ports.now()
  const tokens = found.value.tokens.map((token) => withoutPastPause(token, now))
  if (count === 0 && owner !== undefined) {
    const known = await ports.subjects.find({ candidates: [owner] })
    if (!known.ok) return known
    const isUnknown = known.value.people.length + known.value.tokens.length === 0
    // The upstream may know the user.
    if (isUnknown && ports.upstream === undefined) return refuse({ reason: 'user_not_in_realm' })
  }
  const seesAll = self === undefined && visible.value === undefined
  const isNamed = filter?.serials !== undefined || filter?.login !== undefined
  return done({ tokens: isNamed ? await withCounters(ports, tokens) : tokens, count, owner, seesAll })
}

/** The realms whose tokens may be listed; undefined: all realms, or the owner's. Refuses: `right_missing`. */
function realmsToList(
  { authorizeFor, visibleRealms }: OwnerAuthorization,
  owner: Owner | undefined,
): Outcome<readonly string[] | undefined> {
  if (owner === undefined) return visibleRealms()
  const permitted = authorizeFor(owner)
  return permitted.ok ? done(undefined) : permitted
}

/** The tokens, with the exact counters of their phones as far as these answer. */
async function withCounters(ports: Ports, tokens: readonly Token[]): Promise<readonly CountedToken[]> {
  const counters = await askCounters(ports, tokens)
  return tokens.map((token, index) => ({ ...token, ...counters[index] }))
}
