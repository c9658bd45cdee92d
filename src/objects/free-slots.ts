import { addSeconds, type Instant, seconds } from '../vocabulary.ts'

/** A row that no login takes within so long is deleted. Less than a day, so that the audit never disposes of a record while a shard could
 *  still hand it over again. */
export const UNUSED_TIME = seconds(12 * 3600)

interface Slot {
  readonly place: number
  /** When the login that stands there was swept, or could have been. */
  readonly freeSince: Instant
}

/** The rows of swept logins. The next login overwrites one of them: to delete it and insert another would be two written rows. */
export class FreeSlots {
  #slots: Slot[] = []

  add(slot: Slot): void {
    this.#slots.push(slot)
  }

  /** The slot to use next: the one that became free last, so that those of a busy hour come to be deleted. */
  get next(): number | undefined {
    return this.#slots.at(-1)?.place
  }

  /** A login stands there now. */
  use(place: number): void {
    if (this.next === place) this.#slots.pop()
  }

  remove(place: number): void {
    this.#slots = this.#slots.filter((slot) => slot.place !== place)
  }

  /** Removes the slots that nobody has used in time, at most `most`, and returns their places. */
  takeUnused(now: Instant, most: number): readonly number[] {
    const isUnused = ({ freeSince }: Slot): boolean => addSeconds(freeSince, UNUSED_TIME) <= now
    const places = this.#slots.filter(isUnused).map(({ place }) => place)
    const taken = new Set(places.slice(0, most))
    if (taken.size > 0) this.#slots = this.#slots.filter(({ place }) => !taken.has(place))
    return [...taken]
  }

  /** When each slot is to be deleted. */
  *deletions(): Iterable<Instant> {
    for (const { freeSince } of this.#slots) yield addSeconds(freeSince, UNUSED_TIME)
  }
}
