import type { Group } from './matrix.ts'
import { crashes } from './crash-faults.ts'
import { failingArchive } from './archive-faults.ts'
import { failingCatalogue } from './catalogue-faults.ts'
import { messages, tokenEndpoint } from './google-faults.ts'
import { fullObjects, goneObjects, lostCalls } from './object-faults.ts'
import { replicas } from './replica-faults.ts'
import { moves } from './move-faults.ts'
import { schemas } from './schema-faults.ts'
import { restores } from './restore-faults.ts'
import { alarms, clocks } from './time-faults.ts'

export const GROUPS: readonly Group[] = [
  messages,
  tokenEndpoint,
  failingCatalogue,
  replicas,
  schemas,
  failingArchive,
  lostCalls,
  fullObjects,
  goneObjects,
  alarms,
  clocks,
  restores,
  moves,
  crashes,
]

/** The short form. */
export const QUICK: readonly Group[] = GROUPS.map((group) => ({
  ...group,
  rows: group.rows.filter(({ quick }) => quick),
}))
