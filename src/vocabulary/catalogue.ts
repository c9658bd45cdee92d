import type { Epoch, Revision } from '../vocabulary.ts'

/** A state of the catalogue: how far one of its histories has come. */
export interface CatalogueVersion {
  readonly epoch: Epoch
  readonly revision: Revision
}

/** The epoch of a catalogue that was never put back to an earlier state. */
export const FIRST_EPOCH = 1 as Epoch

/** In the audit, the action of the change that begins a new epoch. */
export const RESTORED = 'catalogue restored'

/** Whether `one` is of an earlier history than `other`, or earlier in the same one. */
export const isEarlier = (one: CatalogueVersion, other: CatalogueVersion): boolean =>
  one.epoch < other.epoch || (one.epoch === other.epoch && one.revision < other.revision)

/** Returns the later of both. */
export const laterOf = (one: CatalogueVersion, other: CatalogueVersion): CatalogueVersion =>
  isEarlier(one, other) ? other : one
