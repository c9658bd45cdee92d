/** The master keys: whether the configured ones fit the database, and their rotation. */
import type { Outcome } from '../refusal.ts'
import type { ConfiguredKeyIds } from '../vocabulary/master-keys.ts'

export interface MasterKeyCheck {
  readonly configured: ConfiguredKeyIds
  /** Says what is wrong with the configured keys, as far as this isolate knows; undefined if nothing is, or if D1 does not answer.
   *  It reads D1 in the isolate's first request, and while something is wrong every two seconds. `background` keeps the request's
   *  isolate running. */
  fault(background: (work: Promise<unknown>) => void): Promise<string | undefined>
  /** Reads D1 now, and says what is wrong. Refuses: `storage_unavailable`. */
  read(): Promise<Outcome<string | undefined>>
}
