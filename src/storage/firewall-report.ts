/** Counts the logins that the push firewall has silenced, from the audit records of the time that is asked for. */
import type { FirewallReports } from '../ports/firewall-reports.ts'
import { done } from '../refusal.ts'
import { dayName } from '../timestamps.ts'
import { instant, seconds } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'

/** How long the query may take: enough for about a million records. */
const LIMIT = seconds(10)
const DAY_MS = 86_400_000

interface Row {
  readonly day: number
  readonly service: string | null
  readonly why: string
  readonly is_shadow: number
  readonly logins: number
  readonly accepted: number
}

// Within JSON no text of a user has a quote without a backslash, so the pattern matches a step's own field only.
const COUNTS = `SELECT audit.at / ${DAY_MS} AS day, audit.service, step.value ->> 'why' AS why,
    coalesce(step.value ->> 'isShadow', 0) AS is_shadow,
    count(DISTINCT audit.transaction_id) AS logins,
    count(DISTINCT iif(audit.success = 1, audit.transaction_id, NULL)) AS accepted
  FROM audit CROSS JOIN json_each(audit.steps) AS step
  WHERE audit.at >= ?1 AND audit.at < ?2 AND (?3 IS NULL OR audit.service = ?3)
    AND audit.steps LIKE '%"kind":"restricted"%' AND step.value ->> 'kind' = 'restricted'
    AND step.value ->> 'why' <> 'no_proof'
  GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4`

export const firewallReport = (runQuery: RunQuery): FirewallReports => ({
  async counts({ from, until, service }) {
    const outcome = await runQuery(
      'firewall report',
      (db) =>
        db
          .prepare(COUNTS)
          .bind(from, until, service ?? null)
          .all<Row>(),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    return done(
      outcome.value.results.map((row) => ({
        day: dayName(instant(row.day * DAY_MS)),
        service: row.service ?? undefined,
        why: row.why,
        isShadow: row.is_shadow === 1,
        logins: row.logins,
        accepted: row.accepted,
      })),
    )
  },
})
