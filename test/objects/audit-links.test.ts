/** Links of records that SQL writes: changes by administrators, and bypass codes that were used. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type AuditRow, recordHash } from '../../src/storage/audit-commitments.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { equip, openService } from './http-world.ts'
import { eventually, housekeeping } from './world.ts'

let service: Service
beforeAll(async () => {
  service = await openService()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const rows = async (shard: string) =>
  (await env.DB.prepare('SELECT * FROM audit WHERE shard = ? ORDER BY number').bind(shard).all<AuditRow>()).results
const links = async (shard: string) =>
  (
    await env.DB.prepare('SELECT * FROM audit_chain WHERE shard = ? ORDER BY number')
      .bind(shard)
      .all<{ number: number; first: number; last: number; records: string; lost: string | null; hash: string }>()
  ).results
const setting = (value: string) => service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: value } })

it('changes by administrators are numbered without a gap, and linked by the next housekeeping', async () => {
  await setting('11')
  await equip('ada', 'polled')
  await housekeeping()
  const numbers = (await rows('catalogue')).map(({ number }) => number)
  expect(numbers.length).toBeGreaterThan(3)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  const linked = (await links('catalogue')).flatMap(({ records }) => JSON.parse(records) as [number, string][])
  const expected = await Promise.all((await rows('catalogue')).map(async (row) => [row.number, await recordHash(row)]))
  expect(linked).toEqual(expected)
})

it('a round without changes adds no link', async () => {
  await housekeeping()
  const before = await links('catalogue')
  await housekeeping()
  expect(await links('catalogue')).toEqual(before)
  await setting('12')
  await housekeeping()
  expect(await links('catalogue')).toHaveLength(before.length + 1)
})

it('a hundred and one changes are two links', async () => {
  await housekeeping()
  const before = (await links('catalogue')).length
  for (let count = 0; count < 101; count++) await setting(String(count + 1))
  await housekeeping()
  const [first, second, ...more] = (await links('catalogue')).slice(before)
  expect([first, second].map((link) => link && link.last - link.first)).toEqual([99, 0])
  expect(more).toEqual([])
})

it('a bypass code that was used is numbered and linked, and one that was refused is not', async () => {
  const { who } = await equip('grace', 'polled', { pin: '1234' })
  for (const use of [1, 2]) {
    const { value } = await service.call('POST', '/token/bypass', { form: { ...who, reason: 'lost phone' } })
    const code = String(fields(value)['code'])
    expect((await service.check({ ...who, pass: code })).authentication).toBe('ACCEPT')
    expect((await service.check({ ...who, pass: code })).authentication).toBe('REJECT')
    expect((await rows('bypass')).map(({ number }) => number)).toHaveLength(use)
  }
  // The first alarm may be that of the events that the codes have given.
  await eventually(async () => {
    await housekeeping()
    expect(await links('bypass')).toHaveLength(1)
  })
  expect((await rows('bypass')).map(({ number }) => number)).toEqual([1, 2])
  expect(await links('bypass')).toMatchObject([{ first: 1, last: 2 }])
})

it('after the database was put back, the next link names the one that is gone', async () => {
  await setting('13')
  await housekeeping()
  const gone = (await links('catalogue')).at(-1)
  await env.DB.batch([
    env.DB.prepare("DELETE FROM audit_chain WHERE shard = 'catalogue' AND number = ?").bind(gone?.number),
    env.DB.prepare("DELETE FROM audit WHERE shard = 'catalogue' AND number >= ?").bind(gone?.first),
    env.DB.prepare('UPDATE deployment SET catalogue_number = ? - 1').bind(gone?.first),
  ])
  await setting('14')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await housekeeping()
  expect((await links('catalogue')).at(-1)).toMatchObject({
    number: gone?.number,
    lost: `${gone?.number}.${gone?.hash}`,
  })
  expect(log).toHaveBeenCalledWith(expect.stringContaining('"event":"audit_chain_cut"'))
})
