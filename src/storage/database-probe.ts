import type { DatabaseProbe } from '../vocabulary/doctor.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { Query } from './run-query.ts'

/** D1 adds where it answered; local D1 does not. */
interface Answer {
  readonly clock: number
  readonly took: number
  readonly region?: string
}

/** Measures how long D1 takes, and how its clock differs from ours. Two reads of no row, at once. */
export const databaseProbe = (runQuery: Query, now: () => Instant) => ({
  async measure(): Promise<Outcome<DatabaseProbe>> {
    const ask = (from: D1SessionConstraint) =>
      runQuery('measure', async (db): Promise<Answer> => {
        const began = now()
        const { results, meta } = await db
          .withSession(from)
          .prepare(`SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS clock`)
          .all<{ clock: number }>()
        const ended = now()
        const { served_by_region: region } = meta
        // D1 has read its clock about halfway.
        const clock = (results[0]?.clock ?? ended) - (began + ended) / 2
        return { clock, took: ended - began, ...present({ region }) }
      })
    const [primary, nearest] = await Promise.all([ask('first-primary'), ask('first-unconstrained')])
    if (!primary.ok) return primary
    if (!nearest.ok) return nearest
    return done({
      primary: primary.value.took,
      nearest: nearest.value.took,
      ...present({ primaryRegion: primary.value.region, nearestRegion: nearest.value.region }),
      clockAhead: primary.value.clock,
    })
  },
})
