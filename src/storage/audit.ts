/** The audit's records: written once. Nothing in them changes afterwards, but fields may be erased. */
import type { AuditRecord, AuditTable, ChainHead } from '../ports/audit.ts'
import { done } from '../refusal.ts'
import { type Instant, seconds } from '../vocabulary.ts'
import { type ChainLink, hasLink, insertLink, nextLink, NO_LINK, selectHead } from './audit-chain.ts'
import { AUDIT_COLUMNS, type AuditRow, newSalt, storableText } from './audit-commitments.ts'
import { countAll, countNew } from './login-counts.ts'
import { fragment, prepared, type SqlFragment } from './change.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

/** Nobody waits for an outbox, so it may take longer than a request. */
const LIMIT = seconds(5)

const rowOf = (shard: string, sequence: number, record: AuditRecord, salt: string): AuditRow => ({
  at: record.at,
  shard,
  sequence,
  number: null,
  action: record.action,
  success: record.success ? 1 : 0,
  authentication: record.authentication,
  transaction_id: storableText(record.transaction),
  serial: storableText(record.serial),
  login: storableText(record.owner?.login),
  realm: storableText(record.owner?.realm),
  administrator: storableText(record.administrator),
  service: storableText(record.service),
  address: storableText(record.address),
  user_agent: storableText(record.userAgent),
  info: storableText(record.info),
  policies: storableText(record.policies),
  change: null,
  steps: record.steps === undefined ? null : JSON.stringify(record.steps),
  count: record.count ?? null,
  duration: record.duration ?? null,
  stranger: record.stranger === true ? 1 : null,
  salt,
})

/** Logins that a search for one transaction reads, the newest first. There is no index on transactions: it would cost one more
 *  written row for every login. */
const SCAN_LIMIT = 1_000_000

interface Row {
  readonly at: Instant
  readonly action: string
  readonly success: number
  readonly authentication: string
  readonly transaction_id: string
  readonly login: string | null
  readonly realm: string | null
  readonly service: string | null
  readonly address: string | null
  readonly user_agent: string | null
  readonly info: string | null
  readonly steps: string
}

const recordOf = (row: Row): AuditRecord => ({
  at: row.at,
  action: row.action,
  success: row.success === 1,
  authentication: row.authentication,
  transaction: row.transaction_id,
  owner: row.login === null ? undefined : { login: row.login, realm: row.realm ?? '' },
  service: row.service ?? undefined,
  address: row.address ?? undefined,
  userAgent: row.user_agent ?? undefined,
  info: row.info ?? undefined,
  steps: JSON.parse(row.steps) as NonNullable<AuditRecord['steps']>,
})

export const audit = (runQuery: RunQuery): Pick<AuditTable, 'store' | 'loginRecord'> => ({
  async loginRecord(transaction) {
    const outcome = await runQuery('login record', (db) =>
      db
        .prepare(
          `SELECT at, action, success, authentication, transaction_id, login, realm, service, address, user_agent, info, steps
           FROM (
             SELECT * FROM audit WHERE steps IS NOT NULL ORDER BY at DESC, shard DESC, sequence DESC LIMIT ${SCAN_LIMIT}
           )
           WHERE transaction_id = ? LIMIT 1`,
        )
        .bind(transaction)
        .first<Row>(),
    )
    if (!outcome.ok) return outcome
    return done(outcome.value === null ? undefined : recordOf(outcome.value))
  },

  async store({ shard, at, records, head, lost, areNew = false }) {
    const rows = records.map(({ sequence, record }) => rowOf(shard, sequence, record, newSalt(runQuery.random)))
    const link = await nextLink(rows, at, head, lost)
    const counted = records.flatMap(({ sequence, record, counted: one }) =>
      one === undefined ? [] : [{ ...one, at: record.at, sequence }],
    )
    const counts = areNew ? countAll(counted) : countNew(shard, counted)
    const bound = JSON.stringify(rows)
    const outcome = await runQuery(
      'store audit',
      (db) => db.batch([insertLink(link, counts), insertRows(bound, link), selectHead(shard)].map(prepared(db))),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const [found = NO_LINK] = rowsOf<ChainHead>(outcome.value[2])
    if (found.number === link.number && found.hash === link.hash) return done({ stored: true, head: found })
    const stored = await runQuery('stored audit', (db) =>
      db
        .prepare(
          `SELECT audit.sequence FROM json_each(?) AS row JOIN audit
           ON audit.at = row.value ->> 'at' AND audit.shard = row.value ->> 'shard' AND audit.sequence = row.value ->> 'sequence'`,
        )
        .bind(bound)
        .all<{ sequence: number }>(),
    )
    if (!stored.ok) return stored
    return done({ stored: false, head: found, present: stored.value.results.map(({ sequence }) => sequence) })
  },
})

/** Stores any number of records in one statement, if their link is there. A row without a salt was stored by a version that made no
 *  links, and gets one. Any other row stays as it is. */
function insertRows(rows: string, link: ChainLink): SqlFragment {
  const condition = hasLink(link)
  return fragment(
    `INSERT INTO audit (${AUDIT_COLUMNS.join(', ')})
     SELECT ${AUDIT_COLUMNS.map((column) => `value ->> '${column}'`).join(', ')} FROM json_each(?) WHERE ${condition.sql}
     ON CONFLICT (at, shard, sequence) DO UPDATE SET ${AUDIT_COLUMNS.slice(3)
       .map((column) => `${column} = excluded.${column}`)
       .join(', ')} WHERE audit.salt IS NULL`,
    rows,
    ...condition.values,
  )
}
