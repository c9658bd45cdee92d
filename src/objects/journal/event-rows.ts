/** The outbox of security events: the events, and which webhooks still have to get them. */
import { addSeconds, type Instant, type Owner, seconds } from '../../vocabulary.ts'
import type { SecurityEvent, SecurityEventType } from '../../vocabulary/security-events.ts'
import type { Round } from './rounds.ts'

/** The ids of events that are over are remembered for so long, so that a late repetition is not sent again. */
const REMEMBERED_DAYS = 7
/** So many events are stored or remembered at most. */
const MOST_EVENTS = 20_000
/** So many events of one type wait for one webhook at most: a flood of one type does not drop another. */
const MOST_WAITING = 250
const FORGOTTEN_AT_ONCE = 500

/** An event that a webhook has to get. */
export interface Due {
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

  /** Events of which it is not decided yet which webhooks hear of them. */
  fresh(): readonly SecurityEvent[] {
    return this.#sql
      .exec<{ body: string }>('SELECT body FROM events WHERE is_new = 1 ORDER BY kept_at, id LIMIT 100')
      .toArray()
      .map(({ body }) => JSON.parse(body) as SecurityEvent)
  }

  /** Queues the event for these webhooks. Answers those whose queue is full: it is dropped for them. */
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

  /** The webhooks that something is due for. */
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

  /** The next event that is due for the webhook. */
  next(webhook: string, now: Instant): Due | undefined {
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

  /** When something is due next for each webhook that events wait for. */
  nextDues(): ReadonlyMap<string, Instant> {
    const rows = this.#sql.exec<{ webhook: string; at: Instant }>(
      `SELECT webhook, min(max(due, coalesce(not_before, 0))) AS at ${DUE} GROUP BY webhook`,
    )
    return new Map(rows.toArray().map(({ webhook, at }) => [webhook, at]))
  }

  hasFresh(): boolean {
    return this.#sql.exec('SELECT 1 FROM events WHERE is_new = 1 LIMIT 1').toArray().length > 0
  }

  /** The webhook has the event, or is not to get it any more. False if it did not wait. */
  end(webhook: string, id: string): boolean {
    const { rowsWritten } = this.#sql.exec('DELETE FROM event_deliveries WHERE webhook = ? AND event = ?', webhook, id)
    this.#close(id)
    return rowsWritten > 0
  }

  /** The event has failed to arrive, and is due again then. False if it does not wait any more. */
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

  /** Deletes what waits for the webhook. */
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

  /** Keeps of an event that no webhook waits for its id only. */
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

/** Deletes the ids of events that were over a week ago. */
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
