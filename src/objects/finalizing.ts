import type { Ports } from '../ports/ports.ts'
import type { FinalizeRequest, TransactionsObject } from '../ports/transactions-object.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { belongsTo, claim, finalizedLogin, finalizedToken, markFinalized } from '../rules/login/finalizing.ts'
import { hearSuccess } from '../rules/login/joining.ts'
import { type FinalizedLogin, tokenOf, type Transaction } from '../rules/login/transaction.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'
import { approvingApp } from './answers.ts'
import type { LoginStore } from './login-store.ts'

/** Finalizes the shard's logins, each once. */
export class Finalizer implements Pick<TransactionsObject, 'finalize'> {
  readonly #ports: Ports
  readonly #store: LoginStore
  readonly #background: (work: Promise<unknown>) => void
  /** In memory only: if the object restarts in the middle, the login is still accepted and can be finalized again. */
  readonly #running = new Map<TransactionId, Promise<unknown>>()

  constructor(ports: Ports, store: LoginStore, background: (work: Promise<unknown>) => void) {
    this.#ports = ports
    this.#store = store
    this.#background = background
  }

  /** One request at a time for each login: the second finds the login finalized, or still accepted. */
  async finalize(request: FinalizeRequest): Promise<Outcome<FinalizedLogin>> {
    const { id } = request
    for (let running = this.#running.get(id); running !== undefined; running = this.#running.get(id)) await running
    const outcome = this.#finalize(request)
    const end = (): unknown => this.#running.delete(id)
    this.#running.set(id, outcome.then(end, end))
    return outcome
  }

  async #finalize(request: FinalizeRequest): Promise<Outcome<FinalizedLogin>> {
    const { id, entry } = request
    const login = this.#store.get(id)
    if (login === undefined || !belongsTo(login.transaction, request)) return refuse({ reason: 'transaction_unknown' })
    if (login.transaction.keyHash === undefined && !request.admitted) return refuse({ reason: 'service_key_required' })
    const earlier = finalizedToken(login.transaction, request.attempt)
    if (earlier !== undefined) return done(finalizedLogin(login.transaction, earlier))
    // A key that has been revoked meanwhile hears nothing.
    const attempt = request.admitted ? request.attempt : undefined
    const heard = hearSuccess(login.transaction, attempt, this.#ports.now())
    if (heard !== undefined) {
      this.#store.save({ ...login, transaction: heard.transaction })
      return done(finalizedLogin(heard.transaction, heard.token))
    }
    const claimed = claim(login.transaction, entry, this.#ports.now(), request.origin)
    if (!claimed.ok) return claimed.refusal.reason === 'transaction_unknown' ? USED_UP : claimed
    const { token } = claimed.value
    const phone = this.#ports.phones.of(token.serial)
    if (claimed.value.kind === 'wrong_code') {
      this.#store.save({ ...login, transaction: claimed.value.transaction })
      this.#background(phone.countFailure({ transaction: id, serviceKey: login.transaction.service }))
      return refuse({ reason: 'not_accepted', tokens: login.transaction.challenges.map(tokenOf) })
    }

    const allowed = await finalizeOnPhone(this.#ports, login.transaction, token.serial)
    if (!allowed.ok) return allowed
    // The login may have been withdrawn meanwhile: it is decided once more, and written before the next await.
    const after = this.#store.get(id)
    const again = after === undefined ? undefined : claim(after.transaction, entry, this.#ports.now())
    if (after === undefined || again?.ok !== true || again.value.kind === 'wrong_code') return USED_UP
    const transaction = markFinalized(after.transaction, token.serial, this.#ports.now(), request)
    this.#store.save({ ...after, transaction })
    this.#background(resetOtherTokens(this.#ports, after.transaction, token.serial))
    return done(finalizedLogin(after.transaction, token))
  }
}

const USED_UP = refuse({ reason: 'transaction_unknown', isCallers: true })

/** Reserves the login's quota, where policy sets one, and asks the phone to finalize, which records the success there.
 *  Refuses: `logins_limited`, and as the phone's `finalize`. */
async function finalizeOnPhone(
  { phones, counters }: Pick<Ports, 'phones' | 'counters'>,
  login: Transaction,
  serial: Serial,
): Promise<Outcome<void>> {
  const { id, challenges, owner, openedAt } = login
  const quota = login.successEffects?.quota
  const counter = quota && counters.of(quota.counter)
  // Another login of the same id counts as well: an `Idempotency-Key` may be used again.
  const event = `${id}@${openedAt}`
  const reserved = quota && (await counter?.reserve({ name: quota.name, id: event, quota }))
  if (reserved?.ok === false) return refuse(reserved.refusal)
  if (quota !== undefined && reserved?.value === false)
    return refuse({ reason: 'logins_limited', outcome: 'successful', most: quota.most, window: quota.within })
  const challenge = challenges.find((one) => one.serial === serial)
  const { phoneKey = '', revision, epoch, objectNumber, answeredFrom: from } = challenge ?? {}
  const app = approvingApp(login, serial)
  const opened = { epoch, revision, owner }
  const phone = phones.of(serial, undefined, objectNumber)
  const outcome = await phone.finalize({ transaction: id, phoneKey, opened, app, ...present({ from }) })
  if (outcome.ok) return done(undefined)
  // If this call is lost the reservation stays: rather one login too few than one too many.
  if (quota !== undefined) await counter?.cancelReservation({ name: quota.name, id: event })
  // A copy: returning another object's reply as it came would keep this call open until our caller lets go of it.
  return refuse(outcome.refusal)
}

/** Resets the failed attempts of the owner's other tokens, where policy says so. Never throws. */
async function resetOtherTokens(
  { phones, log }: Pick<Ports, 'phones' | 'log'>,
  { id, successEffects }: Transaction,
  serial: Serial,
): Promise<void> {
  const others = (successEffects?.resets ?? []).filter((one) => one !== serial)
  const outcomes = await Promise.allSettled(others.map((one) => phones.of(one).resetAttempts({ keepsGuesses: true })))
  for (const one of outcomes)
    if (one.status === 'rejected') log('reset_failed', { transaction: id, error: String(one.reason) })
}
