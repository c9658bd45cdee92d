/** What the Durable Object of a counter is asked: events counted by name, in windows, which make a name wait, and against
 *  quotas. */
import type { Quota, QuotaEvent } from '../rules/deployment/quota.ts'
import type { WindowRule } from '../rules/deployment/window.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import { type ObjectOf, verb } from './object-verbs.ts'

export interface CountRequest {
  /** A digest in hexadecimal. Names whose digests end with the same three digits are counted together. */
  readonly name: string
  readonly rule: WindowRule
  /** A digest of the network the event came from. Events from a network that `forget` knows are counted there alone. */
  readonly place?: string
}

/** One event against a quota, known by its id: the same id counts once. */
interface QuotaRequest {
  readonly name: string
  readonly id: string
}

/** What is counted of some names. */
export interface CountedNames {
  /** Counted events, those from known places included. */
  readonly events: number
  /** When the next event may happen; absent: now. */
  readonly waitsUntil?: Instant
  /** How many networks are known. */
  readonly places: number
  /** Logins that count against quotas, by the quota's name. */
  readonly quotas: Readonly<Record<string, readonly QuotaEvent[]>>
}

/** An object of the version before answers nothing. */
export interface ForgottenEvents {
  /** The place was not known until now. */
  readonly isNewPlace: boolean
}

export const COUNTER_VERBS = {
  /** Counts the event unless its name has to wait. Answers how long it has to wait; 0: the event was counted. */
  count: verb<CountRequest, Seconds>('refuse'),
  /** Takes back one event that `count` counted. */
  uncount: verb<CountRequest, void>('refuse'),
  /** Forgets the events of a name that somebody has. From now on `place` is known for it, for a month. */
  forget: verb<{ readonly name: string; readonly place?: string }, ForgottenEvents | undefined>('repeat'),
  /** Counts the event against the quota, if there is room. Answers whether there was. */
  reserve: verb<QuotaRequest & { readonly quota: Quota }, boolean>('repeat'),
  /** Takes back what `reserve` counted. */
  cancelReservation: verb<QuotaRequest, void>('repeat'),
  /** Answers whether the quota has room for one more event. Counts nothing. */
  hasRoom: verb<{ readonly name: string; readonly quota: Quota }, boolean>('repeat'),
  /** Answers what is counted of these names, in windows and against quotas. */
  describe: verb<{ readonly names: readonly string[] }, CountedNames>('repeat'),
  /** Deletes everything that is kept of these names: events, waits, places, quotas. */
  eraseNames: verb<{ readonly names: readonly string[] }, void>('repeat'),
} as const

export type CounterObject = ObjectOf<typeof COUNTER_VERBS>

/** The request of one of these verbs. */
export type RequestOf<Name extends keyof CounterObject> = Parameters<CounterObject[Name]>[0]
