/** The deployment's housekeeping, in the order in which it is done. */
import { forgetOldChanges } from './changes.ts'
import type { Round } from './rounds.ts'

export const ROUNDS: readonly Round[] = [forgetOldChanges]
