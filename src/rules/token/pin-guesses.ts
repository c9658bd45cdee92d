/** Wrong PINs of one phone by the place they came from, so that strangers make only themselves wait. A place is a digest of the
 *  network of an end user's believed address. Requests without one count as attempts alone (`phone-state.ts`). No clock, no storage.
 *  Source: docs/protocol.md, "Failed attempts"; decision 0042. */
import { addSeconds, type Instant, type Seconds, seconds } from '../../vocabulary.ts'
import type { KnownName } from './ring-source.ts'

/** The wrong PINs of one place. */
interface PlaceGuesses {
  readonly place: string
  readonly wrong: number
  /** When the last of them was compared. */
  readonly at: Instant
}

/** Wrong PINs by place; absent parts are empty. */
export interface Guesses {
  readonly guesses?: readonly PlaceGuesses[]
  /** Wrong PINs of all places since the last success. */
  readonly guessed?: number
  /** Where the owner has logged in from. */
  readonly places?: readonly KnownName[]
}

/** Holds that name a place are wrong PINs of it for as long as they are held. */
interface Holds {
  readonly holds: readonly { readonly at: Instant; readonly place?: string }[]
}

/** So many wrong PINs of one place begin a wait; each further one doubles it. A token that locks earlier has fewer. */
const FREE_GUESSES = 5
const FIRST_WAIT = seconds(60)
const LONGEST_WAIT = seconds(3600)
/** A place that guesses no more is forgotten after a day. */
const GUESS_TIME = seconds(86_400)
/** So many wrong PINs of all places since the last success lock the token everywhere. Source: NIST SP 800-63B-4, 3.2.2. */
const MAX_GUESSED = 100
/** So many places that are not known have a count of their own; all others share one. */
const MAX_PLACES = 64
const SHARED = '*'
/** As for administrators: decision 0009. */
const MAX_KNOWN = 16
const KNOWN_TIME = seconds(30 * 86_400)

/** The wrong PINs since the last success, those still held included. */
const guessedOf = ({ guessed = 0, holds }: Guesses & Holds): number =>
  guessed + holds.filter(({ place }) => place !== undefined).length

/** Whether so many PINs were wrong that the token is locked wherever its user is. `attempts`: those that failed without a place, which
 *  add to them. Where there are no others, the token's own limit holds alone. */
export function isGuessedOut(state: Guesses & Holds, attempts: number): boolean {
  const guessed = guessedOf(state)
  return guessed > 0 && guessed + attempts >= MAX_GUESSED
}

/** The name under which a place is counted. A known place always has a count of its own, so no crowd of strangers reaches it. */
export function countedPlace({ guesses = [], places = [] }: Guesses, place: string, now: Instant): string {
  const isKnown = places.some(([known, until]) => known === place && now < until)
  const strangers = recent(guesses, now).filter((one) => one.place !== SHARED)
  return isKnown || strangers.some((one) => one.place === place) || strangers.length < MAX_PLACES ? place : SHARED
}

/** How long a place has to wait before another PIN of it is compared, in whole seconds; 0: not at all. `maxAttempts`: of the token. */
export function remainingPause(state: Guesses & Holds, place: string, maxAttempts: number, now: Instant): Seconds {
  const counted = countedPlace(state, place, now)
  const before = recent(state.guesses ?? [], now).find((one) => one.place === counted)
  const held = state.holds.filter((hold) => hold.place === counted)
  const beyond = (before?.wrong ?? 0) + held.length - Math.min(FREE_GUESSES, maxAttempts)
  if (beyond < 0) return seconds(0)
  const last = Math.max(before?.at ?? 0, ...held.map(({ at }) => at))
  const wait = Math.min(FIRST_WAIT * 2 ** beyond, LONGEST_WAIT)
  return seconds(Math.max(0, Math.ceil((last + wait * 1000 - now) / 1000)))
}

/** Returns the guesses with these holds counted for good. Those without a place are no guesses. */
export function withGuesses(state: Guesses, holds: Holds['holds'], now: Instant): Guesses {
  const { guesses = [], guessed = 0 } = state
  const placed = holds.flatMap(({ at, place }) => (place === undefined ? [] : [{ at, place }]))
  if (placed.length === 0) return {}
  const counted = placed.reduce(
    (list: readonly PlaceGuesses[], { at, place }) => {
      const before = list.find((one) => one.place === place)
      const wrong = (before?.wrong ?? 0) + 1
      return [
        ...list.filter((one) => one !== before),
        { place, wrong, at: at > (before?.at ?? 0) ? at : (before?.at ?? at) },
      ]
    },
    recent(guesses, now),
  )
  return { guesses: counted, guessed: guessed + placed.length }
}

/** Returns the guesses after a success from this place, which is known from now on. Other places go on waiting. */
export function afterSuccess({ guesses = [], places = [] }: Guesses, place: string | undefined, now: Instant): Guesses {
  if (place === undefined) return { guessed: 0 }
  const others = places.filter(([known, until]) => known !== place && now < until)
  return {
    guessed: 0,
    guesses: recent(guesses, now).filter((one) => one.place !== place),
    places: [...others.slice(1 - MAX_KNOWN), [place, addSeconds(now, KNOWN_TIME)]],
  }
}

const recent = (guesses: readonly PlaceGuesses[], now: Instant): readonly PlaceGuesses[] =>
  guesses.filter(({ at }) => now < addSeconds(at, GUESS_TIME))
