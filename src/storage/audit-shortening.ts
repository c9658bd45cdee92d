/** Records of the audit whose steps or addresses are erased before the record is deleted. */
import type { AuditKey } from '../ports/audit.ts'
import type { AuditRetention, ShortenedPart } from '../ports/audit-retention.ts'
import { done } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'

/** Nobody waits for a round. */
const LIMIT = seconds(20)

/** What is erased early, and how to know a record that still has it. */
const SHORTENED = {
  steps: { cursor: 'steps_before', has: 'steps IS NOT NULL' },
  addresses: {
    cursor: 'addresses_before',
    has: `(address IS NOT NULL OR user_agent IS NOT NULL OR steps LIKE '%"address"%' OR steps LIKE '%"userAgent"%')`,
  },
} as const satisfies Readonly<Record<ShortenedPart, object>>

export const auditShortening = (runQuery: RunQuery): Pick<AuditRetention, 'shortenable' | 'recordShortened'> => ({
  async shortenable(part, before, limit) {
    const { cursor, has } = SHORTENED[part]
    const outcome = await runQuery(
      'audit to shorten',
      (db) =>
        db
          .prepare(
            `SELECT at, shard, sequence FROM audit WHERE at >= (SELECT ${cursor} FROM audit_retention) AND at < ? AND ${has}
             ORDER BY at, shard, sequence LIMIT ?`,
          )
          .bind(before, limit)
          .all<AuditKey>(),
      LIMIT,
    )
    return outcome.ok ? done(outcome.value.results) : outcome
  },

  async recordShortened(part, before) {
    const { cursor } = SHORTENED[part]
    const outcome = await runQuery('audit shortened', (db) =>
      db.prepare(`UPDATE audit_retention SET ${cursor} = ?1 WHERE ${cursor} < ?1`).bind(before).run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
