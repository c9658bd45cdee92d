import type { Epoch, Instant, Owner, Revision } from '../vocabulary.ts'

/** A version of the catalogue. Compare revisions only within one epoch. */
export interface CatalogueVersion {
  readonly epoch: Epoch
  readonly revision: Revision
}

/** What was changed in the catalogue: who, what, when. */
export interface CatalogueChange {
  readonly at: Instant
  /** As in the audit, `POST /token/disable/<serial>`; of a phone's own change `register phone` or `refresh registration`;
   *  what was undone because a phone declined it: `UNDONE` in `notices.ts`. */
  readonly action: string
  /** Absent when a phone changed its token. */
  readonly administrator?: string
  readonly serial?: string
  readonly owner?: Owner
  /** What was changed, if not a token. */
  readonly info?: string
}

/** The epoch of a catalogue that was never put back to an earlier state. */
export const FIRST_EPOCH = 1 as Epoch

/** In the audit, the action of the change that begins a new epoch. */
export const RESTORED = 'catalogue restored'

/** Whether `one` has a lower epoch than `other`, or the same epoch and a lower revision. */
export const isEarlier = (one: CatalogueVersion, other: CatalogueVersion): boolean =>
  one.epoch < other.epoch || (one.epoch === other.epoch && one.revision < other.revision)

/** Returns the later of both. */
export const laterOf = (one: CatalogueVersion, other: CatalogueVersion): CatalogueVersion =>
  isEarlier(one, other) ? other : one
