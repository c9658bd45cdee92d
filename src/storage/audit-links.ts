/** Links the records that SQL writes together with what they record: no shard hands them over. */
import type { AuditTable, ChainHead } from '../ports/audit.ts'
import { done } from '../refusal.ts'
import { insertLink, nextLink, NO_LINK, selectHead } from './audit-chain.ts'
import { AUDIT_COLUMNS, type AuditRow, listed } from './audit-commitments.ts'
import { fragment, prepared, type SqlFragment } from './change.ts'
import { hourOf } from './login-counts.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

const LINKED_AT_ONCE = 100

/** The counts of the logins by bypass code among these records, which no link had before. */
function bypassCounts(rows: readonly AuditRow[]): SqlFragment {
  const counts = rows.flatMap(({ at, shard, service }) =>
    shard === 'bypass' ? [[hourOf(at), service ?? '', '', { 'outcome/bypass': 1 }]] : [],
  )
  return counts.length === 0 ? fragment('NULL') : fragment('?', JSON.stringify(counts))
}

export const auditLinks = (runQuery: RunQuery): Pick<AuditTable, 'head' | 'link'> => ({
  async head(shard) {
    const outcome = await runQuery('audit chain', (db) => prepared(db)(selectHead(shard)).first<ChainHead>())
    return outcome.ok ? done(outcome.value ?? NO_LINK) : outcome
  },

  async link(shard, at, lost) {
    const found = await runQuery('unlinked audit', (db) =>
      db.batch([
        prepared(db)(selectHead(shard)),
        db
          .prepare(
            `SELECT ${listed(AUDIT_COLUMNS)} FROM audit
             WHERE shard = ?1 AND number > coalesce((SELECT last FROM audit_chain WHERE shard = ?1 ORDER BY audit_chain.number DESC LIMIT 1), 0)
             ORDER BY number LIMIT ${LINKED_AT_ONCE}`,
          )
          .bind(shard),
      ]),
    )
    if (!found.ok) return found
    const [head = NO_LINK] = rowsOf<ChainHead>(found.value[0])
    const rows = rowsOf<AuditRow>(found.value[1])
    if (rows.length === 0) return done({ head, linked: 0 })
    const link = await nextLink(rows, at, head, lost)
    const written = await runQuery('link audit', (db) =>
      db.batch([insertLink(link, bypassCounts(rows)), selectHead(shard)].map(prepared(db))),
    )
    if (!written.ok) return written
    const [last = NO_LINK] = rowsOf<ChainHead>(written.value[1])
    return done({ head: last, linked: last.hash === link.hash ? rows.length : 0 })
  },
})
