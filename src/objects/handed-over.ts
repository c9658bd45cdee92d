import type { ChainHead } from '../ports/audit.ts'

/** How far the records have arrived, as earlier versions wrote it. */
const ARRIVED = 'arrived'
const HANDED_OVER = 'handedOver'
const SENT_AGAIN = 'handedOverAgain'

interface StoredState {
  readonly arrived: number
  readonly head: ChainHead
}

/** What an outbox remembers of its hand-overs over a restart. */
export class HandedOver {
  readonly #kv: SyncKvStorage
  /** Up to which place the catalogue may have records behind its last link: that was cut, and they were handed over once more. */
  #again: number

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
    this.#again = kv.get<number>(SENT_AGAIN) ?? 0
  }

  read(): StoredState {
    return (
      this.#kv.get<StoredState>(HANDED_OVER) ?? {
        arrived: this.#kv.get<number>(ARRIVED) ?? 0,
        head: { number: 0, hash: '', last: 0 },
      }
    )
  }

  save(state: StoredState): void {
    this.#kv.put<StoredState>(HANDED_OVER, state)
  }

  /** Everything up to this place is handed over once more. */
  sendAgain(until: number): void {
    this.#again = until
    this.#kv.put(SENT_AGAIN, until)
  }

  /** Whether the catalogue certainly has no record from this place on, if this is its last link. */
  isNew(place: number, { last = Number.MAX_SAFE_INTEGER }: ChainHead): boolean {
    return place > Math.max(last, this.#again)
  }
}
