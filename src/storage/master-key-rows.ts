/** The table of master keys as the snapshot reads it. */
import { instant } from '../vocabulary.ts'
import type { MasterKeyRecord } from '../vocabulary/master-keys.ts'

export const MASTER_KEY_COLUMNS = 'id, check_value, first_seen, current_since, emptied_at, compromised_at'

export interface MasterKeyRow {
  readonly id: string
  readonly check_value: string
  readonly first_seen: number
  readonly current_since: number | null
  readonly emptied_at: number | null
  readonly compromised_at: number | null
}

export const masterKeyOf = (row: MasterKeyRow): MasterKeyRecord => ({
  id: row.id,
  checkValue: row.check_value,
  firstSeen: instant(row.first_seen),
  ...(row.current_since === null ? {} : { currentSince: instant(row.current_since) }),
  ...(row.emptied_at === null ? {} : { emptiedAt: instant(row.emptied_at) }),
  ...(row.compromised_at === null ? {} : { compromisedAt: instant(row.compromised_at) }),
})
