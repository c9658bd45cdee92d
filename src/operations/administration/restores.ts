import type { ReportedChange, Restore } from '../../ports/journal-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { type KnownChange, type LostChange, lostChanges } from '../../rules/deployment/lost-changes.ts'
import type { Epoch, Revision, Serial, Source } from '../../vocabulary.ts'
import type { CatalogueVersion } from '../../vocabulary/catalogue.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** So many pages of 500 changes are looked at. */
const MAX_PAGES = 40

/** What is known of restores of the catalogue. */
export interface RestoreReport {
  readonly version: CatalogueVersion
  readonly restores: readonly Restore[]
  /** What restores that nobody has acknowledged have undone, and nobody has done again. */
  readonly lost: readonly LostChange[]
  /** False if there were too many changes to look at. */
  readonly isComplete: boolean
}

/** Reports the restores that were noticed and what they have undone. Looks at D1 first, so that a restore just now is among them.
 *  Refuses: as `authorize`; `storage_unavailable`. */
export async function reportRestores(ports: Ports, credential: Credential): Promise<Outcome<RestoreReport>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const version = await ports.journal.check({})
  if (!version.ok) return version
  const found = await changesSince(ports)
  if (!found.ok) return found
  const { restores, changes, isComplete } = found.value
  const serials = [...new Set(changes.flatMap(({ serial }) => serial ?? []))] as Serial[]
  const tokens = await ports.tokens.existing(serials)
  if (!tokens.ok) return tokens
  return done({ version: version.value, restores, lost: lostChanges(changes, tokens.value), isComplete })
}

interface ChangesSince {
  readonly restores: readonly Restore[]
  readonly changes: readonly KnownChange[]
  readonly isComplete: boolean
}

async function changesSince({
  journal,
  catalogue,
}: Pick<Ports, 'journal' | 'catalogue'>): Promise<Outcome<ChangesSince>> {
  const all: KnownChange[] = []
  let after: Revision | undefined
  for (let pages = 1; ; pages++) {
    const page = await journal.restores(after === undefined ? {} : { after })
    if (!page.ok) return page
    const { restores, changes, next } = page.value
    const missing = await catalogue.missing(changes)
    if (!missing.ok) return missing
    const lost = new Set<ReportedChange>(missing.value)
    all.push(...changes.map((change) => ({ ...change, isLost: lost.has(change) })))
    if (next === undefined || pages === MAX_PAGES)
      return done({ restores, changes: all, isComplete: next === undefined })
    after = next
  }
}

/** Keeps that the caller has dealt with the restores up to this epoch: what they have undone is listed no more.
 *  Refuses: as `authorizeDeploymentChange`; `storage_unavailable`. */
export async function acknowledgeRestores(
  ports: Ports,
  credential: Credential,
  source: Source,
  epoch: Epoch,
): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configwrite',
    'POST /deployment/lost-changes/acknowledge',
  )
  return change.ok ? ports.journal.acknowledge({ epoch, by: change.value.entry.administrator }) : change
}
