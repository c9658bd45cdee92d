import type { Mode, NamedToken, Seconds } from '../../vocabulary.ts'
import type { LoginStep } from '../../vocabulary/login-steps.ts'

/** What a service is answered when its login opens. */
export interface LoginReply {
  readonly challenges: readonly (NamedToken & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
  })[]
  readonly message: string
  /** Client modes, the most wanted first. */
  readonly preferredModes: readonly string[]
  /** How long the request waits for the phone. */
  readonly wait: Seconds
  /** Of the request that was answered so; absent in what the version before stored. */
  readonly digest?: string
  /** The answer was the error `delivery_failed` instead. */
  readonly undelivered?: true
}

/** Answers what the service of a login was answered, for a repeat of its request; undefined if the request may not be repeated. */
export const loginReply = ({
  reply,
  steps,
}: {
  readonly reply?: LoginReply
  readonly steps: readonly LoginStep[]
}): LoginReply | undefined =>
  reply && steps.some((step) => step.kind === 'withdrawn' && step.cause === 'delivery_failed')
    ? { ...reply, undelivered: true }
    : reply
