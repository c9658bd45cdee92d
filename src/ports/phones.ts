/** What phones tell of themselves, and how they are reported. */
import type { Instant, Owner, Serial, TokenType } from '../vocabulary.ts'
import type { App, QuarantineCause, UnreachedCause } from '../vocabulary/phones.ts'
import type { Candidate } from './catalogue.ts'

/** What a phone says of its app where it says it with something that is written anyway. */
export interface Seen extends Partial<App> {
  readonly capabilities?: readonly string[]
}

export interface Refreshed extends Seen {
  readonly registrationToken: string
  readonly at: Instant
}

export interface Registration extends Seen {
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
  readonly owner?: Candidate
  readonly cause: UnreachedCause | 'unreached' | 'any'
  /** There are no others than those of users of these realms. */
  readonly realms?: readonly string[]
  /** Firebase configurations that tokens name and the deployment has not. */
  readonly missing: readonly string[]
  readonly page: number
  readonly pageSize: number
}

/** One phone: what keeps push from it, absent where nothing does, and since when as far as that is known. */
export interface PhoneLine extends Seen {
  readonly serial: Serial
  readonly type: TokenType
  readonly owner?: Owner
  readonly active: boolean
  readonly firebase: string
  readonly cause?: UnreachedCause
  readonly quarantineCause?: QuarantineCause
  readonly since?: Instant
}

export interface PhoneReport {
  readonly phones: readonly PhoneLine[]
  readonly count: number
  /** Of all phones there are, whatever else the filter says. */
  readonly groups: readonly { readonly cause?: UnreachedCause; readonly app?: string; readonly count: number }[]
}
