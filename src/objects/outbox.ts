import type { AuditRecord } from '../vocabulary/audit.ts'
import type { AuditTable } from '../ports/audit.ts'
import { type Instant, instant } from '../vocabulary.ts'
import { StrangerRecords } from './stranger-records.ts'

/** So many records are handed over at once. */
export const BATCH = 100
const MAX_PER_SECOND = 20
const ARRIVED = 'arrived'

/** The time at which a place in the outbox was assigned. */
export const sequenceTime = (sequence: number): Instant => instant(Math.floor(sequence / 1000))

interface OutboxEntry {
  readonly sequence: number
  readonly record: AuditRecord
}

/**
 * Audit records on their way to the catalogue, in order. The catalogue knows a record by shard and sequence, and stores it once
 * even if it is handed over twice: nothing has to be written here when a record has arrived.
 */
export class Outbox {
  readonly #sql: SqlStorage
  readonly #kv: SyncKvStorage
  readonly #shard: string
  #waiting: OutboxEntry[] = []
  #last: number
  #draining = false
  #failed = false
  #arrivedSince = 0
  /** For each kind of request: how many came in its last second, and the record that counts those beyond the limit. */
  readonly #counted = new Map<string, { second: number; count: number; rest: AuditRecord | undefined }>()
  readonly #strangers: StrangerRecords

  /** `loginsAfter`: the records of logins that ended after a place in the outbox. Their own rows keep them. `strangersPerHour`: how
   *  many records strangers can cause here. */
  constructor(
    storage: DurableObjectStorage,
    shard: string,
    loginsAfter: (sequence: number) => readonly OutboxEntry[],
    strangersPerHour: number,
  ) {
    const { sql } = storage
    this.#sql = sql
    this.#kv = storage.kv
    this.#shard = shard
    this.#strangers = new StrangerRecords(storage.kv, strangersPerHour)
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
    return this.#waiting.length === 0 && !this.#hasRest
  }

  /** Whether it should be handed over soon: it has a whole batch, or counts requests in memory only. */
  get isUrgent(): boolean {
    return this.#waiting.length >= BATCH || this.#hasRest
  }

  /** When a count of strangers' requests is to be written; undefined: none is kept. */
  get nextCountAt(): Instant | undefined {
    return this.#strangers.nextAt
  }

  /** Whether the last handover failed. */
  get hasFailed(): boolean {
    return this.#failed
  }

  get #hasRest(): boolean {
    return [...this.#counted.values()].some(({ rest }) => rest !== undefined)
  }

  /** Returns the next place in the outbox. It follows the clock, so it rises even after all rows were swept and the memory was
   *  lost. */
  nextSequence(now: Instant): number {
    this.#last = Math.max(this.#last + 1, now * 1000)
    return this.#last
  }

  /** Adds the record of a login that has ended. The login's row keeps it. */
  add(sequence: number, record: AuditRecord): void {
    this.#waiting.push({ sequence, record })
  }

  /** The records that have not arrived, the oldest first. */
  get waiting(): readonly OutboxEntry[] {
    return this.#waiting
  }

  /** Adds the record of a request that opened no login. A stranger's is counted beyond the budget of this shard. Of any other `kind`
   *  twenty a second are kept, and the rest becomes one record with a count. */
  addRequest(record: AuditRecord, kind: string | undefined, now: Instant): void {
    if (record.stranger === true && !this.#strangers.admit(record, kind ?? record.action, now)) return
    if (record.stranger === true || kind === undefined) return this.#write(record, now)
    const second = Math.floor(now / 1000)
    const counted = this.#counted.get(kind)
    if (counted === undefined || counted.second !== second) {
      if (counted?.rest !== undefined) this.#write(counted.rest, now)
      this.#counted.set(kind, { second, count: 1, rest: undefined })
      return this.#write(record, now)
    }
    counted.count += 1
    if (counted.count <= MAX_PER_SECOND) return this.#write(record, now)
    counted.rest = { ...record, count: (counted.rest?.count ?? 0) + 1 }
  }

  #write(record: AuditRecord, now: Instant): void {
    const sequence = this.nextSequence(now)
    this.#sql.exec('INSERT INTO refusals (sequence, body) VALUES (?, ?)', sequence, JSON.stringify(record))
    this.#waiting.push({ sequence, record })
  }

  /** Hands over the records, the oldest first. What the catalogue does not accept stays here. */
  async drain(audit: Pick<AuditTable, 'store'>, now: Instant): Promise<void> {
    this.#writeCounts(now)
    if (this.#draining) return
    this.#draining = true
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        this.#failed = true
        const stored = await audit.store(this.#shard, batch)
        if (!stored.ok) return
        this.#failed = false
        const last = batch.at(-1)?.sequence ?? 0
        this.#waiting = this.#waiting.filter(({ sequence }) => sequence > last)
        this.#sql.exec('DELETE FROM refusals WHERE sequence <= ?', last)
        this.#saveArrived(last, batch.length)
      }
    } finally {
      this.#draining = false
    }
  }

  /** Writes how far the records have arrived, once in a hundred records. After a restart the later ones are handed over again, and
   *  stored once all the same. */
  #saveArrived(sequence: number, count: number): void {
    this.#arrivedSince += count
    if (this.#arrivedSince < BATCH) return
    this.#arrivedSince = 0
    this.#kv.put(ARRIVED, sequence)
  }

  /** Whether this record has arrived, so that its row may be deleted. */
  hasArrived(sequence: number): boolean {
    const [oldest] = this.#waiting
    return oldest === undefined || sequence < oldest.sequence
  }

  /** Writes the counts of seconds that are over, and those of strangers' requests that are due. */
  #writeCounts(now: Instant): void {
    for (const record of this.#strangers.take(now)) this.#write(record, now)
    const second = Math.floor(now / 1000)
    for (const [kind, counted] of this.#counted) {
      if (counted.second === second) continue
      if (counted.rest !== undefined) this.#write(counted.rest, now)
      this.#counted.delete(kind)
    }
  }
}
