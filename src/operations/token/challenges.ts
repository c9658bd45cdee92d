import type { ListedChallenge } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { ChallengeListRequest } from '../../protocol/token/challenge-list.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { wildcardMatcher } from '../../rules/deployment/wildcard.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { ADMINISTRATOR_REALM, type Caller, type Serial } from '../../vocabulary.ts'
import { auditNameOf, authorizeOwnerRight, type Credential, type OwnerAuthorization } from '../access/identify.ts'
import { findTransaction } from '../login/transaction-address.ts'
import { groupByShard } from '../../rules/login/group-by-shard.ts'
import { findSubject } from '../login/login-subject.ts'

interface Page {
  readonly challenges: readonly ListedChallenge[]
  readonly count: number
}

/** Lists a page of the challenges that are open or were not finalized; for a user, all of them. For a token or a user it asks the
 *  shards their phones name; otherwise it asks every shard for its newest 500 logins.
 *  Refuses: as `authorizeOwnerRight`; `token_unknown`, `user_not_in_realm`, `storage_unavailable`. */
export async function listChallenges(
  ports: Ports,
  credential: Credential,
  listing: ChallengeListRequest,
): Promise<Outcome<Page>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'getchallenges')
  if (!authorized.ok) return authorized
  const found = await findChallenges(ports, listing, authorized.value)
  if (!found.ok) return found
  const { transactionId, descending, page, pageSize, user } = listing
  const matches = transactionId === undefined ? () => true : wildcardMatcher(transactionId)
  const all = found.value
    .filter(({ transaction }) => matches(transaction))
    .toSorted((a, b) => (descending ? b.openedAt - a.openedAt : a.openedAt - b.openedAt))
  const challenges = user === undefined ? all.slice((page - 1) * pageSize, page * pageSize) : all
  return done({ challenges, count: all.length })
}

/** Withdraws a login at once, even while it is being finalized, and answers how many challenges it had.
 *  Refuses: as `authorizeOwnerRight`. */
export async function withdrawLogin(ports: Ports, credential: Credential, id: string): Promise<Outcome<number>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'cancelchallenge')
  if (!authorized.ok) return authorized
  const login = await findTransaction(ports, id)
  const challenges = login === undefined ? done([]) : await login.shard.listChallenges({ ids: [login.id] })
  if (!challenges.ok) return challenges
  const caller = await authorizeWithdrawal(ports, authorized.value, challenges.value)
  if (!caller.ok) return caller
  const withdrawal = { cause: 'administrator', administrator: auditNameOf(caller.value) } as const
  return login === undefined ? done(0) : login.shard.discardChallenges({ id: login.id, withdrawal })
}

/** Takes expired challenges off the list, and answers how many a list would have shown.
 *  Refuses: as `authorizeOwnerRight`; `right_missing`. */
export async function clearExpired(ports: Ports, credential: Credential): Promise<Outcome<number>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'cancelchallenge')
  if (!authorized.ok) return authorized
  const everywhere = authorized.value.authorizeForAll()
  if (!everywhere.ok) return everywhere
  const expired = (await askEach(ports, ports.transactions.all(), (shard) => shard.discardExpired())).flat()
  const listed = await ofExistingTokens(
    ports,
    expired.map((serial) => ({ serial })),
  )
  // They are off the list, whether or not D1 can say which tokens are gone.
  return done(listed.ok ? listed.value.length : expired.length)
}

/** Answers the caller if they may withdraw everybody's logins, or those of the owners of these challenges. Sign-ins of administrators are
 *  withdrawn by the role `admin` alone, whatever else the caller may. */
async function authorizeWithdrawal(
  { tokens }: Ports,
  { authorizeFor, authorizeForAll }: OwnerAuthorization,
  challenges: readonly ListedChallenge[],
): Promise<Outcome<Caller>> {
  const unrestricted = authorizeForAll()
  if (challenges.length === 0) return unrestricted
  let caller: Outcome<Caller> = unrestricted
  for (const { serial } of challenges) {
    const token = await tokens.record(serial)
    if (!token.ok) return token
    const owner = token.value?.owner
    caller = unrestricted.ok && owner?.realm !== ADMINISTRATOR_REALM ? unrestricted : authorizeFor(owner)
    if (!caller.ok) return caller
  }
  return caller
}

async function findChallenges(
  ports: Ports,
  { serial, user, realm, transactionId }: ChallengeListRequest,
  { authorizeFor, authorizeForAll }: OwnerAuthorization,
): Promise<Outcome<readonly ListedChallenge[]>> {
  if (serial !== undefined) {
    const token = await ports.tokens.record(serial)
    if (!token.ok) return token
    if (token.value === undefined) return refuse({ reason: 'token_unknown' })
    const permitted = authorizeFor(token.value.owner)
    return permitted.ok ? ofTokens(ports, [token.value]) : permitted
  }
  if (user !== undefined) {
    const subject = await findSubject(ports, { user, realm })
    if (!subject.ok) return subject
    const permitted = authorizeFor(subject.value.owner)
    if (!permitted.ok) return permitted
    if (!subject.value.isUserKnown) return refuse({ reason: 'user_not_in_realm' })
    const tokens = await ofTokens(ports, subject.value.tokens)
    // A token that was deleted in the meantime has no challenges.
    return tokens.ok || tokens.refusal.reason !== 'token_unknown' ? tokens : done([])
  }
  const permitted = authorizeForAll()
  if (!permitted.ok) return permitted
  if (transactionId === undefined || transactionId.includes('*'))
    return ofExistingTokens(
      ports,
      (await askEach(ports, ports.transactions.all(), (shard) => shard.listChallenges({}))).flat(),
    )
  const login = await findTransaction(ports, transactionId)
  const found = login === undefined ? done([]) : await login.shard.listChallenges({ ids: [login.id] })
  return found.ok ? ofExistingTokens(ports, found.value) : found
}

/** Leaves out the challenges of tokens that are gone: a shard keeps what became of them for the audit. */
async function ofExistingTokens<Challenge extends Pick<ListedChallenge, 'serial'>>(
  { tokens }: Pick<Ports, 'tokens'>,
  challenges: readonly Challenge[],
): Promise<Outcome<readonly Challenge[]>> {
  if (challenges.length === 0) return done(challenges)
  const existing = await tokens.existing([...new Set(challenges.map(({ serial }) => serial))])
  return existing.ok ? done(challenges.filter(({ serial }) => existing.value.has(serial))) : existing
}

/** Calls the phone of each token that has one, then each shard once. */
async function ofTokens(ports: Ports, tokens: readonly Token[]): Promise<Outcome<readonly ListedChallenge[]>> {
  const registered = tokens.filter(({ phoneKey }) => phoneKey !== undefined)
  const serials: readonly Serial[] = registered.map(({ serial }) => serial)
  const rung = await Promise.all(registered.map(({ serial, home }) => ports.phones.of(serial, home).openRings()))
  const refused = rung.find((one) => !one.ok)
  if (refused?.ok === false) return refuse(refused.refusal)
  const ids = [...new Set(rung.flatMap((one) => (one.ok ? one.value : [])))]
  const groups = groupByShard(await Promise.all(ids.map((id) => ports.identifiers.locate(id))))
  const found = await askEach(ports, groups, ({ shard, ids: group }) =>
    ports.transactions.inShard(shard).listChallenges({ ids: group }),
  )
  return done(found.flat().filter((one) => serials.includes(one.serial)))
}

/** Asks all at once. A shard that fails contributes nothing, and the log says so. */
async function askEach<From, T>(
  { log }: Pick<Ports, 'log'>,
  list: readonly From[],
  ask: (one: From) => Promise<Outcome<T>>,
): Promise<readonly T[]> {
  const answers = await Promise.all(list.map(ask))
  return answers.flatMap((answer) => {
    if (answer.ok) return [answer.value]
    log('shard_failed', { error: answer.refusal.reason })
    return []
  })
}
