/** Nouns of the reports of logins. */
import type { Withdrawal } from './login-steps.ts'

/** What became of a login. */
export const LOGIN_OUTCOMES = [
  /** Finalized. */
  'accepted',
  /** Accepted by the phone, and not finalized by its service. */
  'unfinished',
  'declined',
  /** Declined as somebody else's. */
  'not_me',
  /** Declined as one's own: "me, but stop". */
  'cancelled',
  'expired',
  /** Withdrawn, or the number or code was wrong. */
  'failed',
  /** A phone was enrolled in it. */
  'enrolled',
  /** Refused before it opened. */
  'refused',
  /** By a bypass code. */
  'bypass',
  /** Without a token, by policy. */
  'tokenless',
] as const
export type LoginOutcome = (typeof LOGIN_OUTCOMES)[number]

/** The steps of a login whose time is measured. */
export const TIMED_STEPS = [
  /** From the service's request until the login is stored. */
  'trigger',
  /** From then until FCM has replied. */
  'delivery',
  /** From then until the phone's poll has fetched the prompt. */
  'fetch',
  /** From when the phone has the prompt until it answers. */
  'human',
  /** From the phone's answer until it is stored. */
  'answer',
  /** From then until the service asks to finalize. */
  'wake',
  /** From then until the login is finalized. */
  'finalize',
  /** Nod's own time in all: trigger, delivery, answer and finalize. */
  'system',
] as const
export type TimedStep = (typeof TIMED_STEPS)[number]

/** The upper bounds of the histograms' buckets, in milliseconds; the last bucket has none. Fixed, so that counts of any time and shard
 *  add up. */
export const BUCKET_BOUNDS = [
  5, 10, 25, 50, 100, 150, 250, 500, 750, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000,
] as const

/** Numbers by name: `outcome/accepted`, `refused/pin_wrong`, `step/trigger/100`, `delivery/fcm/delivered`, `ring/paused`. The names
 *  stand in docs/storage.md. */
export type Counts = Readonly<Record<string, number>>

/** What one record of the audit adds to the counts. */
export interface RecordCounts {
  /** Name of the service key; empty: none. */
  readonly service: string
  /** How the phone was asked; empty where none was. */
  readonly mode: string
  readonly counts: Counts
}

/** Why a login was refused before it opened, or how it was let in without a phone. */
export interface UnopenedLogin {
  readonly outcome: 'refused' | 'tokenless'
  /** A reason of `refusal.ts`. */
  readonly reason?: string
  readonly service?: string
}

/** Why a login that was opened went as it did, or `refused`: of each there is a sentence, and what to do
 *  (`protocol/login/login-explanations.ts`). */
export type LoginExplanation =
  | 'open'
  | Exclude<LoginOutcome, 'expired' | 'failed'>
  /** Nobody answered: nothing is known of why. */
  | 'expired'
  /** The push firewall kept the phone from ringing. */
  | 'not_rung'
  /** FCM did not take the prompt, and the phone did not fetch it. */
  | 'undelivered'
  /** The phone polls only, and did not. */
  | 'not_fetched'
  /** The phone had the prompt. */
  | 'unanswered'
  | 'wrong_number'
  | `withdrawn/${Withdrawal['cause']}`
