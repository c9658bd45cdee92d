import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import { now, serial, storage, tablesOf } from './example.ts'

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
}

const bare: AuditRecord = { at: addSeconds(now, seconds(1)), action: 'POST /auth', success: false, authentication: '' }

const rows = async (shard: string) =>
  (await env.DB.prepare('SELECT * FROM audit WHERE shard = ? ORDER BY sequence').bind(shard).all()).results

describe('the audit', () => {
  it('stores every field of a record', async () => {
    await storage().audit.store('weur-0', [{ sequence: 1, record }])
    expect(await rows('weur-0')).toEqual([
      {
        at: now,
        shard: 'weur-0',
        sequence: 1,
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
      },
    ])
  })

  it('stores a record once, however often an outbox sends it', async () => {
    const batch = [1, 2].map((sequence) => ({ sequence, record: { ...bare, info: `${sequence}` } }))
    await storage().audit.store('apac-1', batch)
    await storage().audit.store('apac-1', [...batch, { sequence: 3, record: bare }])
    expect((await rows('apac-1')).map((row) => [row['sequence'], row['success'], row['info']])).toEqual([
      [1, 0, '1'],
      [2, 0, '2'],
      [3, 0, null],
    ])
  })

  it('is written in batches: one statement, and one row for each record', async () => {
    const prepared: string[] = []
    let written = 0
    const db = new Proxy(env.DB, {
      get: () => (sql: string) => {
        prepared.push(sql)
        const statement = env.DB.prepare(sql)
        return {
          bind: (...values: unknown[]) => ({
            run: async () => {
              const result = await statement.bind(...values).run()
              written += result.meta.rows_written
              return result
            },
          }),
        }
      },
    })
    const batch = Array.from({ length: 200 }, (_, sequence) => ({ sequence, record }))
    await tablesOf(db).audit.store('enam-0', batch)
    expect(prepared).toHaveLength(1)
    expect(written).toBe(200)
    expect(await rows('enam-0')).toHaveLength(200)
  })
})
