/** The outbox of security events: the events, and which webhooks still have to get them. */
import { addSeconds, type Instant, type Owner, seconds } from '../../vocabulary.ts'
import type { SecurityEvent, SecurityEventType } from '../../vocabulary/security-events.ts'
import type { Round } from './rounds.ts'

/** For how many days the id of a finished event is remembered, so that a late repetition is not sent again. */
const REMEMBERED_DAYS = 7
/** How many events are stored or remembered at most. */
const MOST_EVENTS = 20_000
/** How many events of one type may wait for one webhook. The limit is for each type, so a flood of one type drops no other. */
const MOST_WAITING = 250
const FORGOTTEN_AT_ONCE = 500

/** An event that is due to be sent to a webhook. */
export interface DueEvent {
  readonly event: SecurityEvent
  readonly keptAt: Instant
  readonly attempts: number
}

export class EventRows {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(`CREATE TABLE IF NOT EXISTS events (
      id TEXT NOT NULL PRIMARY KEY, kept_at INTEGER NOT NULL, is_new INTEGER NOT NULL, realm TEXT, login TEXT, serial TEXT, body TEXT
    ) WITHOUT ROWID`)
    sql.exec(`CREATE TABLE IF NOT EXISTS event_deliveries (
      webhook TEXT NOT NULL, event TEXT NOT NULL, type TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
      PRIMARY KEY (webhook, event)
    ) WITHOUT ROWID`)
    sql.exec('CREATE INDEX IF NOT EXISTS event_deliveries_of_event ON event_deliveries (event)')
  }

  /** Adds the event, unless it was reported before. False if there is no room for it. */
  add(event: SecurityEvent, now: Instant): boolean {
    const [row] = this.#sql
      .exec<{ is_known: number; count: number }>(
        'SELECT EXISTS (SELECT 1 FROM events WHERE id = ?) AS is_known, (SELECT count(*) FROM events) AS count',
        event.id,
      )
      .toArray()
    if (row?.is_known === 1) return true
    if ((row?.count ?? 0) >= MOST_EVENTS && !this.#forgetOldest()) return false
    this.#sql.exec(
      'INSERT INTO events (id, kept_at, is_new, realm, login, serial, body) VALUES (?, ?, 1, ?, ?, ?, ?)',
      event.id,
      now,
      event.owner?.realm.toLowerCase() ?? null,
      event.owner?.login ?? null,
      event.serial ?? null,
      JSON.stringify(event),
    )
    return true
  }

  /** Makes room by forgetting ids of events that are over. False if there are none. */
  #forgetOldest(): boolean {
    return (
      this.#sql.exec(`DELETE FROM events WHERE ${OVER} ORDER BY kept_at LIMIT ${FORGOTTEN_AT_ONCE})`).rowsWritten > 0
    )
  }

  /** Events that are not queued yet, because the webhooks that hear of them are still to be found. */
  fresh(): readonly SecurityEvent[] {
    return this.#sql
      .exec<{ body: string }>('SELECT body FROM events WHERE is_new = 1 ORDER BY kept_at, id LIMIT 100')
      .toArray()
      .map(({ body }) => JSON.parse(body) as SecurityEvent)
  }

  /** Queues the event for these webhooks. Answers the webhooks whose queue is full, for which the event is dropped. */
  distribute({ id, type }: SecurityEvent, webhooks: readonly string[], now: Instant): readonly string[] {
    // It may have been erased while the webhooks were read.
    if (this.#sql.exec('UPDATE events SET is_new = 0 WHERE id = ? AND is_new = 1', id).rowsWritten === 0) return []
    const full = webhooks.filter((webhook) => this.#waiting(webhook, type) >= MOST_WAITING)
    for (const webhook of webhooks.filter((one) => !full.includes(one)))
      this.#sql.exec(
        'INSERT INTO event_deliveries (webhook, event, type, due, attempts) VALUES (?, ?, ?, ?, 0)',
        webhook,
        id,
        type,
        now,
      )
    this.#close(id)
    return full
  }

  #waiting(webhook: string, type: SecurityEventType): number {
    const [row] = this.#sql
      .exec<{ count: number }>(
        'SELECT count(*) AS count FROM event_deliveries WHERE webhook = ? AND type = ?',
        webhook,
        type,
      )
      .toArray()
    return row?.count ?? 0
  }

  /** The webhooks that have an event to be sent now. */
  dueWebhooks(now: Instant): readonly string[] {
    return this.#sql
      .exec<{ webhook: string }>(
        `SELECT DISTINCT webhook ${DUE} AND due <= ? AND coalesce(not_before, 0) <= ?`,
        now,
        now,
      )
      .toArray()
      .map(({ webhook }) => webhook)
  }

  /** The next event to send to the webhook now. */
  next(webhook: string, now: Instant): DueEvent | undefined {
    const [row] = this.#sql
      .exec<{ body: string; kept_at: Instant; attempts: number }>(
        `SELECT body, kept_at, attempts FROM event_deliveries JOIN events ON id = event
         WHERE webhook = ? AND due <= ? AND body IS NOT NULL ORDER BY kept_at, id LIMIT 1`,
        webhook,
        now,
      )
      .toArray()
    return row && { event: JSON.parse(row.body) as SecurityEvent, keptAt: row.kept_at, attempts: row.attempts }
  }

  /** When the next event is due, for each webhook that has events waiting. */
  nextDues(): ReadonlyMap<string, Instant> {
    const rows = this.#sql.exec<{ webhook: string; at: Instant }>(
      `SELECT webhook, min(max(due, coalesce(not_before, 0))) AS at ${DUE} GROUP BY webhook`,
    )
    return new Map(rows.toArray().map(({ webhook, at }) => [webhook, at]))
  }

  hasFresh(): boolean {
    return this.#sql.exec('SELECT 1 FROM events WHERE is_new = 1 LIMIT 1').toArray().length > 0
  }

  /** Removes the event from the webhook's queue: it was received, or is given up. False if it was not in the queue. */
  end(webhook: string, id: string): boolean {
    const { rowsWritten } = this.#sql.exec('DELETE FROM event_deliveries WHERE webhook = ? AND event = ?', webhook, id)
    this.#close(id)
    return rowsWritten > 0
  }

  /** Counts a failed attempt, and sets when the event is due again. False if it is not in the queue any more. */
  postpone(webhook: string, id: string, due: Instant): boolean {
    const { rowsWritten } = this.#sql.exec(
      'UPDATE event_deliveries SET attempts = attempts + 1, due = ? WHERE webhook = ? AND event = ?',
      due,
      webhook,
      id,
    )
    return rowsWritten > 0
  }

  /** How many events wait for each webhook. */
  waiting(): ReadonlyMap<string, number> {
    const rows = this.#sql.exec<{ webhook: string; count: number }>(
      'SELECT webhook, count(*) AS count FROM event_deliveries GROUP BY webhook',
    )
    return new Map(rows.toArray().map(({ webhook, count }) => [webhook, count]))
  }

  /** Deletes the queue of the webhook. */
  forgetWebhook(webhook: string): void {
    const ids = this.#sql
      .exec<{ event: string }>('DELETE FROM event_deliveries WHERE webhook = ? RETURNING event', webhook)
      .toArray()
    for (const { event } of ids) this.#close(event)
  }

  /** The events that name this user and still wait. */
  of({ realm, login }: Owner): readonly SecurityEvent[] {
    return this.#sql
      .exec<{ body: string }>(
        'SELECT body FROM events WHERE realm = ? AND login = ? AND body IS NOT NULL ORDER BY kept_at LIMIT 1000',
        realm.toLowerCase(),
        login,
      )
      .toArray()
      .map(({ body }) => JSON.parse(body) as SecurityEvent)
  }

  /** Deletes the events of this user and of these tokens; they are not sent. */
  forgetUser({ realm, login }: Owner, serials: readonly string[]): void {
    const named = this.#sql
      .exec<{ id: string }>('SELECT id FROM events WHERE realm = ? AND login = ?', realm.toLowerCase(), login)
      .toArray()
    const ofTokens = serials.flatMap((serial) =>
      this.#sql.exec<{ id: string }>('SELECT id FROM events WHERE serial = ? AND login IS NULL', serial).toArray(),
    )
    for (const { id } of [...named, ...ofTokens]) {
      this.#sql.exec('DELETE FROM event_deliveries WHERE event = ?', id)
      this.#sql.exec('UPDATE events SET is_new = 0 WHERE id = ?', id)
      this.#close(id)
    }
  }

  /** Deletes everything but the id of an event that is in no webhook's queue. */
  #close(id: string): void {
    this.#sql.exec(
      `UPDATE events SET realm = NULL, login = NULL, serial = NULL, body = NULL
       WHERE id = ? AND NOT EXISTS (SELECT 1 FROM event_deliveries WHERE event = ?)`,
      id,
      id,
    )
  }
}

const DUE = 'FROM event_deliveries LEFT JOIN event_receivers USING (webhook) WHERE true'
const OVER = 'id IN (SELECT id FROM events WHERE body IS NULL'

/** Deletes the ids of finished events after a week. */
export const forgetOldEvents: Round = {
  name: 'forget old events',
  async step({ storage, ports }) {
    const { rowsWritten } = storage.sql.exec(
      `DELETE FROM events WHERE ${OVER} AND kept_at < ? ORDER BY kept_at LIMIT ${FORGOTTEN_AT_ONCE})`,
      addSeconds(ports.now(), seconds(-REMEMBERED_DAYS * 86_400)),
    )
    return rowsWritten < FORGOTTEN_AT_ONCE ? 'done' : 'more'
  },
}
