import type { AuditRecord } from '../vocabulary/audit.ts'
import type { AuditTable } from '../ports/audit.ts'
import type { Instant } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'

/** Records that are handed over at once. */
export const BATCH = 100
const PER_SECOND = 20
const ARRIVED = 'arrived'

/** When a place in the outbox was given. */
export const sequenceTime = (sequence: number): Instant => instant(Math.floor(sequence / 1000))

interface OutboxEntry {
  readonly sequence: number
  readonly record: AuditRecord
}

/**
 * Audit records on their way to the catalogue, in order. A record is known by (shard, sequence), so handing it over
 * twice stores it once: nothing need be written to remember that it arrived.
 */
export class Outbox {
  readonly #sql: SqlStorage
  readonly #kv: SyncKvStorage
  readonly #shard: string
  #waiting: OutboxEntry[] = []
  #last: number
  #draining = false
  #refused = false
  #unmarked = 0
  readonly #seen = new Map<string, { second: number; count: number; held: AuditRecord | undefined }>()

  /** `loginsAfter`: records of logins that ended after a place in the outbox; their rows are their own place in it. */
  constructor(storage: DurableObjectStorage, shard: string, loginsAfter: (sequence: number) => readonly OutboxEntry[]) {
    const { sql } = storage
    this.#sql = sql
    this.#kv = storage.kv
    this.#shard = shard
    sql.exec('CREATE TABLE IF NOT EXISTS refusals (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID')
    const refusals = sql.exec<{ sequence: number; body: string }>('SELECT sequence, body FROM refusals').toArray()
    const arrived = storage.kv.get<number>(ARRIVED) ?? 0
    this.#waiting = [
      ...loginsAfter(arrived),
      ...refusals.map(({ sequence, body }) => ({ sequence, record: JSON.parse(body) as AuditRecord })),
    ]
    this.#waiting.sort((a, b) => a.sequence - b.sequence)
    this.#last = this.#waiting.at(-1)?.sequence ?? arrived
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && !this.#holds
  }

  /** Whether it cannot wait for company: it has enough, or counts what is kept nowhere else. */
  get isUrgent(): boolean {
    return this.#waiting.length >= BATCH || this.#holds
  }

  /** Whether what was handed over last was not taken. */
  get hasFailed(): boolean {
    return this.#refused
  }

  get #holds(): boolean {
    return [...this.#seen.values()].some(({ held }) => held !== undefined)
  }

  /** The next place in the outbox. It follows the clock, so it rises even after all rows were swept and memory was lost. */
  nextSequence(now: Instant): number {
    this.#last = Math.max(this.#last + 1, now * 1000)
    return this.#last
  }

  /** An ended login's record waits; its own row keeps it. */
  add(sequence: number, record: AuditRecord): void {
    this.#waiting.push({ sequence, record })
  }

  /** Records that still wait, the oldest first. */
  get waiting(): readonly OutboxEntry[] {
    return this.#waiting
  }

  /** The record of a request that opened no login is kept; past twenty a second of one kind they become one with a count. */
  addRefusedRequest(record: AuditRecord, kind: string | undefined, now: Instant): void {
    if (kind === undefined) return this.#write(record, now)
    const second = Math.floor(now / 1000)
    const seen = this.#seen.get(kind)
    if (seen === undefined || seen.second !== second) {
      if (seen?.held !== undefined) this.#write(seen.held, now)
      this.#seen.set(kind, { second, count: 1, held: undefined })
      return this.#write(record, now)
    }
    seen.count += 1
    if (seen.count <= PER_SECOND) return this.#write(record, now)
    seen.held = { ...record, count: (seen.held?.count ?? 0) + 1 }
  }

  #write(record: AuditRecord, now: Instant): void {
    const sequence = this.nextSequence(now)
    this.#sql.exec('INSERT INTO refusals (sequence, body) VALUES (?, ?)', sequence, JSON.stringify(record))
    this.#waiting.push({ sequence, record })
  }

  /** Hands over what waits, oldest first. What could not be handed over waits on. */
  async drain(audit: Pick<AuditTable, 'store'>, now: Instant): Promise<void> {
    this.#settle(now)
    if (this.#draining) return
    this.#draining = true
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        this.#refused = true
        const stored = await audit.store(this.#shard, batch)
        if (!stored.ok) return
        this.#refused = false
        const last = batch.at(-1)?.sequence ?? 0
        this.#waiting = this.#waiting.filter(({ sequence }) => sequence > last)
        this.#sql.exec('DELETE FROM refusals WHERE sequence <= ?', last)
        this.#mark(last, batch.length)
      }
    } finally {
      this.#draining = false
    }
  }

  /** Written once in a hundred records: what arrived since is handed over again after a restart, and stored once all the same. */
  #mark(sequence: number, count: number): void {
    this.#unmarked += count
    if (this.#unmarked < BATCH) return
    this.#unmarked = 0
    this.#kv.put(ARRIVED, sequence)
  }

  /** Whether this record has arrived: its row may go. */
  hasArrived(sequence: number): boolean {
    const [oldest] = this.#waiting
    return oldest === undefined || sequence < oldest.sequence
  }

  #settle(now: Instant): void {
    const second = Math.floor(now / 1000)
    for (const [kind, seen] of this.#seen) {
      if (seen.second === second) continue
      if (seen.held !== undefined) this.#write(seen.held, now)
      this.#seen.delete(kind)
    }
  }
}
