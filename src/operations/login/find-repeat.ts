import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { Bytes, Caller, Region, Source, TransactionId } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import type { RingSummary } from './ring.ts'
import type { TriggerRequest } from './trigger.ts'

// A request that is repeated joins the login it opened only where its caller says that it is the same one: whoever could
// join by anything less would ride on another's approval.

/** What a request's id is made of where it may be repeated: the same for the same request under the same
 *  `Idempotency-Key` of the same caller, PIN and all. A caller whom nobody knows cannot repeat: another could. */
export async function idempotencySeed(
  { identifiers }: Pick<Ports, 'identifiers'>,
  caller: Caller,
  request: TriggerRequest,
): Promise<Bytes | undefined> {
  const { idempotencyKey } = request
  if (idempotencyKey === undefined || caller.kind === 'nobody' || caller.kind === 'user') return undefined
  const whose = caller.kind === 'service' ? caller.keyHash : caller.name
  return identifiers.digest(JSON.stringify([idempotencyKey, caller.kind, whose, ...wholeOf(request)]))
}

/** What tells a request from every other: all that it asks. */
const wholeOf = ({ route, subject: { user, realm, serial }, pin, exception, type }: TriggerRequest) =>
  [route, user, realm, serial, pin?.given, exception, type].map((part) => part ?? null)

/** The digest of a request that comes from an end user's address, as a service tells it that is believed: the same request of
 *  that service for somebody at the same address is the same login, if it comes within ten seconds. */
export async function repeatDigest(
  { identifiers }: Pick<Ports, 'identifiers'>,
  caller: Caller,
  from: Source,
  source: Source,
  request: TriggerRequest,
): Promise<string | undefined> {
  if (source.address === from.address || caller.kind === 'user') return undefined
  const whose = caller.kind === 'service' ? caller.keyHash : caller.kind === 'nobody' ? from.address : caller.name
  const whole = ['address', source.address, caller.kind, whose, ...wholeOf(request)]
  return encodeHex(await identifiers.digest(JSON.stringify(whole)))
}

/** What the login was told that this request joins, if that is open still; its phones are rung no more for this one. It may
 *  not have opened yet, by a moment. */
export async function joinLogin(
  { phones, transactions }: Pick<Ports, 'phones' | 'transactions'>,
  id: TransactionId,
  { tokens, release, joins }: RingSummary,
): Promise<Outcome<LoginReply | undefined>> {
  if (joins === undefined) return done(undefined)
  await Promise.all([
    ...tokens.slice(1).map(({ token }) => phones.of(token.serial).moveRing({ from: id, to: joins })),
    ...release.map((serial) => phones.of(serial).releaseHold({ transaction: id })),
  ])
  const shard = await transactions.of(joins)
  return shard === undefined ? done(undefined) : replyWhileOpen(shard, joins, OPENING_TRIES)
}

async function replyWhileOpen(
  shard: TransactionsObject,
  id: TransactionId,
  tries: number,
): Promise<Outcome<LoginReply | undefined>> {
  const status = await shard.status({ id, wait: seconds(0) })
  if (!status.ok) return status
  if (status.value === 'pending') return shard.loginReply({ id })
  if (tries <= 1) return done(undefined)
  await scheduler.wait(OPENING_MS)
  return replyWhileOpen(shard, id, tries - 1)
}
const OPENING_TRIES = 5
const OPENING_MS = 50

/** The id of a new login, in the region its caller is in: an object elsewhere would be far from all who use it. The same for
 *  the same seed, from the same region: requests are repeated from where they were made. */
export function newTransactionId(
  { identifiers, limits, random }: Pick<Ports, 'identifiers' | 'limits' | 'random'>,
  region: Region,
  seed?: Bytes,
): Promise<TransactionId> {
  const number = (seed ?? random(1)).at(-1) ?? 0
  return identifiers.draw({ region, number: number % limits.shards }, seed)
}

/** What the login was told when it opened, if it has, and by this request: an id alone is short enough for two logins to draw
 *  the same one. */
export async function earlierReply(
  { transactions }: Pick<Ports, 'transactions'>,
  id: TransactionId,
  digest: string,
): Promise<Outcome<LoginReply | undefined>> {
  const reply = await (await transactions.of(id))?.loginReply({ id })
  if (reply?.ok !== true) return reply ?? done(undefined)
  // The version before kept no digest.
  return done((reply.value?.digest ?? digest) === digest ? reply.value : undefined)
}
