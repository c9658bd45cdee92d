/** What phones tell of themselves, and how they are reported. */
import type { Instant, Serial } from '../vocabulary.ts'
import type { PhoneLine, AppReport, UnreachedCause } from '../vocabulary/phones.ts'
import type { UserCandidate } from './catalogue.ts'

export interface RegistrationRefresh extends AppReport {
  readonly registrationToken: string
  readonly at: Instant
  /** The key it was signed with; absent from an object of a version before. */
  readonly phoneKey?: string
}

export interface Registration extends AppReport {
  readonly serial: Serial
  readonly credentialHash: string
  readonly digest: string
  readonly phoneKey: string
  readonly registrationToken: string
  readonly at: Instant
}

/** Phones that hold a token which is not revoked. */
export interface PhoneFilter {
  readonly serial?: string
  readonly app?: string
  readonly owner?: UserCandidate
  readonly cause: UnreachedCause | 'unreached' | 'any'
  /** There are no others than those of users of these realms. */
  readonly realms?: readonly string[]
  /** Firebase configurations that tokens name and the deployment has not. */
  readonly missing: readonly string[]
  readonly page: number
  readonly pageSize: number
}

export interface PhoneReport {
  readonly phones: readonly PhoneLine[]
  readonly count: number
  /** Of all phones there are, whatever else the filter says. */
  readonly groups: readonly { readonly cause?: UnreachedCause; readonly app?: string; readonly count: number }[]
}
