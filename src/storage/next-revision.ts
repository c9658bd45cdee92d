/** The version of the catalogue: how it is read, and which revision the next change takes. */
import type { ChangeVersion } from '../ports/journal-object.ts'
import { epoch, revision } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'

/** SQL of the revision that the next change takes; `?1` is the time of the change. Revisions follow the clock, so that a
 *  catalogue that was put back to an earlier state does not use one again. */
export const NEXT_REVISION = 'max(deployment.revision + 1, ?1)'

/** Columns of the table `deployment`, for statements that read it beside another one. */
export const VERSION_COLUMNS = 'deployment.epoch, deployment.revision AS deployment_revision'

export interface DeploymentRow {
  readonly epoch: number
  readonly deployment_revision: number
}

export const versionRead = (row: DeploymentRow): CatalogueVersion => ({
  epoch: epoch(row.epoch),
  revision: revision(row.deployment_revision),
})

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
