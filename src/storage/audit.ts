/** The audit's records: written once, never changed. */
import type { AuditRecord, AuditTable } from '../ports/audit.ts'
import { done } from '../refusal.ts'
import { type Instant, seconds } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'

/** Nobody waits for an outbox, so it may take longer than a request. */
const LIMIT = seconds(5)

/** One record as the INSERT reads it; an absent field becomes NULL. */
const flat = (shard: string, sequence: number, record: AuditRecord) => ({
  ...record,
  shard,
  sequence,
  login: record.owner?.login,
  realm: record.owner?.realm,
  stranger: record.stranger === true ? 1 : undefined,
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

  /** One statement for any number of records. It leaves those stored before as they are, so a batch may be sent again. */
  async store(shard, records) {
    const rows = JSON.stringify(records.map(({ sequence, record }) => flat(shard, sequence, record)))
    const outcome = await runQuery(
      'store audit',
      (db) =>
        db
          .prepare(
            `INSERT INTO audit (at, shard, sequence, action, success, authentication, transaction_id, serial, login, realm,
               administrator, service, address, user_agent, info, count, stranger, steps)
             SELECT value ->> 'at', value ->> 'shard', value ->> 'sequence', value ->> 'action', value ->> 'success',
               value ->> 'authentication', value ->> 'transaction', value ->> 'serial', value ->> 'login', value ->> 'realm',
               value ->> 'administrator', value ->> 'service', value ->> 'address', value ->> 'userAgent', value ->> 'info', value ->> 'count', value ->> 'stranger',
               value ->> 'steps'
             FROM json_each(?) WHERE true
             ON CONFLICT (at, shard, sequence) DO NOTHING`,
          )
          .bind(rows)
          .run(),
      LIMIT,
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
