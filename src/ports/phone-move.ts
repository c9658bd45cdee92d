/** How a phone moves to another object. See `objects/phone-mover.ts`. */
import type { Region } from '../vocabulary.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'
import { verb } from './object-verbs.ts'

/** What an object of a phone hands over to the next one. */
export interface PhoneHandover {
  /** The id of the move. */
  readonly move: string
  /** Where the next object was to be made. */
  readonly region: Region
  /** As the object stores it (`objects/stored-phone.ts`). */
  readonly phone: object
  /** Security events that the journal does not have yet. */
  readonly events: readonly SecurityEvent[]
}

/** What became of a request to move a phone. */
export interface PhoneMoveResult {
  /** The number of the object that the phone has, or gets. */
  readonly number: number
  /** `stays`: it lives where it should. `moving`: the move goes on by itself. */
  readonly state: 'stays' | 'moving' | 'moved'
  /** Where it moves, or moved. */
  readonly region?: Region
}

/** Where a phone has moved, every other verb refuses `storage_unavailable` with `movedTo`. */
export const PHONE_MOVE_VERBS = {
  /** Moves the phone to its next object, which is made in this region. Goes on by itself if the call is lost.
   *  Refuses: `token_unknown` if no phone has registered; `storage_unavailable`. */
  move: verb<{ readonly region?: Region | undefined }, PhoneMoveResult>('repeat'),
  /** Makes this object, if its version knows of moves. */
  prepareMove: verb<void, void>('repeat'),
  /** Takes over what the object before has stored, once. From then on this object serves. */
  takeOver: verb<PhoneHandover, void>('repeat'),
  /** Changes the number that this object, which the phone has left, names to its callers. */
  redirect: verb<{ readonly to: number }, void>('repeat'),
} as const
