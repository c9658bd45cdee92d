import type { AuditRecord } from '../vocabulary/audit.ts'
import type { ChainHead, HandOverResult } from '../ports/audit.ts'
import type { Ports } from '../ports/ports.ts'
import { isCut } from '../rules/deployment/chain-head.ts'
import { countsOf } from '../rules/login/login-counts.ts'
import { withoutUser } from '../rules/login/stranger-budget.ts'
import { type Instant, instant, type Owner, type TransactionId } from '../vocabulary.ts'
import { HandedOver } from './handed-over.ts'
import { StrangerRecords } from './stranger-records.ts'
import { type OutboxEntry, type StoredPlace, WaitingRecords } from './waiting-records.ts'

/** So many records are handed over at once. */
export const BATCH = 100
const MAX_PER_SECOND = 20
/** With so many records the outbox is full: an object has 128 MB of memory, and each record takes a place in it. */
export const MAX_WAITING = 100_000
/** How often in a row a hand-over may find another last link in the catalogue before it waits for the next round. */
const MAX_CONFLICTS = 5

/** The time at which a place in the outbox was assigned. */
export const sequenceTime = (sequence: number): Instant => instant(Math.floor(sequence / 1000))

/** The logins that have ended. */
interface EndedLogins {
  /** Those that ended after a place in the outbox. */
  after(sequence: number): readonly Required<StoredPlace>[]
  record(id: TransactionId): AuditRecord | undefined
}

/**
 * Audit records on their way to the catalogue, in order. Each hand-over adds a link to the shard's chain, and the catalogue takes it
 * only behind the last one. So nothing has to be written here when records have arrived: handed over again, they find another last
 * link, and what the catalogue has is left out.
 */
export class Outbox {
  readonly #sql: SqlStorage
  readonly #handedOver: HandedOver
  readonly #shard: string
  readonly #ended: EndedLogins
  /** The last link as this shard knows it. After a restart that is one of the last, or none. */
  #head: ChainHead
  /** A link that was handed over and that the catalogue no longer has. The next link says so. */
  #lost: ChainHead | undefined
  readonly #waiting = new WaitingRecords((place) => this.#read(place))
  #last: number
  #draining = false
  #failed = false
  #arrivedSince = 0
  /** For each kind of request: how many came in its last second, and the record that counts those beyond the limit. */
  readonly #counted = new Map<string, { second: number; count: number; rest: AuditRecord | undefined }>()
  readonly #strangers: StrangerRecords

  /** `ended`: the logins that have ended, whose own rows keep their records. `strangerRecordsPerHour`: how many records strangers can cause
   *  here. */
  constructor(storage: DurableObjectStorage, shard: string, ended: EndedLogins, strangerRecordsPerHour: number) {
    const { sql } = storage
    this.#sql = sql
    this.#handedOver = new HandedOver(storage.kv)
    this.#shard = shard
    this.#strangers = new StrangerRecords(storage.kv, strangerRecordsPerHour)
    this.#ended = ended
    sql.exec('CREATE TABLE IF NOT EXISTS refusals (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID')
    const { arrived, head } = this.#handedOver.read()
    this.#head = head
    this.#last = this.#waiting.reset(this.#storedAfter(arrived)) ?? arrived
  }

  /** The places of all records in storage: of requests, and of logins that ended after `arrived`. */
  #storedAfter(arrived: number): readonly StoredPlace[] {
    const requests = this.#sql.exec<{ sequence: number }>('SELECT sequence FROM refusals').toArray()
    return [...this.#ended.after(arrived), ...requests]
  }

  #read({ sequence, id }: StoredPlace): AuditRecord | undefined {
    if (id !== undefined) return this.#ended.record(id)
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM refusals WHERE sequence = ?', sequence).toArray()
    return row && (JSON.parse(row.body) as AuditRecord)
  }

  /** Whether it takes no more: then no login is opened here that could not be recorded. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING
  }

  /** Whether all records are in memory. */
  get isWhole(): boolean {
    return this.#waiting.isWhole
  }

  /** How many records have not arrived. */
  get length(): number {
    return this.#waiting.length
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
  add(sequence: number, id: TransactionId, record: () => AuditRecord): void {
    this.#waiting.add({ sequence, id }, record)
  }

  /** The records that have not arrived, the oldest first, as far as they are in memory. */
  get waiting(): readonly OutboxEntry[] {
    return this.#waiting.oldest
  }

  /** Adds the record of a request that opened no login. A stranger's is counted beyond the budget of this shard. Of any other `kind`
   *  twenty a second are kept, and the rest becomes one record with a count; while the outbox is full all are counted. */
  addRequest(record: AuditRecord, kind: string | undefined, now: Instant): void {
    if (record.stranger === true && !this.#strangers.admit(record, kind ?? record.action, now)) return
    if (record.stranger === true || kind === undefined) return this.#write(record, now)
    const second = Math.floor(now / 1000)
    const counted = this.#counted.get(kind)
    if (this.isFull) {
      const rest = { ...record, count: (counted?.rest?.count ?? 0) + 1 }
      this.#counted.set(kind, { second, count: MAX_PER_SECOND, rest })
      return
    }
    if (counted === undefined || counted.second !== second) {
      if (counted?.rest !== undefined) this.#write(counted.rest, now)
      this.#counted.set(kind, { second, count: 1, rest: undefined })
      return this.#write(record, now)
    }
    counted.count += 1
    if (counted.count <= MAX_PER_SECOND) return this.#write(record, now)
    counted.rest = { ...record, count: (counted.rest?.count ?? 0) + 1 }
  }

  /** Takes the user out of the records that are only counted so far. */
  forgetUser(owner: Owner): void {
    this.#strangers.forgetUser(owner)
    for (const counted of this.#counted.values())
      if (counted.rest !== undefined) counted.rest = withoutUser(counted.rest, owner)
  }

  #write(record: AuditRecord, now: Instant): void {
    const sequence = this.nextSequence(now)
    this.#sql.exec('INSERT INTO refusals (sequence, body) VALUES (?, ?)', sequence, JSON.stringify(record))
    this.#waiting.add({ sequence }, () => record)
  }

  /** Hands over the records, the oldest first. What the catalogue does not accept stays here. */
  async drain({ audit, log }: Pick<Ports, 'audit' | 'log'>, now: Instant): Promise<void> {
    this.#writeCounts(now)
    if (this.#draining) return
    this.#draining = true
    try {
      for (let conflicts = 0; this.#waiting.length > 0 && conflicts < MAX_CONFLICTS;) {
        this.#failed = true
        const records = this.#waiting.oldest.slice(0, BATCH)
        const counted = records.map((entry) => ({ ...entry, counted: countsOf(entry.record) }))
        const areNew = this.#handedOver.isNew(records[0]?.sequence ?? 0, this.#head)
        const handOver = { shard: this.#shard, at: now, records: counted, areNew, head: this.#head, lost: this.#lost }
        const outcome = await audit.store(handOver)
        if (!outcome.ok) return
        this.#failed = false
        conflicts = outcome.value.stored ? 0 : conflicts + 1
        if (outcome.value.stored) {
          this.#lost = undefined
          this.#head = outcome.value.head
          this.#remove(new Set(records.map(({ sequence }) => sequence)))
        } else this.#follow(outcome.value, log)
      }
    } finally {
      this.#draining = false
    }
  }

  /** The catalogue has another last link. Either it took a hand-over whose reply was lost; then it has these records. Or it was
   *  restored to an earlier state, or cut; then everything it lacks is handed over once more, as far as it is still here. */
  #follow({ head, present }: Extract<HandOverResult, { stored: false }>, log: Ports['log']): void {
    if (isCut(head, this.#head)) {
      log('audit_chain_cut', { shard: this.#shard, known: this.#head.number, found: head.number })
      this.#lost ??= this.#head
      this.#handedOver.sendAgain(this.#last)
      this.#waiting.reset(this.#storedAfter(0))
    }
    this.#head = head
    this.#remove(new Set(present))
  }

  /** Removes records that have arrived. */
  #remove(arrived: ReadonlySet<number>): void {
    this.#waiting.remove(arrived)
    const until = this.#waiting.oldest[0]?.sequence ?? Number.MAX_SAFE_INTEGER
    this.#sql.exec('DELETE FROM refusals WHERE sequence < ?', until)
    this.#saveArrived(Math.min(until - 1, this.#last), arrived.size)
  }

  /** Writes how far the records have arrived, once in a hundred records. After a restart the later ones are handed over again. */
  #saveArrived(arrived: number, count: number): void {
    this.#arrivedSince += count
    if (this.#arrivedSince < BATCH) return
    this.#arrivedSince = 0
    this.#handedOver.save({ arrived, head: this.#head })
  }

  /** Whether this record has arrived, so that its row may be deleted. */
  hasArrived(sequence: number): boolean {
    const [oldest] = this.#waiting.oldest
    return oldest === undefined || sequence < oldest.sequence
  }

  /** Writes the counts of seconds that are over, and those of strangers' requests that are due. */
  #writeCounts(now: Instant): void {
    for (const record of this.#strangers.take(now)) this.#write(record, now)
    const second = Math.floor(now / 1000)
    for (const [kind, counted] of this.#counted) {
      if (counted.second === second || this.isFull) continue
      if (counted.rest !== undefined) this.#write(counted.rest, now)
      this.#counted.delete(kind)
    }
  }
}
