import type { AuditRecord } from '../vocabulary/audit.ts'
import type { TransactionId } from '../vocabulary.ts'

/** So many of the oldest records are in memory; the others in storage only, because the catalogue may take nothing for days. */
const MAX_IN_MEMORY = 10_000
/** With fewer than so many in memory, later ones are read. */
const FEW = 100

export interface OutboxEntry {
  readonly sequence: number
  readonly record: AuditRecord
}

/** Where a record stands in storage: that of a login in the login's own row, any other under its place in the outbox. */
export interface StoredPlace {
  readonly sequence: number
  readonly id?: TransactionId
}

/** The records of an outbox in order: the oldest in memory, of the later ones their places. */
export class WaitingRecords {
  readonly #read: (place: StoredPlace) => AuditRecord | undefined
  #inMemory: OutboxEntry[] = []
  #later: StoredPlace[] = []

  /** `read` reads a record from storage; undefined: it is not there any more. */
  constructor(read: (place: StoredPlace) => AuditRecord | undefined) {
    this.#read = read
  }

  get length(): number {
    return this.#inMemory.length + this.#later.length
  }

  /** Whether all records are in memory. */
  get isWhole(): boolean {
    return this.#later.length === 0
  }

  /** The oldest records, as far as they are in memory: none only if there are none. */
  get oldest(): readonly OutboxEntry[] {
    return this.#inMemory
  }

  /** Begins anew with these places, in whatever order they come. Returns the last place. */
  reset(places: readonly StoredPlace[]): number | undefined {
    this.#later = places.toSorted((a, b) => a.sequence - b.sequence)
    this.#inMemory = []
    const last = this.#later.at(-1)?.sequence
    this.#fill()
    return last
  }

  /** Adds the newest record, which is in storage, or will be when the caller is done. */
  add(place: StoredPlace, record: () => AuditRecord): void {
    const hasRoom = this.isWhole && this.#inMemory.length < MAX_IN_MEMORY
    if (hasRoom) this.#inMemory.push({ sequence: place.sequence, record: record() })
    else this.#later.push(place)
  }

  remove(places: ReadonlySet<number>): void {
    this.#inMemory = this.#inMemory.filter(({ sequence }) => !places.has(sequence))
    this.#fill()
  }

  #fill(): void {
    while (this.#inMemory.length < FEW && this.#later.length > 0)
      for (const place of this.#later.splice(0, MAX_IN_MEMORY - this.#inMemory.length)) {
        const record = this.#read(place)
        if (record !== undefined) this.#inMemory.push({ sequence: place.sequence, record })
      }
  }
}
