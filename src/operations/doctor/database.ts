/** Checks of the database and of the clock. */
import type { DatabaseProbe, FirebaseProbe } from '../../vocabulary/doctor.ts'
import type { Check, Finding } from './finding.ts'

/** A read of the nearest copy, and one of the primary across an ocean, in milliseconds. */
const SLOW_NEAREST = 150
const SLOW_PRIMARY = 600
/** Google's assertions and phones' polls allow for minutes; a code or a receipt is off by this much (milliseconds). */
const CLOCK_TOLERANCE = 5000

export const migrations: Check = {
  id: 'migrations',
  async run({ ports }) {
    const fault = await ports.schema.fault()
    return fault === undefined
      ? { state: 'ok', text: 'migrations_ok' }
      : {
          state: 'fail',
          text: 'migrations_missing',
          details: fault,
          next: ports.limits.onCloudflare ? 'npm run deploy' : 'npm start',
        }
  },
}

export const database: Check = {
  id: 'database',
  async run({ ports }) {
    const probe = await ports.databaseProbe.measure()
    if (!probe.ok)
      return {
        state: 'fail',
        text: 'database_unavailable',
        next: 'https://www.cloudflarestatus.com/, then GET /healthz',
      }
    if (!(await ports.databaseProbe.write()).ok)
      return {
        state: 'fail',
        text: 'database_unwritable',
        next: 'docs/operating.md, "When something is full or broken"',
      }
    const { primary, nearest, primaryRegion, nearestRegion } = probe.value
    const values = { primary: Math.round(primary), nearest: Math.round(nearest) }
    const regions = [primaryRegion, nearestRegion].filter((one) => one !== undefined)
    const details = regions.length === 2 ? { details: `primary in ${regions[0]}, nearest copy in ${regions[1]}` } : {}
    return nearest > SLOW_NEAREST || primary > SLOW_PRIMARY
      ? {
          state: 'warn',
          text: 'database_slow',
          values,
          ...details,
          next: 'turn on read replication of the D1 database',
        }
      : { state: 'ok', text: 'database_ok', values, ...details }
  },
}

/** Compares the clock with D1's, and with Google's where a Firebase configuration asks it anyway. */
export function clockFinding(
  databaseProbe: DatabaseProbe | undefined,
  firebaseProbes: readonly FirebaseProbe[],
): Finding {
  const google = firebaseProbes.flatMap(({ clockAhead }) => clockAhead ?? [])
  const differences = [...(databaseProbe === undefined ? [] : [databaseProbe.clockAhead]), ...google]
  if (differences.length === 0) return { state: 'skip', text: 'clock_unknown' }
  const largest = Math.max(...differences.map(Math.abs))
  const values = { seconds: (largest / 1000).toFixed(1) }
  return largest <= CLOCK_TOLERANCE
    ? { state: 'ok', text: 'clock_ok', values }
    : { state: 'fail', text: 'clock_wrong', values, next: 'timedatectl set-ntp true' }
}
