/** Nouns of the metrics. */
import type { Instant } from '../vocabulary.ts'

/** The label of all services beyond the first two hundred. No service key can have this name. */
export const OTHER_SERVICES = '(others)'

/** Numbers that only rise, by name: `counterName`. */
export type Counters = Readonly<Record<string, number>>

/** What a counter counts, with the values of its labels: a login by outcome, service and mode; a refused request by reason; a try to
 *  deliver by Firebase configuration and result; an error by the event of its log line; a ring by cause and whether the push firewall was `on` or in `shadow`; a step by name,
 *  region and bucket (or `sum`, milliseconds). */
export type CounterName =
  | readonly ['login', outcome: string, service: string, mode: string]
  | readonly ['refusal', reason: string]
  | readonly ['delivery', firebase: string, result: string]
  | readonly ['error', event: string]
  | readonly ['ring', cause: string, firewall: 'on' | 'shadow']
  | readonly ['step', step: string, region: string, bucket: string]

export const counterName = (...name: CounterName): string => JSON.stringify(name)
export const readCounterName = (name: string): CounterName => JSON.parse(name) as CounterName

/** What the metrics say of the deployment at the moment. */
export interface Gauges {
  /** Links of the audit's chain whose counts are not added up yet. */
  readonly linksWaiting: number
  /** Shards that have opened logins. */
  readonly shards: number
  /** Those of them that do not know the newest settings. */
  readonly shardsBehind: number
  readonly webhookEventsWaiting: number
  /** Restores of D1 that nobody has dealt with. */
  readonly restoresOpen: number
  /** When the rounds of housekeeping were last all done. */
  readonly roundsEndedAt?: Instant
  /** When a round last failed. */
  readonly roundFailedAt?: Instant
}

export interface Metrics {
  readonly counters: Counters
  readonly gauges: Gauges
}
