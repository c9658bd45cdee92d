import type { Mode, NamedToken, Seconds } from '../../vocabulary.ts'
import type { Transaction } from './transaction.ts'

/** What a service was told when its login opened. */
export interface LoginReply {
  readonly challenges: readonly (NamedToken & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
  })[]
  readonly message: string
  readonly preferredModes: readonly string[]
  /** How long the request waits for the phone. */
  readonly wait: Seconds
  /** Of the request that was told so; absent in what the version before kept. */
  readonly digest?: string
  /** It was told nothing of this, but that a phone is not reached. */
  readonly undelivered?: true
}

/** What the service of a login was told, where its request may be repeated, and is told again. */
export const loginReply = ({ reply, steps }: Pick<Transaction, 'reply' | 'steps'>): LoginReply | undefined =>
  reply && steps.some((step) => step.kind === 'withdrawn' && step.cause === 'delivery_failed')
    ? { ...reply, undelivered: true }
    : reply
