/** Reports on the push firewall: how many logins rang no phone because of it, and how many of these were finalized. */
import type { Outcome } from '../refusal.ts'
import type { FirewallCount } from '../vocabulary/firewall-report.ts'
import type { Instant } from '../vocabulary.ts'

export interface FirewallReports {
  /** Counts the logins that ended between `from` and `until`, of this service or of all. Reads every audit record of that time, within ten
   *  seconds. Refuses: `storage_unavailable`, also if there are too many records for that. */
  counts(filter: {
    readonly from: Instant
    readonly until: Instant
    readonly service?: string | undefined
  }): Promise<Outcome<readonly FirewallCount[]>>
}
