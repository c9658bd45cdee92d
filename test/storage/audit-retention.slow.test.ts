/** Retention at a million records: how long one step of the journal's round takes, and what D1 reads and writes for it. */
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { connect } from '../../src/connect.ts'
import { disposeOfAudit } from '../../src/objects/journal/audit-retention.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { tablesOf } from './example.ts'
import { meter, metered } from './metered.ts'

const RECORDS = 1_000_000
const DAY_MS = 86_400_000
const NOW = Date.UTC(2036, 0, 1, 9)
/** A million records over a hundred days, the last of which is old by a day. */
const FIRST = NOW - 466 * DAY_MS
const EACH_DAY = RECORDS / 100

const STEPS = JSON.stringify([
  {
    at: 0,
    kind: 'opened',
    challenges: 1,
    action: 'POST /validate/triggerchallenge',
    success: true,
    authentication: 'CHALLENGE',
    serial: 'PIPU7K2M9QXA',
    info: 'triggered 1 challenges',
  },
  { at: 0, kind: 'delivered', serial: 'PIPU7K2M9QXA' },
  {
    at: 0,
    kind: 'accepted',
    serial: 'PIPU7K2M9QXA',
    action: 'POST /ttype/<ttype>',
    address: '198.51.100.4',
    userAgent: 'privacyIDEA-App/4.8.0',
    success: true,
    authentication: '',
    info: 'accepted',
  },
  {
    at: 0,
    kind: 'finalized',
    serial: 'PIPU7K2M9QXA',
    action: 'POST /validate/check',
    address: '192.0.2.7',
    userAgent: 'privacyidea-cp/3.6',
    success: true,
    authentication: 'ACCEPT',
    info: 'Found matching challenge',
  },
])

let ports: Ports

async function measure(limits: Partial<Ports['limits']>, steps: number) {
  const on = { ...ports, limits: { ...ports.limits, ...limits } }
  const context = { ports: on, storage: {} as DurableObjectStorage, cursor: undefined, keep: () => undefined }
  const before = await env.DB.prepare('SELECT count(*) AS count FROM audit').first<number>('count')
  Object.assign(meter, { read: 0, written: 0 })
  const times: number[] = []
  for (let step = 0; step < steps; step += 1) {
    const start = performance.now()
    expect(await disposeOfAudit.step(context)).toBe('more')
    times.push(performance.now() - start)
  }
  const after = await env.DB.prepare('SELECT count(*) AS count FROM audit').first<number>('count')
  const gone = Number(before) - Number(after)
  const sorted = times.toSorted((one, other) => one - other)
  return {
    gone,
    median: sorted[Math.floor(steps / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
    readPerRecord: meter.read / gone,
    writtenPerRecord: meter.written / gone,
  }
}

describe('retention of a million records', () => {
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const connected = await connect(env)
    ports = { ...connected, auditRetention: tablesOf(metered()).auditRetention }
    for (let from = 0; from < RECORDS; from += 50_000)
      await env.DB.prepare(
        `INSERT INTO audit (at, shard, sequence, action, success, authentication, transaction_id, serial, login, realm, service,
           address, user_agent, info, steps, salt)
         WITH RECURSIVE counted (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM counted WHERE n < ${from + 49_999})
         SELECT ${FIRST} + n * ${DAY_MS / EACH_DAY}, 'weur/' || (n % 2), (${FIRST} + n * ${DAY_MS / EACH_DAY}) * 1000, 'POST /validate/triggerchallenge', 1, 'ACCEPT',
           printf('%020d', n), 'PIPU' || hex(randomblob(4)), 'user' || (n % 1000), 'sales', 'vpn', '192.0.2.' || (n % 251), 'privacyidea-cp/3.6', 'finalized', ?, hex(randomblob(16)) FROM counted`,
      )
        .bind(STEPS)
        .run()
    // A link for each hundred records of a shard.
    await env.DB.prepare(
      `INSERT INTO audit_chain (shard, number, at, first, last, count, oldest, newest, records, previous, hash)
       SELECT shard, row_number() OVER (PARTITION BY shard ORDER BY min(at)), max(at), min(sequence), max(sequence), count(*), min(at), max(at),
         json_group_array(json_array(sequence, hex(randomblob(32)))), '', hex(randomblob(32))
       FROM audit GROUP BY shard, cast(at / 1728000 AS INTEGER)`,
    ).run()
    const { meta } = await env.DB.prepare('SELECT 1').run()
    console.log('D1 bytes a record, its link included', meta.size_after / RECORDS)
  }, 900_000)

  it(
    'archives and deletes two thousand records a step, in well under the few seconds a step may take',
    { timeout: 600_000 },
    async () => {
      const result = await measure({}, 60)
      console.log('archived and deleted', JSON.stringify(result))
      expect(result.gone).toBeGreaterThan(90_000)
      expect(result.readPerRecord).toBeLessThan(12)
      expect(result.writtenPerRecord).toBeLessThan(1.2)
      const { results } = await env.DB.prepare('SELECT records, bytes FROM audit_parts').all<{
        records: number
        bytes: number
      }>()
      const [records, bytes] = [
        results.reduce((sum, row) => sum + row.records, 0),
        results.reduce((sum, row) => sum + row.bytes, 0),
      ]
      console.log('parts', results.length, 'records', records, 'bytes a record', bytes / records)
      expect(records).toBe(result.gone)
    },
  )

  it('deletes without an archive', { timeout: 600_000 }, async () => {
    const result = await measure({ auditArchiveMode: 'off' }, 60)
    console.log('deleted', JSON.stringify(result))
    expect(result.gone).toBeGreaterThan(90_000)
    expect(result.readPerRecord).toBeLessThan(6)
    expect(result.writtenPerRecord).toBeLessThan(1.2)
  })

  it('is over when nothing is old any more, and leaves the last link of each shard', { timeout: 600_000 }, async () => {
    for (;;) {
      const limits = { ...ports.limits, auditArchiveMode: 'off' as const }
      const context = {
        ports: { ...ports, limits },
        storage: {} as DurableObjectStorage,
        cursor: undefined,
        keep: () => undefined,
      }
      if ((await disposeOfAudit.step(context)) === 'done') break
    }
    expect(await env.DB.prepare('SELECT count(*) AS count FROM audit').first('count')).toBe(0)
    expect(await env.DB.prepare('SELECT count(*) AS count FROM audit_chain').first('count')).toBe(2)
  })
})
