import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import { type Serial, SIGN_IN, type Source, type TransactionAddress, type TransactionId } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { type AuthorizedLogin, authorizeLogin, authorizeSubject, type LoginMethod } from './authorize-login.ts'
import { pinVerdicts, type PinVerdicts } from './checked-elsewhere.ts'
import { chooseTokens } from './choose-tokens.ts'
import { findRepeat } from './find-repeat.ts'
import type { LoginRequest, OpenedLogin } from './login-request.ts'
import { findLoginSubject } from './login-subject.ts'
import { newTransaction } from './transaction-address.ts'
import { waitForPhone, type Waiting } from './push-wait.ts'
import { ringOrJoin, type RungLogin } from './ring-or-join.ts'
import { storeLogin } from './store-login.ts'

/**
 * Opens a login and rings its phones; answers once the login is stored, whatever becomes of the delivery. On a warm isolate it
 * costs one D1 round trip, to the nearest replica; one call per phone; and one to the shard. Phones and shard refuse as
 * `stale` what a late replica told. A login that would be refused by a replica alone is opened again by the primary, under the same id.
 * `authorized`: the result of `authorizeLogin`, if the caller has it already. `authorize`: authorizes the login anew, by the primary.
 * Refuses: as `authorizeLogin`, `chooseTokens`, `ringOrJoin`, `storeLogin` and `waitForPhone`.
 */
export async function trigger(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  authorized?: AuthorizedLogin,
  authorize = (): Promise<Outcome<AuthorizedLogin>> =>
    ports.trace.step('login.read', () => authorizeLogin(ports, credential, source, request.subject, methodOf(request))),
): Promise<Outcome<OpenedLogin>> {
  const stored = await openByLatest(ports, credential, source, request, authorize, authorized)
  if (!stored.ok) return stored
  const { address, reply, waiting } = stored.value
  return waitForPhone(ports, address, reply, request, waiting)
}

/** A login that is stored, and is still to be waited for. */
interface StoredLogin {
  readonly address: TransactionAddress
  readonly reply: LoginReply
  readonly waiting: Waiting
}

async function openByLatest(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  authorize: () => Promise<Outcome<AuthorizedLogin>>,
  authorized: AuthorizedLogin | undefined,
): Promise<Outcome<StoredLogin>> {
  // Every try uses the same id: an attempt that a phone has counted under it is not counted twice.
  const address = await newTransaction(ports, source.region)
  const attempt: Attempt = { address, asked: new Set(), held: [], verdicts: pinVerdicts(ports) }
  const opened = await tryToOpen(ports, credential, source, request, authorize, authorized, attempt)
  if (!opened.ok) await releaseAll(ports, attempt.held)
  if (!opened.ok && opened.refusal.reason === 'pin_wrong')
    request.onWrongPin?.(async () => {
      await releaseAll(
        ports,
        [...attempt.asked].map((serial) => ({ serial, transaction: address.id })),
      )
    })
  return opened
}

async function tryToOpen(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  authorize: () => Promise<Outcome<AuthorizedLogin>>,
  authorized: AuthorizedLogin | undefined,
  attempt: Attempt,
): Promise<Outcome<StoredLogin>> {
  if (authorized === undefined && request.action !== SIGN_IN) {
    const opened = await openByNearest(ports, credential, source, request, attempt)
    if (opened !== undefined) return opened
  } else {
    const first = authorized === undefined ? await authorize() : done(authorized)
    if (!first.ok) return first
    const opened = await openLogin(ports, first.value, request, attempt)
    if (!isStale(opened)) return opened
  }

  // The replica was late, or a token changed after it was read and before its phone rang. The primary is read once, not in a loop.
  const second = await authorize()
  const reopened = second.ok ? await openLogin(ports, second.value, request, attempt) : second
  if (reopened.ok || reopened.refusal.reason !== 'stale') return reopened

  // A phone or the shard knows a later state than D1's primary: D1 may have been put back to an earlier one. If the journal finds that,
  // phones and shards believe D1 from now on.
  const checked = await ports.journal.check({ known: reopened.refusal.known })
  if (!checked.ok) return checked
  const third = await authorize()
  if (!third.ok) return third
  const last = await openLogin(ports, third.value, request, attempt)
  if (!isStale(last)) return last
  ports.log('phone_ahead_of_catalogue', {
    transaction: attempt.address.id,
    epoch: checked.value.epoch,
    revision: checked.value.revision,
  })
  return refuse({ reason: 'no_suitable_token' })
}

/** Refusals that a late replica does not cause, or causes without harm: the upstream goes on serving a user for a moment more. */
const NOT_BY_REPLICA: readonly Refusal['reason'][] = ['storage_unavailable', 'delivery_failed', 'served_upstream']

/** Opens the login by what the nearest replica tells. Undefined if the primary has to decide. */
async function openByNearest(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  attempt: Attempt,
): Promise<Outcome<StoredLogin> | undefined> {
  const subject = await ports.trace.step('login.read', () =>
    findLoginSubject(ports, request.subject, source, 'nearest'),
  )
  if (!subject.ok) return undefined
  const login = authorizeSubject(ports, credential, source, subject.value, methodOf(request))
  const opened = login.ok ? await openLogin(ports, login.value, request, attempt) : login
  if (opened.ok || NOT_BY_REPLICA.includes(opened.refusal.reason)) return opened
  return subject.value.isCurrent && !isStale(opened) ? opened : undefined
}

/** The tries to open one login. */
interface Attempt {
  readonly address: TransactionAddress
  /** The phones that an earlier try has asked to ring, which may hold an attempt. */
  readonly asked: Set<Serial>
  readonly verdicts: PinVerdicts
  /** The attempts that are held for a login whose PIN was right, but which its shard refused as stale. They are to be released unless
   *  a later try has rung. */
  held: readonly HeldAttempt[]
}

interface HeldAttempt {
  readonly serial: Serial
  readonly transaction: TransactionId
}

const releaseAll = ({ phones }: Pick<Ports, 'phones'>, held: readonly HeldAttempt[]): Promise<unknown> =>
  Promise.all(held.map(({ serial, transaction }) => phones.of(serial).releaseHold({ transaction })))

async function openLogin(
  ports: Ports,
  login: AuthorizedLogin,
  request: LoginRequest,
  attempt: Attempt,
): Promise<Outcome<StoredLogin>> {
  const { address: newAddress, asked, verdicts } = attempt
  const repeat = await findRepeat(ports, login, request, newAddress)
  if (!repeat.ok) return repeat
  const { address, isNamed, reply } = repeat.value
  if (reply !== undefined) return done({ address, reply, waiting: { canRepeat: true } })

  const now = ports.now()
  const tokens = await chooseTokens(ports, login, request, now)
  if (!tokens.ok) return tokens
  const chosen = new Set(tokens.value.map(({ token }) => token.serial))
  const dropped = [...asked].filter((serial) => !chosen.has(serial))
  for (const serial of chosen) asked.add(serial)
  const [ring] = await Promise.all([
    ports.trace.step('login.ring', () => ringOrJoin(ports, login, request, tokens.value, repeat.value, verdicts, now)),
    ...dropped.map((serial) => ports.phones.of(serial).releaseHold({ transaction: address.id })),
  ])
  // What this try holds, by the same id, is what counts.
  if (ring.ok || ring.refusal.reason === 'pin_wrong') attempt.held = []
  if (!ring.ok) return ring
  if (ring.value.kind === 'joined') return done({ ...ring.value, waiting: { hasJoined: true } })
  const { value: rung } = ring
  const [stored] = await Promise.all([
    ports.trace.step('login.store', () => storeLogin(ports, login, request, rung, now)),
    rung.counted,
  ])
  if (isStale(stored)) attempt.held = heldBy(rung)
  return stored.ok ? done({ ...stored.value, waiting: { canRepeat: isNamed } }) : stored
}

const heldBy = ({ address, tokens, release }: RungLogin): readonly HeldAttempt[] =>
  [...tokens.map(({ token }) => token.serial), ...release].map((serial) => ({ serial, transaction: address.id }))

const isStale = (outcome: Outcome<unknown>): boolean => !outcome.ok && outcome.refusal.reason === 'stale'

function methodOf({ action, pin }: LoginRequest): LoginMethod {
  if (action === SIGN_IN) return 'sign_in'
  return pin === undefined ? 'trigger' : 'pin'
}
