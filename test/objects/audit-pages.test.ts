/** The audit over HTTP, while its newest records are still in the shards: nobody who reads it need know where a line lies. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Transactions } from '../../src/index.ts'
import { done, refuse } from '../../src/refusal.ts'
import { seconds } from '../../src/vocabulary.ts'
import { fields } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import { equip, type Holder, logIn, openService } from './http-world.ts'
import { failPendingAudit, ports, valueOf } from './world.ts'

let service: Service
let ada: Holder

beforeAll(async () => {
  // A file before this one may have left its clock standing: lines of one millisecond can have the same number.
  vi.useRealTimers()
  service = await openService()
  ada = await equip('ada', 'polled')
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function page(query: Form) {
  const { status, value } = await service.call('GET', '/audit/', { query })
  expect(status).toBe(200)
  const { auditdata, count, next, incomplete } = fields(value)
  const lines = auditdata as { info: string; number: number }[]
  return { infos: lines.map(({ info }) => info), numbers: lines.map(({ number }) => number), count, next, incomplete }
}
/** The file of an export, and its lines behind the names of the columns. */
const file = async (query: Form) => {
  const reply = await service.call('GET', '/audit/all.csv', { query })
  return { ...reply, lines: reply.text.trimEnd().split('\n').slice(1) }
}
const inCatalogue = (id: string) =>
  env.DB.prepare('SELECT count(*) AS count FROM audit WHERE transaction_id = ?').bind(id).first('count')
const shardOf = async (id: string) => {
  const { shard } = (await ports.identifiers.locate(id)) ?? {}
  const name = `${shard?.region}/${shard?.number}`
  return { name, stub: env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(name)) }
}
const STEPS = ['Found matching challenge', 'accepted', 'triggered 1 challenges']

it('shows a login as soon as it has ended, in a list and in a file, before any alarm', async () => {
  const id = await logIn(ada)
  expect(await inCatalogue(id)).toBe(0)
  expect(await page({ transaction_id: id })).toMatchObject({ infos: STEPS, count: 3, incomplete: undefined })
  const { status, lines } = await file({ transaction_id: id })
  expect([status, lines.length]).toEqual([200, 3])
  expect(await inCatalogue(id)).toBe(0)
})

it('shows and counts a record once when both the catalogue and a restarted shard have it', async () => {
  const ids = [await logIn(ada), await logIn(ada), await logIn(ada)]
  for (const id of ids) {
    const { stub } = await shardOf(id)
    await runDurableObjectAlarm(stub)
    expect(await inCatalogue(id)).toBe(1)
    await evictDurableObject(stub)
  }
  const query = { action_detail: 'transaction_id: *', user: 'ada', realm: 'polled' }
  const all = await page({ ...query, page_size: '100' })
  expect(new Set(all.numbers).size).toBe(all.numbers.length)
  expect(all.count).toBe(all.numbers.length)
  const paged: number[] = []
  for (let at = 1; ; at++) {
    const { numbers, count, next } = await page({ ...query, page_size: '2', page: String(at) })
    expect(count).toBe(all.count)
    paged.push(...numbers)
    if (next === null) break
  }
  expect(paged).toEqual(all.numbers)
  expect((await file(query)).lines).toHaveLength(all.numbers.length)
})

it.each([
  ['cannot be reached', () => Promise.reject(new Error('Network connection lost.'))],
  ['does not answer in time', () => new Promise<never>(() => undefined)],
])('names a shard that %s in the list, shows the other lines, and refuses the file', async (_, fails) => {
  const [here, there] = [await logIn(ada), await ports.identifiers.draw({ region: 'apac', number: 1 })]
  const log = vi.spyOn(ports, 'log').mockImplementation(() => undefined)
  failPendingAudit((await shardOf(there)).name, fails)
  expect(await page({ transaction_id: here })).toMatchObject({ infos: STEPS, incomplete: ['apac/1'] })
  expect(log).toHaveBeenCalledWith('audit_shard_unreachable', { shard: 'apac/1', error: expect.any(String) })
  const refused = await file({ transaction_id: here })
  expect(refused).toMatchObject({ status: 503, error: { code: 903, message: expect.stringContaining('apac/1') } })
  expect(refused.headers.get('Retry-After')).toBe('1')
})

it('names a shard that does not answer everything it has, and refuses the file', async () => {
  const pendingAudit: Transactions['pendingAudit'] = Reflect.get(Transactions.prototype, 'pendingAudit')
  vi.spyOn(Transactions.prototype, 'pendingAudit').mockImplementation(async function (this: Transactions, query) {
    const { name } = (Reflect.get(this, 'ctx') as DurableObjectState).id
    const pending = await Reflect.apply(pendingAudit, this, [query])
    return name === 'oc/0' ? done({ ...valueOf(pending), whole: false }) : pending
  })
  expect((await page({ page_size: '1' })).incomplete).toEqual(['oc/0'])
  expect(await file({})).toMatchObject({ status: 503, error: { message: expect.stringContaining('oc/0') } })
})

it('shows old records page by page under a flood of new ones, while the catalogue is down', async () => {
  const away = refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  vi.spyOn(ports.audit, 'store').mockResolvedValue(away)
  const crowded = env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName('oc/0'))
  const record = { at: ports.now(), action: 'needle', success: false, authentication: '' }
  await runInDurableObject(crowded, async (object) => {
    for (let count = 0; count < 3; count++) await object.recordAudit({ record: { ...record, info: `needle ${count}` } })
    for (let count = 0; count < 5000; count++)
      await object.recordAudit({ record: { ...record, action: 'hay', info: 'crowd' } })
  })
  const third = await page({ action: 'needle', page_size: '1', page: '3' })
  expect(third).toMatchObject({ infos: ['needle 0'], count: 3, next: null, incomplete: undefined })
  expect((await page({ page_size: '1' })).incomplete).toBeUndefined()
  expect((await file({ action: 'needle' })).lines).toHaveLength(3)
  expect((await file({ info: 'crowd' })).lines).toHaveLength(5000)
  vi.restoreAllMocks()
  await runDurableObjectAlarm(crowded)
  expect(await page({ info: 'crowd', page_size: '1' })).toMatchObject({ count: 5000, incomplete: undefined })
})
