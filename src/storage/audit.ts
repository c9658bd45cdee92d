/** The audit: what happened, as records that are never changed. */
import type { AuditRecord, Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import type { Ask } from './ask.ts'

/** An outbox writes on its own time, nobody waiting. */
const LIMIT = seconds(5)

/** One record as the statement below reads it; what is absent becomes NULL. */
const flat = (shard: string, sequence: number, record: AuditRecord) => ({
  ...record,
  shard,
  sequence,
  login: record.owner?.login,
  realm: record.owner?.realm,
})

export const audit = (ask: Ask): Pick<Catalogue, 'storeAudit'> => ({
  /** However many records, one statement; those already there are left as they are, so it may be repeated. */
  async storeAudit(shard, records) {
    const rows = JSON.stringify(records.map(({ sequence, record }) => flat(shard, sequence, record)))
    const outcome = await ask(
      'store audit',
      (db) =>
        db
          .prepare(
            `INSERT INTO audit (at, shard, sequence, action, success, authentication, transaction_id, serial, login, realm,
               administrator, service, address, user_agent, info, count, steps)
             SELECT value ->> 'at', value ->> 'shard', value ->> 'sequence', value ->> 'action', value ->> 'success',
               value ->> 'authentication', value ->> 'transaction', value ->> 'serial', value ->> 'login', value ->> 'realm',
               value ->> 'administrator', value ->> 'service', value ->> 'address', value ->> 'userAgent', value ->> 'info', value ->> 'count',
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
