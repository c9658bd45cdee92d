import type { Delivery } from '../ports/ports.ts'
import type { Challenge } from '../rules/transaction.ts'
import { isAnswerable } from '../rules/transaction.ts'
import type { Instant, Serial } from '../vocabulary.ts'
import { instant, seconds } from '../vocabulary.ts'
import type { Login } from './shelf.ts'

/** A delivery that was under way when the object went is taken up again after so long: longer than FCM is waited for. */
const TAKEN_UP_AFTER_MS = 11_000
const TRIES = 3

/** The deliveries a new login needs: one for each phone that may be rung. */
export const firstDeliveries = (challenges: readonly Challenge[], now: Instant): Login['deliveries'] =>
  challenges
    .filter((one) => one.delivery !== undefined && one.state === 'pending')
    .map(({ serial }) => ({ serial, tries: 0, at: instant(now + TAKEN_UP_AFTER_MS) }))

export interface DeliveryOutcome {
  readonly serial: Serial
  readonly what: string
  readonly failed: boolean
  /** When to try again; absent when this was the last word. */
  readonly again?: Instant
}

/** One try at one phone. Not tried when the phone can no longer answer. */
export async function deliver(
  delivery: Delivery,
  login: Login,
  serial: Serial,
  now: () => Instant,
): Promise<DeliveryOutcome> {
  const { transaction } = login
  const challenge = transaction.challenges.find((one) => one.serial === serial)
  const target = challenge?.delivery
  if (challenge === undefined || target === undefined || !isAnswerable(transaction, challenge, now()))
    return { serial, what: 'delivery no longer needed', failed: false }
  const tries = (login.deliveries.find((one) => one.serial === serial)?.tries ?? 0) + 1
  const outcome = await delivery.deliver({
    ...target,
    prompt: challenge.prompt,
    validFor: seconds(Math.max(1, Math.round((transaction.answerBy - now()) / 1000))),
  })
  if (outcome.kind === 'delivered') return { serial, what: 'delivered', failed: false }
  const what = `delivery failed: ${outcome.why}`
  if (outcome.kind === 'failed' || tries >= TRIES) return { serial, what, failed: true }
  const again = instant(now() + outcome.retryAfter * 1000 * 2 ** (tries - 1))
  return again < transaction.answerBy ? { serial, what, failed: true, again } : { serial, what, failed: true }
}

/** The login with this outcome in its timeline, its delivery done or put off. */
export function noted(login: Login, outcome: DeliveryOutcome, now: Instant): Login {
  const before = login.deliveries.find(({ serial }) => serial === outcome.serial)
  if (before === undefined) return login
  const rest = login.deliveries.filter((one) => one !== before)
  return {
    ...login,
    deliveries:
      outcome.again === undefined ? rest : [...rest, { ...before, tries: before.tries + 1, at: outcome.again }],
    transaction: {
      ...login.transaction,
      steps: [...login.transaction.steps, { at: now, what: outcome.what, serial: outcome.serial }],
    },
  }
}

/** Returns when the work is done, or the time is over. */
export async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const over = new AbortController()
  const late = scheduler.wait(milliseconds, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work, late])
  over.abort()
}
