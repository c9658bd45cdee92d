import type { Mode, NamedToken, Seconds, Serial } from '../../vocabulary.ts'
import type { LoginStep } from '../../vocabulary/login-steps.ts'

/** What a service is answered when its login opens. */
export interface LoginReply {
  readonly challenges: readonly (NamedToken & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
    /** Ends the message where the phone has to be opened by hand. Absent in what the version before kept. */
    readonly hint?: string
  })[]
  readonly message: string
  /** Phones that nothing is sent to. Absent in what the version before kept. */
  readonly unreached?: readonly Serial[]
  /** Client modes, the most wanted first. */
  readonly preferredModes: readonly string[]
  /** How long the request waits for the phone. */
  readonly wait: Seconds
  /** Of the request that was answered so; absent in what the version before stored. */
  readonly digest?: string
  /** The answer was the error `delivery_failed` instead. */
  readonly undelivered?: true
}

/** Answers what the service of a login was answered, for a repeat of its request, with the hint for phones that could not be
 *  reached since; undefined if the request may not be repeated. */
export function loginReply({
  reply,
  steps,
}: {
  readonly reply?: LoginReply
  readonly steps: readonly LoginStep[]
}): LoginReply | undefined {
  if (reply === undefined) return undefined
  const hinted = withHints(reply, failedDeliveries(steps))
  return steps.some((step) => step.kind === 'withdrawn' && step.cause === 'delivery_failed')
    ? { ...hinted, undelivered: true }
    : hinted
}

/** The reply whose messages end in a hint, of phones that nothing is sent to and of those in `failed`. */
export function withHints(reply: LoginReply, failed: readonly Serial[]): LoginReply {
  const { unreached = [], challenges, message, ...rest } = reply
  const byHand = new Set([...unreached, ...failed])
  const hints = new Set(challenges.flatMap(({ serial, hint }) => (byHand.has(serial) && hint ? [hint] : [])))
  return {
    ...rest,
    message: message + [...hints].join(''),
    challenges: challenges.map(({ hint = '', ...one }) =>
      byHand.has(one.serial) ? { ...one, message: one.message + hint } : one,
    ),
  }
}

/** The phones to which the last delivery failed. */
export function failedDeliveries(steps: readonly LoginStep[]): readonly Serial[] {
  const hasFailed = new Map<Serial, boolean>()
  for (const { kind, serial } of steps)
    if (serial !== undefined && (kind === 'delivery_failed' || kind === 'delivered'))
      hasFailed.set(serial, kind === 'delivery_failed')
  return [...hasFailed].flatMap(([serial, failed]) => (failed ? [serial] : []))
}
