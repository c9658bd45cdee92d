/** What the doctor looks at, and what it finds. */
import type { Instant } from '../vocabulary.ts'
import type { Swept } from './housekeeping.ts'

/** `skip`: there is nothing to look at. */
export const CHECK_STATES = ['ok', 'warn', 'fail', 'skip'] as const
export type CheckState = (typeof CHECK_STATES)[number]

/** How long D1 takes from here, and its clock. */
export interface DatabaseProbe {
  /** Milliseconds of one read: of the primary, and of the nearest copy. */
  readonly primary: number
  readonly nearest: number
  /** Where they answered, if D1 says so. */
  readonly primaryRegion?: string
  readonly nearestRegion?: string
  /** How far D1's clock is ahead of ours, in milliseconds. */
  readonly clockAhead: number
}

/** What Google answers to a message that it only checks. */
export interface FirebaseProbe {
  readonly project: string
  /** `ready`: account and project may send. Else why not, as in deliveries. */
  readonly result: 'ready' | (string & {})
  /** Whether it failed at the access token. */
  readonly isTokenRefused: boolean
  /** How far Google's clock is ahead of ours, in milliseconds, to the second; absent if Google has not said its time. */
  readonly clockAhead?: number
}

/** The hourly rounds of housekeeping. */
export interface RoundState {
  /** When they were last all done; absent if they never were, or an object of the version before has done them. */
  readonly endedAt?: Instant
  /** When the next ones begin. */
  readonly dueAt?: Instant
  /** The round that last failed, and when. */
  readonly failed?: { readonly round: string; readonly at: Instant }
  /** What the last daily sweep has deleted. */
  readonly swept?: Swept
}

/** How often something went wrong in one isolate. */
export interface ErrorCount {
  readonly event: string
  readonly count: number
  readonly lastAt: Instant
}
