/** The state of the receivers of webhooks: failures, and events that were given up or dropped. */
import type { ReceiverState } from '../../ports/journal-object.ts'
import { present } from '../../present.ts'
import type { Instant } from '../../vocabulary.ts'

export class EventReceivers {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(`CREATE TABLE IF NOT EXISTS event_receivers (
      webhook TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0,
      delivered_at INTEGER, failed_at INTEGER, why TEXT, given_up INTEGER NOT NULL DEFAULT 0, given_up_at INTEGER,
      dropped INTEGER NOT NULL DEFAULT 0, dropped_at INTEGER
    ) WITHOUT ROWID`)
  }

  all(): readonly ReceiverState[] {
    return this.#sql.exec<ReceiverRow>('SELECT * FROM event_receivers').toArray().map(stateOf)
  }

  /** Failures in a row, over all events. */
  failures(webhook: string): number {
    return this.all().find((one) => one.webhook === webhook)?.failures ?? 0
  }

  accepted(webhook: string, now: Instant): void {
    this.#sql.exec(
      `INSERT INTO event_receivers (webhook, delivered_at) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET failures = 0, not_before = 0, delivered_at = excluded.delivered_at`,
      webhook,
      now,
    )
  }

  /** Stores why the receiver has failed, and when the next event may be sent to it. */
  failed(webhook: string, why: string, now: Instant, notBefore: Instant): void {
    this.#sql.exec(
      `INSERT INTO event_receivers (webhook, failures, not_before, failed_at, why) VALUES (?, 1, ?, ?, ?)
       ON CONFLICT DO UPDATE SET failures = failures + 1, not_before = excluded.not_before, failed_at = excluded.failed_at,
         why = excluded.why`,
      webhook,
      notBefore,
      now,
      why,
    )
  }

  /** Counts an event that the webhook never gets. */
  count(webhook: string, column: 'dropped' | 'given_up', now: Instant): void {
    this.#sql.exec(
      `INSERT INTO event_receivers (webhook, ${column}, ${column}_at) VALUES (?, 1, ?)
       ON CONFLICT DO UPDATE SET ${column} = ${column} + 1, ${column}_at = excluded.${column}_at`,
      webhook,
      now,
    )
  }

  forget(webhook: string): void {
    this.#sql.exec('DELETE FROM event_receivers WHERE webhook = ?', webhook)
  }
}

type ReceiverRow = {
  readonly webhook: string
  readonly failures: number
  readonly not_before: Instant
  readonly delivered_at: Instant | null
  readonly failed_at: Instant | null
  readonly why: string | null
  readonly given_up: number
  readonly given_up_at: Instant | null
  readonly dropped: number
  readonly dropped_at: Instant | null
}

const stateOf = (row: ReceiverRow): ReceiverState => ({
  webhook: row.webhook,
  failures: row.failures,
  waiting: 0,
  givenUp: row.given_up,
  dropped: row.dropped,
  ...present({
    deliveredAt: row.delivered_at ?? undefined,
    failedAt: row.failed_at ?? undefined,
    why: row.why ?? undefined,
    givenUpAt: row.given_up_at ?? undefined,
    droppedAt: row.dropped_at ?? undefined,
  }),
})
