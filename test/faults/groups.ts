import type { Group } from './matrix.ts'
import { crashes } from './of-crashes.ts'
import { failingCatalogue } from './of-catalogue.ts'
import { messages, tokenEndpoint } from './of-google.ts'
import { goneObjects, lostCalls } from './of-objects.ts'
import { alarms, clocks } from './of-time.ts'

export const GROUPS: readonly Group[] = [
  messages,
  tokenEndpoint,
  failingCatalogue,
  lostCalls,
  goneObjects,
  alarms,
  clocks,
  crashes,
]

/** The short form. */
export const QUICK: readonly Group[] = GROUPS.map((group) => ({
  ...group,
  rows: group.rows.filter(({ quick }) => quick),
}))
