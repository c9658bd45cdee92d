import type { DatabaseProbe } from '../vocabulary/doctor.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { Query } from './run-query.ts'

interface Answer {
  /** How far D1's clock is ahead of ours, in milliseconds. */
  readonly ahead: number
  readonly took: number
  /** Where it answered; local D1 does not say. */
  readonly region?: string
}

const CLOCK = `SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS clock`

async function ask(db: D1Database, from: D1SessionConstraint, now: () => Instant): Promise<Answer> {
  const began = now()
  const { results, meta } = await db.withSession(from).prepare(CLOCK).all<{ clock: number }>()
  const ended = now()
  const { served_by_region: region } = meta
  // D1 has read its clock about halfway.
  const ahead = (results[0]?.clock ?? ended) - (began + ended) / 2
  return { ahead, took: ended - began, ...present({ region }) }
}

/** Measures how long D1 takes, and how its clock differs from ours: two reads of no row, at once; and the write of one row. */
export const databaseProbe = (runQuery: Query, now: () => Instant) => ({
  async measure(): Promise<Outcome<DatabaseProbe>> {
    const [primary, nearest] = await Promise.all([
      runQuery('measure', (db) => ask(db, 'first-primary', now)),
      runQuery('measure', (db) => ask(db, 'first-unconstrained', now)),
    ])
    if (!primary.ok) return primary
    if (!nearest.ok) return nearest
    return done({
      primary: primary.value.took,
      nearest: nearest.value.took,
      ...present({ primaryRegion: primary.value.region, nearestRegion: nearest.value.region }),
      clockAhead: primary.value.ahead,
    })
  },

  async write(): Promise<Outcome<number>> {
    const began = now()
    const written = await runQuery('write', (db) => db.prepare('UPDATE deployment SET id = id').run())
    return written.ok ? done(now() - began) : written
  },
})
