import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type LoginReply, withHints } from '../../rules/login/login-reply.ts'
import { type Instant, seconds, type TransactionAddress, type TransactionId } from '../../vocabulary.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import { composeLogin } from './compose-login.ts'
import { composeReply, undeliverable } from './compose-reply.ts'
import { earlierReply } from './find-repeat.ts'
import type { LoginRequest } from './login-request.ts'
import { newTransaction } from './transaction-address.ts'
import type { RungLogin } from './ring-or-join.ts'

/** Longest wait for the delivery's outcome if the caller wants a failed delivery as an error. */
const EXCEPTION_WAIT = seconds(3)
const SHARDS_TRIED = 3

interface StoredLogin {
  readonly address: TransactionAddress
  readonly reply: LoginReply
}

/**
 * Signs the prompts, stores the login and answers its reply. If the shard is full, the login moves to another one under a new
 * id: its prompts are signed anew, and its rings move along.
 * Refuses: `stale` if the shard knows of newer settings; `delivery_failed`, with `exception`; `no_suitable_token` if all its tokens were withdrawn meanwhile;
 * `storage_unavailable`.
 */
export async function storeLogin(
  ports: Ports,
  login: AuthorizedLogin,
  request: LoginRequest,
  rung: RungLogin,
  now: Instant,
): Promise<Outcome<StoredLogin>> {
  const { digest, release } = rung
  const deliveryWait = request.exception ? EXCEPTION_WAIT : ports.limits.deliveryWait
  let { address } = rung
  for (let tried = 1; ; tried += 1) {
    const { id } = address
    const composed = await composeLogin(ports, login, request, { ...rung, id }, now)
    if (!composed.ok) {
      await releaseHolds(ports, rung, id)
      return composed
    }
    const shard = ports.transactions.of(address)
    const { transaction } = composed.value
    const reply = digest === undefined ? undefined : { ...composeReply(composed.value, rung), digest }
    const { settings, isCurrent } = login.subject
    const opened = await shard.open({
      transaction: { ...transaction, reply },
      release,
      deliveryWait,
      settings,
      isCurrent,
      ...present({ receivedAt: login.source.receivedAt }),
    })
    if (!opened.ok && opened.refusal.reason === 'stale') {
      // The next try rings under the first id, and releases what is to be released.
      if (address !== rung.address) await releaseHolds(ports, rung, id)
      return opened
    }
    if (opened.ok) {
      const { undelivered, unconfirmed = [], withdrawn } = opened.value
      const isUndelivered = undeliverable(composed.value, rung).some(({ isAddressed }) => !isAddressed)
      if (request.exception && (isUndelivered || undelivered.length > 0)) {
        await shard.withdraw({ id, withdrawal: { cause: 'delivery_failed' } })
        return refuse({ reason: 'delivery_failed' })
      }
      const answered = withHints(composeReply(composed.value, rung, withdrawn), [...undelivered, ...unconfirmed])
      return answered.challenges.length === 0
        ? refuse({ reason: 'no_suitable_token' })
        : done({ address, reply: answered })
    }

    // The same request may have stored its login under this id before.
    const earlier = digest === undefined ? undefined : await earlierReply(ports, address, digest)
    if (earlier?.ok === true && earlier.value !== undefined) return done({ address, reply: earlier.value })
    const isFull = opened.refusal.reason === 'shard_full' || opened.refusal.reason === 'id_taken'
    const next = isFull && tried < SHARDS_TRIED ? await moveRings(ports, login, rung, id) : undefined
    if (next === undefined) {
      // Whether it was stored is unknown. It must not ring on while nobody knows of it, unless a repeat may join it.
      if (!isFull && digest === undefined) await shard.withdraw({ id, withdrawal: { cause: 'opening_unconfirmed' } })
      await releaseHolds(ports, rung, id)
      return UNSTORED
    }
    address = next
  }
}

const UNSTORED = refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })

/** Moves the rings and holds to a new login, which is answered; undefined if a phone could not be reached. */
async function moveRings(
  ports: Ports,
  { source }: AuthorizedLogin,
  { tokens, release }: RungLogin,
  id: TransactionId,
): Promise<TransactionAddress | undefined> {
  const next = await newTransaction(ports, source.region)
  const serials = [...tokens.map(({ token }) => token.serial), ...release]
  const moved = await Promise.all(serials.map((serial) => ports.phones.of(serial).moveRing({ from: id, to: next.id })))
  return moved.every(({ ok }) => ok) ? next : undefined
}

/** Releases the attempts held at phones with another PIN: the PIN was right, though no login comes of it. */
const releaseHolds = ({ phones }: Ports, { release }: RungLogin, transaction: TransactionId): Promise<unknown> =>
  Promise.all(release.map((serial) => phones.of(serial).releaseHold({ transaction })))
