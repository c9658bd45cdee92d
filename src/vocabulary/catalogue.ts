import type { Epoch, Revision } from '../vocabulary.ts'

/** A version of the catalogue. Compare revisions only within one epoch. */
export interface CatalogueVersion {
  readonly epoch: Epoch
  readonly revision: Revision
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
