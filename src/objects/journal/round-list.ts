/** The deployment's housekeeping, in the order in which it is done. */
import { linkAudit } from './audit-links.ts'
import { forgetOldChanges } from './changes.ts'
import type { Round } from './rounds.ts'

export const ROUNDS: readonly Round[] = [forgetOldChanges, linkAudit]
