/** Counts of logins of two weeks, as the hourly round has added them up from the links of the audit (docs/storage.md). */
import type { serve } from '../serve.mjs'

type Database = Awaited<ReturnType<Awaited<ReturnType<typeof serve>>['database']>>

const HOUR_MS = 3_600_000
const DAYS = 14

/** How busy an hour of a working day is, from 0 to 23 in UTC. */
const HOURS = [2, 1, 1, 1, 2, 6, 30, 74, 96, 70, 48, 40, 52, 66, 44, 38, 30, 22, 12, 9, 8, 6, 4, 3]
const SERVICES = [
  ['keycloak', 0.5],
  ['vpn', 0.32],
  ['mail', 0.18],
] as const

/** The upper bounds of the milliseconds that steps are counted by, and of a hundred logins how many end up at each. */
const STEPS: Readonly<Record<string, readonly (readonly [bound: string, share: number])[]>> = {
  trigger: [
    ['25', 48],
    ['50', 45],
    ['100', 6],
    ['250', 1],
  ],
  delivery: [
    ['100', 30],
    ['250', 55],
    ['500', 13],
    ['1000', 2],
  ],
  fetch: [
    ['250', 60],
    ['500', 32],
    ['1000', 8],
  ],
  human: [
    ['2500', 18],
    ['5000', 52],
    ['10000', 22],
    ['30000', 8],
  ],
  answer: [
    ['25', 40],
    ['50', 50],
    ['100', 9],
    ['250', 1],
  ],
  wake: [
    ['25', 70],
    ['50', 28],
    ['100', 2],
  ],
  finalize: [
    ['25', 35],
    ['50', 58],
    ['100', 7],
  ],
  system: [
    ['250', 22],
    ['500', 62],
    ['1000', 14],
    ['2500', 2],
  ],
}

/** Writes them. The same hours give the same counts. */
export async function addHistory(db: Database, now: number): Promise<void> {
  const thisHour = Math.floor(now / HOUR_MS) * HOUR_MS
  const statements: ReturnType<Database['prepare']>[] = []
  for (let back = 1; back < DAYS * 24; back += 1) {
    const at = thisHour - back * HOUR_MS
    for (const [service, share] of SERVICES) {
      const counts = countsOf(at, share, service)
      statements.push(
        db
          .prepare(
            `INSERT INTO login_counts (span, at, region, service, mode, counts) VALUES ('hour', ?1, 'weur', ?2, 'standard', ?3)`,
          )
          .bind(at, service, JSON.stringify(counts)),
      )
    }
  }
  await db.batch(statements)
}

function countsOf(at: number, share: number, service: string): Readonly<Record<string, number>> {
  const date = new Date(at)
  const isWeekend = date.getUTCDay() % 6 === 0
  const busy = (HOURS[date.getUTCHours()] ?? 0) * (isWeekend ? 1.2 : 3)
  const draw = drawing(at / HOUR_MS + service.length * 7919)
  const total = Math.round(busy * share * (0.8 + 0.4 * draw()))
  const some = (part: number) => Math.floor(total * part * 2 * draw() + draw())
  const rest = {
    declined: some(0.012),
    cancelled: some(0.008),
    expired: some(0.03),
    refused: some(0.035),
    unfinished: some(0.006),
  }
  const accepted = Math.max(0, total - Object.values(rest).reduce((sum, one) => sum + one, 0))
  const counts: Record<string, number> = { 'outcome/accepted': accepted }
  for (const [name, count] of Object.entries(rest)) if (count > 0) counts[`outcome/${name}`] = count
  if (rest.refused > 0) counts[`refused/${draw() < 0.7 ? 'pin_wrong' : 'user_unknown'}`] = rest.refused
  for (const [step, bounds] of Object.entries(STEPS))
    for (const [bound, part] of bounds) {
      const count = Math.round((accepted * part) / 100)
      if (count === 0) continue
      counts[`step/${step}/${bound}`] = count
      counts[`step/${step}/sum`] = (counts[`step/${step}/sum`] ?? 0) + count * Number(bound) * 0.7
    }
  counts['delivery/acme/delivered'] = total
  const late = some(0.004)
  if (late > 0) counts['delivery/acme/timeout'] = late
  return counts
}

/** Numbers from 0 to 1 that look random (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
