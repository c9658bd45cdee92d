/** The deployment's housekeeping, in the order in which it is done. */
import { signAuditHeads } from './audit-heads.ts'
import { linkAudit } from './audit-links.ts'
import { disposeOfAudit, shortenAudit } from './audit-retention.ts'
import { sweepCatalogue } from './catalogue-sweep.ts'
import { forgetOldChanges } from './changes.ts'
import { forgetOldEvents } from './event-rows.ts'
import { addUpLogins, shortenLoginCounts } from './login-counts.ts'
import type { Round } from './rounds.ts'

// Records are linked before they are archived, and links counted before they are deleted.
export const ROUNDS: readonly Round[] = [
  forgetOldChanges,
  linkAudit,
  addUpLogins,
  shortenLoginCounts,
  signAuditHeads,
  shortenAudit,
  disposeOfAudit,
  forgetOldEvents,
  sweepCatalogue,
]
