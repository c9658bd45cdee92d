import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import { handOver, now, serial, storage, valueOf } from './example.ts'

const record: AuditRecord = {
  at: now,
  action: 'POST /validate/check',
  success: true,
  authentication: 'ACCEPT',
  transaction: '00123456789012345678',
  serial: 'PIPUAUDIT001',
  owner: { login: 'ada', realm: 'sales' },
  service: 'vpn',
  address: '192.0.2.7',
  userAgent: 'privacyidea-cp/3.6',
  info: 'it is "fine"',
  count: 1,
  steps: [{ at: now, kind: 'opened', serial: 'PIPUAUDIT001' }],
  duration: 1200,
  policies: 'push,pins',
}

const bare: AuditRecord = { at: addSeconds(now, seconds(1)), action: 'POST /auth', success: false, authentication: '' }
const NO_LINK = { number: 0, hash: '' }

const rows = async (shard: string) =>
  (await env.DB.prepare('SELECT * FROM audit WHERE shard = ? ORDER BY sequence').bind(shard).all()).results
const links = async (shard: string) =>
  (await env.DB.prepare('SELECT * FROM audit_chain WHERE shard = ? ORDER BY number').bind(shard).all()).results

const batchOf = (...sequences: number[]) =>
  sequences.map((sequence) => ({ sequence, record: { ...bare, info: `${sequence}` } }))
const store = async (shard: string, sequences: readonly number[], head = NO_LINK) =>
  valueOf(await storage().audit.store({ shard, at: now, records: batchOf(...sequences), head }))

describe('the audit', () => {
  it('stores every field of a record', async () => {
    await handOver('weur-0', [{ sequence: 1, record }])
    expect(await rows('weur-0')).toEqual([
      {
        at: now,
        shard: 'weur-0',
        sequence: 1,
        number: null,
        action: 'POST /validate/check',
        success: 1,
        authentication: 'ACCEPT',
        transaction_id: '00123456789012345678',
        serial: serial('PIPUAUDIT001'),
        login: 'ada',
        realm: 'sales',
        administrator: null,
        service: 'vpn',
        address: '192.0.2.7',
        user_agent: 'privacyidea-cp/3.6',
        info: 'it is "fine"',
        count: 1,
        stranger: null,
        steps: JSON.stringify(record.steps),
        duration: 1200,
        policies: 'push,pins',
        change: null,
        salt: expect.stringMatching(/^[\w-]{22}$/),
      },
    ])
  })

  it('is written in batches: one row for each record, and one for all of them', async () => {
    const batch = vi.spyOn(env.DB, 'batch')
    const records = Array.from({ length: 200 }, (_, sequence) => ({ sequence, record }))
    await handOver('enam-0', records)
    const results = await (batch.mock.results[0]?.value as Promise<D1Result[]>)
    vi.restoreAllMocks()
    expect(results.reduce((sum, { meta }) => sum + meta.rows_written, 0)).toBe(201)
    expect(await rows('enam-0')).toHaveLength(200)
  })

  it('stores text that D1 would return changed in a form that it returns as it is', async () => {
    const text = 'a\0b\ud800c'
    await handOver('enam-1', [{ sequence: 1, record: { ...record, info: text, owner: { login: text, realm: 'r' } } }])
    expect(await rows('enam-1')).toMatchObject([{ info: 'a\uFFFDb\uFFFDc', login: 'a\uFFFDb\uFFFDc' }])
  })

  it('is listed in pages, each with the key of its last record and nothing else of it', async () => {
    await handOver(
      'apac-6',
      Array.from({ length: 1000 }, (_, sequence) => ({ sequence, record })),
    )
    const page = valueOf(await storage().audit.rawRecords())
    const { at, shard, sequence } = page.rows.at(-1) ?? {}
    expect(page.last).toEqual({ at, shard, sequence })
    const next = valueOf(await storage().audit.rawRecords(page.last))
    expect([...page.rows, ...next.rows].filter((row) => row['shard'] === 'apac-6')).toHaveLength(1000)
    expect(next.last).toBeUndefined()
  })
})

describe('a chain', () => {
  it('has a link for each hand-over, which names its records and the link before', async () => {
    const first = await handOver('apac-0', batchOf(7, 9))
    const second = await handOver('apac-0', batchOf(12))
    expect(await links('apac-0')).toEqual([
      {
        shard: 'apac-0',
        number: 1,
        at: now,
        first: 7,
        last: 9,
        count: 2,
        oldest: bare.at,
        newest: bare.at,
        records: expect.stringMatching(/^\[\[7,"[\w-]{43}"\],\[9,"[\w-]{43}"\]\]$/),
        previous: '',
        lost: null,
        counts: null,
        hash: first.hash,
      },
      expect.objectContaining({ number: 2, first: 12, last: 12, count: 1, previous: first.hash, hash: second.hash }),
    ])
  })

  it('does not grow when a hand-over whose reply was lost comes again, with the same records or with more', async () => {
    const taken = await store('apac-1', [1, 2])
    expect(await store('apac-1', [1, 2])).toEqual({ stored: false, head: taken.head, present: [1, 2] })
    expect(await store('apac-1', [1, 2, 3])).toEqual({ stored: false, head: taken.head, present: [1, 2] })
    expect(await links('apac-1')).toHaveLength(1)
    expect((await rows('apac-1')).map((row) => row['sequence'])).toEqual([1, 2])
    await store('apac-1', [3], taken.head)
    expect((await links('apac-1')).map(({ first, last }) => [first, last])).toEqual([
      [1, 2],
      [3, 3],
    ])
  })

  it('is not forked by a hand-over that arrives late, after another has followed the same link', async () => {
    const base = await store('apac-2', [1])
    const taken = await store('apac-2', [2, 3], base.head)
    expect(await store('apac-2', [2], base.head)).toEqual({ stored: false, head: taken.head, present: [2] })
    expect(await links('apac-2')).toHaveLength(2)
  })

  it('names the link that a restored database no longer has', async () => {
    const base = await store('apac-3', [1])
    const known = await store('apac-3', [2], base.head)
    await env.DB.batch([
      env.DB.prepare("DELETE FROM audit_chain WHERE shard = 'apac-3' AND number = 2"),
      env.DB.prepare("DELETE FROM audit WHERE shard = 'apac-3' AND sequence = 2"),
    ])
    const behind = await store('apac-3', [3], known.head)
    expect(behind).toEqual({ stored: false, head: base.head, present: [] })
    valueOf(
      await storage().audit.store({
        shard: 'apac-3',
        at: now,
        records: batchOf(2, 3),
        head: behind.head,
        lost: known.head,
      }),
    )
    expect(await links('apac-3')).toMatchObject([
      { number: 1, lost: null },
      { number: 2, previous: base.head.hash, lost: `2.${known.head.hash}` },
    ])
  })

  it('takes in records that a version without chains has stored', async () => {
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, info) VALUES (?, 'apac-4', 1, 'POST /auth', 0, '', '1')`,
    )
      .bind(bare.at)
      .run()
    await handOver('apac-4', batchOf(1, 2))
    expect(await rows('apac-4')).toMatchObject([
      { sequence: 1, salt: expect.any(String) },
      { sequence: 2, salt: expect.any(String) },
    ])
  })

  it('leaves a row alone that somebody has put in the place of a record', async () => {
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, info, salt)
       VALUES (?, 'apac-5', 1, 'POST /auth', 1, '', 'forged', 'AAAAAAAAAAAAAAAAAAAAAA')`,
    )
      .bind(bare.at)
      .run()
    await handOver('apac-5', batchOf(1))
    expect(await rows('apac-5')).toMatchObject([{ info: 'forged' }])
  })
})
