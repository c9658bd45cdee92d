import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import { FAR, ports, shard, shardStub } from './world.ts'

/** vitest.config.ts sets the budget of a region to 100,000 an hour; the default is 100. */
const HOURLY = 50_000

let at = 700
const stub = () => shardStub(at)
const alarm = () => runDurableObjectAlarm(stub())
const pass = (count: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(count)))
const audit = async () =>
  (await env.DB.prepare('SELECT * FROM audit WHERE shard = ? ORDER BY sequence').bind(`weur/${at}`).all()).results
/** What is left of the shard's budget, as it is stored. */
const leave = async (tokens: number) => {
  await runInDurableObject(stub(), (_, { storage }) => {
    storage.kv.put('strangers', { tokens, at: ports.now(), counted: {} })
  })
  await evictDurableObject(stub())
}

const record = (fields: Partial<AuditRecord> = {}): AuditRecord => ({
  at: ports.now(),
  action: 'POST /auth',
  success: false,
  authentication: 'REJECT',
  address: '203.0.113.9',
  userAgent: 'curl',
  info: 'Authentication failed.',
  ...fields,
})
const stranger = { stranger: true } as const
const flood = async (count: number, kinds = 8) => {
  await runInDurableObject(stub(), async (object) => {
    for (let index = 0; index < count; index += 1)
      await object.recordAudit({ record: record(stranger), kind: `kind ${index % kinds}` })
  })
}

beforeEach(() => {
  at += 1
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
})
afterEach(() => {
  vi.useRealTimers()
})

it('strangers fill the budget of their shard once, over all kinds; the rest is one count of each kind', async () => {
  await leave(30)
  await flood(800)
  await alarm()
  expect(await audit()).toHaveLength(30)
  pass(900)
  await alarm()
  const counts = (await audit()).slice(30)
  expect(counts).toHaveLength(8)
  expect(counts.reduce((sum, row) => sum + Number(row['count']), 0)).toBe(770)
  expect((await audit()).every((row) => row['stranger'] === 1)).toBe(true)
})

it('no restart refills the budget, and one loses no count that a round has stored', async () => {
  await leave(3)
  await flood(10, 1)
  await alarm()
  await evictDurableObject(stub())
  await flood(10, 1)
  await alarm()
  await evictDurableObject(stub())
  expect(await audit()).toHaveLength(3)
  pass(900)
  await alarm()
  expect((await audit()).map((row) => row['count'])).toEqual([null, null, null, 17])
  expect(await runInDurableObject(stub(), (_, { storage }) => storage.getAlarm())).toBeNull()
})

it('evidence is listed while strangers are counted', async () => {
  await leave(0)
  await flood(100)
  for (let index = 0; index < 30; index += 1) await shard(at).recordAudit({ record: record({ info: 'signed in' }) })
  await alarm()
  expect((await audit()).map((row) => row['info'])).toEqual(Array.from({ length: 30 }, () => 'signed in'))
})

it('each shard has a budget of its own', async () => {
  await leave(5)
  await flood(20)
  await alarm()
  expect(await audit()).toHaveLength(5)
  at += 1
  await flood(20)
  await alarm()
  expect(await audit()).toHaveLength(20)
})

it('the budget is that of the configuration, refilled within an hour', async () => {
  await flood(1)
  const stored = () =>
    runInDurableObject(stub(), (_, { storage }) => storage.kv.get<{ readonly tokens: number }>('strangers')?.tokens)
  expect(await stored()).toBe(HOURLY - 1)
  await leave(0)
  pass(1800)
  await flood(1)
  expect(await stored()).toBe(HOURLY / 2 - 1)
})
