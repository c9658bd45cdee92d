/** Finds the records of the audit that may be about one user. It reads the whole table, page by page, because no index has them. */
import type { AuditKey, AuditTable, RawRow } from '../ports/audit.ts'
import { done } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import { AUDIT_COLUMNS, type AuditRow, listed } from './audit-commitments.ts'
import { withoutFields } from './audit-erasure.ts'
import type { RunQuery } from './run-query.ts'

/** The time limit of one page. */
const LIMIT = seconds(10)
/** Records that one page reads, and answers. */
const READ = 10_000
const FOUND = 200

const COLUMNS = listed(AUDIT_COLUMNS)

export const auditTraces = (runQuery: RunQuery): Pick<AuditTable, 'traces' | 'withoutFields'> => ({
  async traces({ logins, serials, change }, after) {
    const from = after ?? { at: -1, shard: '', sequence: 0 }
    const key = [from.at, from.shard, from.sequence] as const
    const outcome = await runQuery(
      'audit of a user',
      (db) =>
        db.batch([
          db
            .prepare(
              `SELECT ${COLUMNS} FROM
                 (SELECT ${COLUMNS} FROM audit WHERE (at, shard, sequence) > (?, ?, ?) ORDER BY at, shard, sequence LIMIT ${READ})
               WHERE login IN (SELECT value FROM json_each(?)) OR serial IN (SELECT value FROM json_each(?))
                 OR info IN (SELECT value FROM json_each(?)) OR instr("change", ?) > 0
               ORDER BY at, shard, sequence LIMIT ${FOUND}`,
            )
            .bind(...key, JSON.stringify(logins), JSON.stringify(serials), JSON.stringify(logins), change),
          db
            .prepare(
              `SELECT at, shard, sequence FROM audit WHERE (at, shard, sequence) > (?, ?, ?)
               ORDER BY at, shard, sequence LIMIT 1 OFFSET ${READ - 1}`,
            )
            .bind(...key),
        ]),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const [found, end] = outcome.value
    const rows = (found?.results ?? []) as readonly (RawRow & AuditKey)[]
    const last = rows.length === FOUND ? rows.at(-1) : (end?.results as readonly AuditKey[] | undefined)?.[0]
    return done({ rows, last: last && { at: last.at, shard: last.shard, sequence: last.sequence } })
  },

  async withoutFields(row, fields) {
    return { ...(await withoutFields(row as unknown as AuditRow, new Set(fields))) }
  },
})
