/** The table of master keys as the snapshot reads it. */
import { instant } from '../vocabulary.ts'
import type { MasterKeyRecord } from '../vocabulary/master-keys.ts'

export const MASTER_KEY_COLUMNS = 'id, check_value, first_seen, current_since, unused_since, compromised_at'

export interface MasterKeyRow {
  readonly id: string
  readonly check_value: string
  readonly first_seen: number
  readonly current_since: number | null
  readonly unused_since: number | null
  readonly compromised_at: number | null
}

export const masterKeyOf = (row: MasterKeyRow): MasterKeyRecord => ({
  id: row.id,
  checkValue: row.check_value,
  firstSeen: instant(row.first_seen),
  ...(row.current_since === null ? {} : { currentSince: instant(row.current_since) }),
  ...(row.unused_since === null ? {} : { unusedSince: instant(row.unused_since) }),
  ...(row.compromised_at === null ? {} : { compromisedAt: instant(row.compromised_at) }),
})
