/** Which revision a change takes, and between which revisions it stands. */
import type { ChangeVersion } from '../ports/journal-object.ts'
import { epoch, revision } from '../vocabulary.ts'

/** SQL of the revision that the next change takes; `?1` is the time of the change. Revisions follow the clock, so that a
 *  catalogue that was put back to an earlier state does not use one again. */
export const NEXT_REVISION = 'max(deployment.revision + 1, ?1)'

export interface VersionRow {
  readonly epoch: number
  /** The catalogue's revision before the change. */
  readonly previous: number
  readonly revision: number
}

export const versionOf = (row: VersionRow): ChangeVersion => ({
  epoch: epoch(row.epoch),
  previous: revision(row.previous),
  revision: revision(row.revision),
})
