import type { DeliveryResult, Ports } from '../ports/ports.ts'
import type { Challenge } from '../rules/login/transaction.ts'
import { isAnswerable } from '../rules/login/transaction.ts'
import type { Instant, Seconds, Serial, TransactionId } from '../vocabulary.ts'
import { instant, seconds } from '../vocabulary.ts'
import type { LoginStore } from './login-store.ts'
import type { LoginStep, StepEvent } from '../vocabulary/login-steps.ts'
import type { Login } from './login-rows.ts'

/** A delivery that was under way when the object went is taken up again after so long: longer than FCM is waited for. */
const TAKEN_UP_AFTER_MS = 11_000
const TRIES = 3
const QUARANTINE_RETRY = seconds(5)

/** What a shard has to bring to phones: prompts to deliver, and held attempts to release. */
export class Courier {
  readonly #ports: Pick<Ports, 'delivery' | 'phones' | 'now' | 'log'>
  readonly #store: LoginStore

  constructor(ports: Pick<Ports, 'delivery' | 'phones' | 'now' | 'log'>, store: LoginStore) {
    this.#ports = ports
    this.#store = store
  }

  /** All that should have been done for a login by now. */
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
    const next = noted(after, outcome, this.#ports.now())
    // One that went well is not worth a row: if memory is lost the prompt is sent twice, and the app shows it once.
    if (outcome.event.kind !== 'delivery_failed') return this.#store.keepInMemory(next)
    this.#store.save(next)
    this.#ports.log('delivery_failed', { serial, why: outcome.event.why })
  }

  /** One try at one phone. Not tried when the phone can no longer answer. */
  async #try({ transaction, deliveries }: Login, serial: Serial): Promise<DeliveryOutcome> {
    const { delivery, now } = this.#ports
    const challenge = transaction.challenges.find((one) => one.serial === serial)
    const target = challenge?.delivery
    if (challenge === undefined || target === undefined || !isAnswerable(transaction, challenge, now()))
      return { serial, event: { kind: 'delivery_unneeded' } }
    const tries = (deliveries.find((one) => one.serial === serial)?.tries ?? 0) + 1
    const outcome = await delivery.deliver({
      ...target,
      prompt: challenge.prompt,
      validFor: seconds(Math.max(1, Math.round((transaction.answerBy - now()) / 1000))),
    })
    if (outcome.kind === 'delivered') return { serial, event: { kind: 'delivered' } }
    const event = { kind: 'delivery_failed', why: outcome.why } as const
    const wait = await this.#waitAfter(outcome, target.registrationToken, serial)
    if (wait === undefined || tries >= TRIES) return { serial, event }
    const again = instant(now() + wait * 1000 * 2 ** (tries - 1))
    return again < transaction.answerBy ? { serial, event, again } : { serial, event }
  }

  /** How long to wait before the next try, if there is to be one. A registration token that reaches nobody is the Phone's to
   *  remember: where it cannot be told, Google is asked once more. */
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

/** The deliveries a new login needs: one for each phone that may be rung. */
export const firstDeliveries = (challenges: readonly Challenge[], now: Instant): Login['deliveries'] =>
  challenges
    .filter((one) => one.delivery !== undefined && one.state === 'pending')
    .map(({ serial }) => ({ serial, tries: 0, at: instant(now + TAKEN_UP_AFTER_MS) }))

interface DeliveryOutcome {
  readonly serial: Serial
  readonly event: StepEvent & { readonly kind: 'delivered' | 'delivery_unneeded' | 'delivery_failed' }
  /** When to try again; absent when this was the last word. */
  readonly again?: Instant
}

/** The phones that a try to deliver to has failed. */
export const failedDeliveries = (steps: readonly LoginStep[]): readonly Serial[] =>
  steps.flatMap(({ kind, serial }) => (kind === 'delivery_failed' && serial !== undefined ? [serial] : []))

/** The login with this outcome in its timeline, its delivery done or put off. */
function noted(login: Login, outcome: DeliveryOutcome, now: Instant): Login {
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
