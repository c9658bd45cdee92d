/** The rows of the audit and its chains as they are stored, for whoever verifies them. */
import type { AuditKey, AuditTable, LinkKey, NumberedShard, RawRow } from '../ports/audit.ts'
import { done } from '../refusal.ts'
import { LINK_COLUMNS } from './audit-chain.ts'
import { AUDIT_COLUMNS, listed } from './audit-commitments.ts'
import type { RunQuery } from './run-query.ts'
import { seconds } from '../vocabulary.ts'

const LIMIT = seconds(10)
/** A page of links is smaller: a link has a hash for each of its records. */
const RECORDS = 1000
const LINKS = 200

/** Only the key: whoever stores it to go on later must not store the record. */
const recordKey = ({ at, shard, sequence }: AuditKey): AuditKey => ({ at, shard, sequence })

type Numbers = Record<NumberedShard, number>

export const auditRaw = (runQuery: RunQuery): Pick<AuditTable, 'rawRecords' | 'rawLinks' | 'numbers'> => ({
  async rawRecords(after) {
    const { at, shard, sequence } = after ?? { at: -1, shard: '', sequence: 0 }
    const outcome = await runQuery(
      'raw audit',
      (db) =>
        db
          .prepare(
            `SELECT ${listed(AUDIT_COLUMNS)} FROM audit WHERE (at, shard, sequence) > (?, ?, ?)
             ORDER BY at, shard, sequence LIMIT ${RECORDS}`,
          )
          .bind(at, shard, sequence)
          .all<RawRow & AuditKey>(),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const rows = outcome.value.results
    const last = rows.length === RECORDS ? rows.at(-1) : undefined
    return done({ rows, last: last && recordKey(last) })
  },

  async numbers() {
    const outcome = await runQuery('audit numbers', (db) =>
      db.prepare('SELECT catalogue_number AS catalogue, bypass_number AS bypass FROM deployment').first<Numbers>(),
    )
    return outcome.ok ? done(outcome.value ?? { catalogue: 0, bypass: 0 }) : outcome
  },

  async rawLinks(after) {
    const { shard, number } = after ?? { shard: '', number: 0 }
    const outcome = await runQuery(
      'raw audit chain',
      (db) =>
        db
          .prepare(
            `SELECT ${listed(LINK_COLUMNS)} FROM audit_chain WHERE (shard, number) > (?, ?) ORDER BY shard, number LIMIT ${LINKS}`,
          )
          .bind(shard, number)
          .all<RawRow & LinkKey>(),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const rows = outcome.value.results
    const last = rows.length === LINKS ? rows.at(-1) : undefined
    return done({ rows, last: last && { shard: last.shard, number: last.number } })
  },
})
