/** Reports on phones: which of them push reaches. */
import type { Outcome } from '../refusal.ts'
import type { PhoneLine, UnreachedCause } from '../vocabulary/phones.ts'
import type { UserCandidate } from './subjects.ts'

/** Phones with an enrolled token that is not revoked. */
export interface PhoneFilter {
  readonly serial?: string
  readonly app?: string
  readonly owner?: UserCandidate
  readonly cause: UnreachedCause | 'unreached' | 'any'
  /** Only phones of users in these realms, in lines and in groups. */
  readonly realms?: readonly string[]
  /** Firebase configurations that tokens name and the deployment does not have. */
  readonly missing: readonly string[]
  /** Counts from 1. */
  readonly page: number
  readonly pageSize: number
}

export interface PhoneReport {
  readonly phones: readonly PhoneLine[]
  /** How many phones the filter matches. */
  readonly count: number
  /** All phones of the realms, whatever else the filter says. */
  readonly groups: readonly { readonly cause?: UnreachedCause; readonly app?: string; readonly count: number }[]
}

/** Every call reads all tokens, and answers within ten seconds. */
export interface PhoneReports {
  /** Firebase configurations that enrolled tokens name. */
  firebasesInUse(): Promise<Outcome<readonly string[]>>
  /** A page ordered by serial. Refuses: `parameter_invalid` for a pattern longer than D1 takes. */
  page(filter: PhoneFilter): Promise<Outcome<PhoneReport>>
}
