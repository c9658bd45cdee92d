/** Reports on phones: which of them push reaches. */
import type { Outcome } from '../refusal.ts'
import type { Region, Serial } from '../vocabulary.ts'
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

/** How many phones live in one region and are seen in another, or the same. */
export interface PhonesInRegion {
  /** Where their objects were made; absent: unknown. */
  readonly home?: Region
  /** Where most of their requests come from; absent: unknown. */
  readonly seen?: Region
  readonly count: number
}

/** A phone that is seen in another region than its object was made in. */
export interface FarPhone {
  readonly serial: Serial
  readonly home: Region
  readonly seen: Region
}

/** Every call but `regions` and `elsewhere` reads all tokens, and answers within ten seconds. */
export interface PhoneReports {
  /** Counts the phones that have registered. Reads the counts that triggers keep, one row for each pair of regions. */
  regions(): Promise<Outcome<readonly PhonesInRegion[]>>
  /** The first hundred phones after this serial that are seen in another region than their object was made in, by index. `next`: the last
   *  of them, if there may be more. */
  elsewhere(
    after: Serial | undefined,
  ): Promise<Outcome<{ readonly phones: readonly FarPhone[]; readonly next?: Serial | undefined }>>
  /** Firebase configurations that enrolled tokens name. */
  firebasesInUse(): Promise<Outcome<readonly string[]>>
  /** A page ordered by serial. Refuses: `parameter_invalid` for a pattern longer than D1 takes. */
  page(filter: PhoneFilter): Promise<Outcome<PhoneReport>>
}
