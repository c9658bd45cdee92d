import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { SIGN_IN, type Source, type TransactionAddress } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { type AuthorizedLogin, authorizeLogin, type LoginMethod } from './authorize-login.ts'
import { chooseTokens } from './choose-tokens.ts'
import { findRepeat } from './find-repeat.ts'
import type { LoginRequest, OpenedLogin } from './login-request.ts'
import { newTransaction } from './transaction-address.ts'
import { waitForPhone } from './push-wait.ts'
import { ringOrJoin } from './ring-or-join.ts'
import { storeLogin } from './store-login.ts'

/**
 * Opens a login and rings its phones; answers once the login is stored, whatever becomes of the delivery. On a warm isolate it
 * costs one D1 round trip, one call per phone and one to the shard. `authorized`: the result of `authorizeLogin`, where the
 * caller has it already. `authorize`: does it anew.
 * Refuses: as `authorizeLogin`, `chooseTokens`, `ringOrJoin`, `storeLogin` and `waitForPhone`.
 */
export async function trigger(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  authorized?: AuthorizedLogin,
  authorize = (): Promise<Outcome<AuthorizedLogin>> =>
    authorizeLogin(ports, credential, source, request.subject, methodOf(request)),
): Promise<Outcome<OpenedLogin>> {
  // The second try uses the same id: an attempt that a phone has counted under it is not counted twice.
  const address = await newTransaction(ports, source.region)
  const first = authorized === undefined ? await authorize() : done(authorized)
  if (!first.ok) return first
  const opened = await openLogin(ports, first.value, request, address)
  if (!isStale(opened)) return opened

  // A token changed after it was read and before its phone rang. It is read once more, not in a loop.
  const second = await authorize()
  if (!second.ok) return second
  const reopened = await openLogin(ports, second.value, request, address)
  if (reopened.ok || reopened.refusal.reason !== 'stale') return reopened

  // Its phone knows a later state than D1, and not because of a change just now: D1 may have been put back to an earlier one. If the
  // journal finds that, the phone believes D1 from now on.
  const checked = await ports.journal.check({ known: reopened.refusal.known })
  if (!checked.ok) return checked
  const third = await authorize()
  if (!third.ok) return third
  const last = await openLogin(ports, third.value, request, address)
  if (!isStale(last)) return last
  ports.log('phone_ahead_of_catalogue', { epoch: checked.value.epoch, revision: checked.value.revision })
  return refuse({ reason: 'no_suitable_token' })
}

async function openLogin(
  ports: Ports,
  login: AuthorizedLogin,
  request: LoginRequest,
  newAddress: TransactionAddress,
): Promise<Outcome<OpenedLogin>> {
  const repeat = await findRepeat(ports, login, request, newAddress)
  if (!repeat.ok) return repeat
  const { address, isNamed, reply } = repeat.value
  if (reply !== undefined) return waitForPhone(ports, address, reply, request, { canRepeat: true })

  const now = ports.now()
  const tokens = chooseTokens(login, request, now)
  if (!tokens.ok) return tokens
  const ring = await ringOrJoin(ports, login, request, tokens.value, repeat.value, now)
  if (!ring.ok) return ring
  if (ring.value.kind === 'joined')
    return waitForPhone(ports, ring.value.address, ring.value.reply, request, { hasJoined: true })
  const [stored] = await Promise.all([storeLogin(ports, login, request, ring.value, now), ring.value.counted])
  if (!stored.ok) return stored
  return waitForPhone(ports, stored.value.address, stored.value.reply, request, { canRepeat: isNamed })
}

const isStale = (outcome: Outcome<unknown>): boolean => !outcome.ok && outcome.refusal.reason === 'stale'

function methodOf({ action, pin }: LoginRequest): LoginMethod {
  if (action === SIGN_IN) return 'sign_in'
  return pin === undefined ? 'trigger' : 'pin'
}
