import type { DeliveryResult } from '../ports/delivery.ts'
import type { Ports } from '../ports/ports.ts'
import { type Challenge, isAnswerable, type Transaction } from '../rules/login/transaction.ts'
import { addSeconds, type Instant, type Seconds, seconds, type Serial, type TransactionId } from '../vocabulary.ts'
import type { LoginStore } from './login-store.ts'
import type { StepEvent } from '../vocabulary/login-steps.ts'
import type { Login } from './stored-login.ts'

/** A delivery that was running when the object restarted is tried again after this: longer than a delivery takes at most. */
const RESTART_DELAY = seconds(11)
const MAX_TRIES = 3
const QUARANTINE_RETRY = seconds(5)

/** Delivers a shard's prompts over FCM and releases holds at its phones. */
export class Courier {
  readonly #ports: Pick<Ports, 'delivery' | 'phones' | 'now' | 'log'>
  readonly #store: LoginStore

  constructor(ports: Pick<Ports, 'delivery' | 'phones' | 'now' | 'log'>, store: LoginStore) {
    this.#ports = ports
    this.#store = store
  }

  /** Starts what should have been done for a login by now. */
  runOverdue(login: Login): readonly Promise<unknown>[] {
    if (login.sequence !== undefined) return []
    const overdue = login.deliveries.filter(({ at }) => at <= this.#ports.now())
    const deliveries = overdue.map(({ serial }) => this.deliver(login.transaction.id, serial))
    return login.release.length > 0 ? [...deliveries, this.releaseHolds(login)] : deliveries
  }

  async deliver(id: TransactionId, serial: Serial): Promise<void> {
    const login = this.#store.get(id)
    if (login === undefined) return
    const outcome = await this.#try(login, serial)
    const after = this.#store.get(id)
    if (after === undefined || after.sequence !== undefined) return
    const next = withDelivery(after, outcome, this.#ports.now())
    // A success is not worth a row: if it is lost with the memory, the prompt is sent twice and the app shows it once.
    if (outcome.event.kind !== 'delivery_failed') return this.#store.keepInMemory(next)
    this.#store.save(next)
    this.#ports.log('delivery_failed', { transaction: id, serial, why: outcome.event.why })
  }

  /** Tries to deliver to one phone once, unless the phone can no longer answer. */
  async #try({ transaction, deliveries }: Login, serial: Serial): Promise<DeliveryOutcome> {
    const { delivery, now } = this.#ports
    const challenge = transaction.challenges.find((one) => one.serial === serial)
    const target = challenge?.delivery
    if (challenge === undefined || target === undefined || !isAnswerable(transaction, challenge, now()))
      return { serial, event: { kind: 'delivery_unneeded' } }
    const tries = (deliveries.find((one) => one.serial === serial)?.tries ?? 0) + 1
    const outcome = await delivery.deliver({
      ...target,
      transaction: transaction.id,
      prompt: challenge.prompt,
      validFor: seconds(Math.max(1, Math.round((transaction.answerBy - now()) / 1000))),
    })
    const { firebase } = target
    if (outcome.kind === 'delivered') return { serial, event: { kind: 'delivered', firebase } }
    const event = { kind: 'delivery_failed', why: outcome.why, firebase } as const
    const wait = await this.#waitAfter(outcome, target.registrationToken, serial)
    if (wait === undefined || tries >= MAX_TRIES) return { serial, event }
    const again = addSeconds(now(), seconds(wait * 2 ** (tries - 1)))
    return again < transaction.answerBy ? { serial, event, again } : { serial, event }
  }

  /** Returns how long to wait before the next try; undefined if there is none. The phone's object keeps that a registration token
   *  is gone; if it cannot be reached, the delivery is tried again, so that Google says so once more. */
  async #waitAfter(
    outcome: Exclude<DeliveryResult, { readonly kind: 'delivered' }>,
    registrationToken: string,
    serial: Serial,
  ): Promise<Seconds | undefined> {
    if (outcome.kind === 'later') return outcome.retryAfter
    if (outcome.kind === 'failed') return undefined
    const quarantine = { registrationToken, cause: outcome.why, at: this.#ports.now() }
    const kept = await this.#ports.phones.of(serial).quarantine(quarantine)
    return kept.ok ? undefined : QUARANTINE_RETRY
  }

  /** Returns the phones of a login whose delivery before has just failed, or will fail because sending is stopped. */
  doubtful({ challenges }: Transaction): readonly Serial[] {
    return challenges.flatMap(({ serial, delivery, state }) =>
      state === 'pending' && delivery !== undefined && this.#ports.delivery.hasJustFailed(delivery) ? [serial] : [],
    )
  }

  async releaseHolds(login: Login): Promise<void> {
    const { id } = login.transaction
    const released = await Promise.all(
      login.release.map((serial) => this.#ports.phones.of(serial).releaseHold({ transaction: id })),
    )
    const after = this.#store.get(id)
    if (after === undefined || after.sequence !== undefined || !released.every(({ ok }) => ok)) return
    this.#store.keepInMemory({ ...after, release: [] })
  }
}

/** Returns the deliveries of a new login: one for each phone that FCM is to reach. */
export const firstDeliveries = (challenges: readonly Challenge[], now: Instant): Login['deliveries'] =>
  challenges
    .filter((one) => one.delivery !== undefined && one.state === 'pending')
    .map(({ serial }) => ({ serial, tries: 0, at: addSeconds(now, RESTART_DELAY) }))

interface DeliveryOutcome {
  readonly serial: Serial
  readonly event: StepEvent & { readonly kind: 'delivered' | 'delivery_unneeded' | 'delivery_failed' }
  /** When to try again; absent after the last try. */
  readonly again?: Instant
}

/** Returns the login with this outcome among its steps, and the delivery removed or put off. */
function withDelivery(login: Login, outcome: DeliveryOutcome, now: Instant): Login {
  const before = login.deliveries.find(({ serial }) => serial === outcome.serial)
  if (before === undefined) return login
  const rest = login.deliveries.filter((one) => one !== before)
  return {
    ...login,
    deliveries:
      outcome.again === undefined ? rest : [...rest, { ...before, tries: before.tries + 1, at: outcome.again }],
    transaction: {
      ...login.transaction,
      steps: [...login.transaction.steps, { at: now, ...outcome.event, serial: outcome.serial }],
    },
  }
}
