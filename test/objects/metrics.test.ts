/** The counters of the metrics, as the journal tells them. */
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { Counts } from '../../src/vocabulary/login-reports.ts'
import { counterName } from '../../src/vocabulary/metrics.ts'
import { journalStub, emptyObject, ports, reconnect, valueOf } from './world.ts'

const ACCEPTED = counterName('login', 'accepted', 'vpn', 'standard')
let place = 0

/** Hands over a record of this login to the audit, as this shard does. */
async function handOver(shard: string, counts: Counts): Promise<void> {
  place += 1
  const at = ports.now()
  const head = valueOf(await ports.audit.head(shard))
  const record = { at, action: 'POST /validate/check', success: true, authentication: 'ACCEPT' }
  const counted = { service: 'vpn', mode: 'standard', counts }
  valueOf(await ports.audit.store({ shard, at, records: [{ sequence: at * 1000 + place, record, counted }], head }))
}
const login = (shard: string) => handOver(shard, { 'outcome/accepted': 1 })
const accepted = async () => valueOf(await ports.journal.metrics()).counters[ACCEPTED]

it('are the same in every isolate, and whichever shard counted', async () => {
  await login('weur/0')
  await login('enam/1')
  expect(await accepted()).toBe(2)
  await reconnect()
  expect(await accepted()).toBe(2)
  valueOf(await ports.loginCounts.addUp())
  expect(valueOf(await ports.journal.metrics()).gauges).toMatchObject({
    linksWaiting: 1,
    shardsBehind: 0,
    restoresOpen: 0,
  })
  expect(await accepted()).toBe(2)
})

it('never fall when the database is put back, and rise by what it counts afterwards', async () => {
  const before = (await accepted()) ?? 0
  const rows = await Promise.all(
    ['audit', 'audit_chain', 'login_counts', 'login_count_cursors', 'metric_totals'].map(async (table) => ({
      table,
      rows: (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results,
    })),
  )
  await login('weur/0')
  await login('weur/0')
  while (valueOf(await ports.loginCounts.addUp())) continue
  expect(await accepted()).toBe(before + 2)
  for (const { table, rows: stored } of rows) {
    await env.DB.prepare(`DELETE FROM ${table}`).run()
    for (const row of stored) {
      const columns = Object.keys(row)
      const marks = columns.map(() => '?').join(', ')
      await env.DB.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
        .bind(...Object.values(row))
        .run()
    }
  }
  expect(await accepted()).toBe(before + 2)
  await login('weur/0')
  expect(await accepted()).toBe(before + 3)
})

it('are told by a journal that has lost what it kept', async () => {
  const before = (await accepted()) ?? 0
  await emptyObject(journalStub())
  expect(await accepted()).toBeLessThanOrEqual(before)
  await login('enam/1')
  expect(await accepted()).toBeGreaterThan(0)
})

it('are added up early where many links wait', async () => {
  await env.DB.prepare(
    `INSERT INTO audit_chain (shard, number, at, first, last, count, oldest, newest, previous, lost, records, hash, counts)
     WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 205)
     SELECT 'apac/0', n, 0, n, n, 1, 0, 0, '', NULL, '[]', 'hash ' || n, ? FROM counted`,
  )
    .bind(JSON.stringify([[ports.now(), 'vpn', 'standard', { 'outcome/accepted': 1 }]]))
    .run()
  const before = valueOf(await ports.journal.metrics())
  expect(before.gauges.linksWaiting).toBeGreaterThan(200)
  await expect
    .poll(async () => valueOf(await ports.journal.metrics()).gauges.linksWaiting, { timeout: 10_000 })
    .toBeLessThan(200)
  expect(await accepted()).toBe(before.counters[ACCEPTED])
})

it('are read one after the other, so that no earlier state passes for a loss', async () => {
  const before = (await accepted()) ?? 0
  const reads = Array.from({ length: 8 }, accepted)
  await Promise.all([login('weur/0'), ...Array.from({ length: 8 }, accepted)])
  await Promise.all(reads)
  expect(await accepted()).toBe(before + 1)
})
