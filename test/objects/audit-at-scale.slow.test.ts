/** The hand-over of the audit at the rate of ten thousand logins a second: real shards and a real D1, while time passes in the tests only.
 *  The figures of docs/scale.md are these. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { addSeconds, instant, seconds } from '../../src/vocabulary.ts'
import { enroll, FAR, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const WORLD = 10_000
/** These run; all shards of the world do the same. */
const SHARDS = [90, 91] as const
const PHONES = 20
/** How often the alarms are looked at. */
const TICK = seconds(0.1)

interface Batch {
  readonly records: number
  readonly statements: number
  readonly rowsWritten: number
  readonly bytes: number
}

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: FAR }))
afterAll(() => void vi.useRealTimers())

/** Every hand-over to D1 from now on. */
function watchHandOvers(): Batch[] {
  const batches: Batch[] = []
  const session = Object.getPrototypeOf(env.DB.withSession()) as D1Database
  const before: D1Database['batch'] = Reflect.get(session, 'batch')
  vi.spyOn(session, 'batch').mockImplementation(async function (this: D1Database, statements) {
    const results = await Reflect.apply(before, this, [statements])
    const [link, records] = statements
    if (String(Reflect.get(link ?? {}, 'statement')).startsWith('INSERT INTO audit_chain') && records !== undefined) {
      const [rows = '[]'] = Reflect.get(records, 'params') as readonly string[]
      batches.push({
        records: (JSON.parse(rows) as unknown[]).length,
        statements: statements.length,
        rowsWritten: results.reduce((sum, { meta }) => sum + meta.rows_written, 0),
        bytes: rows.length,
      })
    }
    return results as never
  })
  return batches
}

/** Lets the alarms of the shards go off that are due. Answers how many did. */
async function runDueAlarms(): Promise<number> {
  let count = 0
  for (const number of SHARDS) {
    const due = await runInDurableObject(shardStub(number), (_, { storage }) => storage.getAlarm())
    if (due !== null && due <= ports.now() && (await runDurableObjectAlarm(shardStub(number)))) count += 1
  }
  return count
}

/** How many records D1 has, and how many its links name. */
const stored = async () => {
  const names = SHARDS.map((number) => `weur/${number}`)
  const query = (table: string, what: string) =>
    env.DB.prepare(`SELECT ${what} AS found FROM ${table} WHERE shard IN (SELECT value FROM json_each(?))`)
      .bind(JSON.stringify(names))
      .first<number>('found')
  return {
    records: (await query('audit', 'count(*)')) ?? 0,
    linked: (await query('audit_chain', 'sum(count)')) ?? 0,
  }
}

// A shard may have 256 neighbors in each of six regions: 1,536 shards at most.
it.each([
  { perSecond: 10, logins: 480 },
  { perSecond: 40, logins: 880 },
  { perSecond: 100, logins: 1400 },
])('with $perSecond logins a second in each shard', { timeout: 240_000 }, async ({ perSecond, logins }) => {
  const before = await stored()
  const phones: Awaited<ReturnType<typeof enroll>>[] = []
  for (let index = 0; index < PHONES; index += 1) phones.push(await enroll(`PIPUSCALE${perSecond}N${index}`))
  const batches = watchHandOvers()
  const began = ports.now()
  let alarms = 0
  let waiting = 0
  for (let count = 0, looked = began; count < logins; count += 1) {
    const now = addSeconds(began, seconds(count / (perSecond * SHARDS.length)))
    for (; looked < now; looked = addSeconds(looked, TICK)) {
      vi.setSystemTime(looked)
      alarms += await runDueAlarms()
    }
    vi.setSystemTime(now)
    const [phone, number] = [phones[count % PHONES], SHARDS[count % SHARDS.length]]
    if (phone === undefined || number === undefined) throw new Error('there is none')
    const login = await openLogin(number, [phone])
    valueOf(await shard(number).answer({ id: login.id, answer: await login.say(phone.serial) }))
    valueOf(await shard(number).finalize(finalizing(login.id)))
    waiting = Math.max(waiting, count - batches.reduce((sum, { records }) => sum + records, 0))
  }
  const took = (ports.now() - began) / 1000
  const inTime = batches.reduce((sum, { records }) => sum + records, 0)
  // What is left, as the last of a busy hour.
  const during = [...batches]
  for (const number of SHARDS) valueOf(await shard(number).handOverAudit())
  vi.restoreAllMocks()
  vi.setSystemTime(instant(ports.now() + 1000))

  const after = await stored()
  expect([after.records - before.records, after.linked - before.linked]).toEqual([logins, logins])
  const sizes = during.map(({ records }) => records)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
  expect(new Set(batches.map(({ statements }) => statements))).toEqual(new Set([3]))

  const shards = WORLD / perSecond
  const mean = inTime / during.length
  const perRecord = (of: (batch: Batch) => number) => batches.reduce((sum, one) => sum + of(one), 0) / logins
  const aSecond = WORLD / mean
  const figures = {
    'shards in the world': shards,
    'records in a hand-over, mean': mean,
    'records waiting in a shard, at most': waiting / SHARDS.length,
    'alarms a second': (alarms / took / SHARDS.length) * shards,
    'hand-overs a second': aSecond,
    'statements a second': aSecond * 3,
    'rows written a second': perRecord(({ rowsWritten }) => rowsWritten) * WORLD,
    'megabytes a second': (perRecord(({ bytes }) => bytes) * WORLD) / 1e6,
  }
  console.log(
    Object.entries(figures)
      .map(([name, value]) => `${name.padEnd(40)}${value.toFixed(value < 10 ? 2 : 0).padStart(8)}`)
      .join('\n'),
  )
  // One row for each record and one for each hand-over: that is what its price is worked out from.
  expect(figures['rows written a second']).toBeLessThan(WORLD * (1 + 1 / mean) * 1.1)
})
