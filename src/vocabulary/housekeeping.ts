import type { Instant } from '../vocabulary.ts'

/** The tables whose rows are deleted without a change of the catalogue, in this order: secrets after the keys they are of. */
export const SWEPT_TABLES = [
  'invitations',
  'bypass_codes',
  'void_sessions',
  'service_keys',
  'service_key_secrets',
  'policy_history',
  'token_realms',
  'token_info',
] as const
export type SweptTable = (typeof SWEPT_TABLES)[number]

/** In the audit, the action of the housekeeping that deletes an expired enrollment. */
export const EXPIRED_ENROLLMENT = 'expired enrollment'

/** Where the journal keeps what was swept last. */
export const SWEPT = 'sweep:last'

/** What the daily housekeeping has deleted: rows by table (tokens: expired enrollments). */
export interface Swept {
  readonly at: Instant
  readonly deleted: Readonly<Partial<Record<SweptTable | 'tokens', number>>>
}
