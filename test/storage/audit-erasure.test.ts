import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ErasableField } from '../../src/ports/audit.ts'
import { type AuditRow, recordHash } from '../../src/storage/audit-commitments.ts'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { handOver, now, storage, valueOf } from './example.ts'

const record: AuditRecord = {
  at: now,
  action: 'POST /validate/check',
  success: true,
  authentication: 'ACCEPT',
  transaction: '00123456789012345678',
  serial: 'PIPUERASE001',
  owner: { login: 'ada', realm: 'sales' },
  service: 'vpn',
  address: '192.0.2.7',
  userAgent: 'vpn/1.2',
  info: 'finalized',
  steps: [
    { at: now, kind: 'opened', serial: 'PIPUERASE001', action: 'POST /validate/check' },
    { at: now, kind: 'accepted', address: '198.51.100.4', userAgent: 'privacyIDEA-App/4.8.0' },
    { at: now, kind: 'withdrawn', cause: 'caller_left', address: '', userAgent: '' },
  ],
}

const shard = 'weur/0'
let sequence = 0
let key = { at: now, shard, sequence }
beforeEach(async () => {
  sequence += 1
  key = { at: now, shard, sequence }
  await handOver(shard, [{ sequence, record }])
})

const row = async (): Promise<AuditRow> => {
  const found = await env.DB.prepare('SELECT * FROM audit WHERE shard = ? AND sequence = ?')
    .bind(shard, sequence)
    .first<AuditRow>()
  if (found === null) throw new Error('no row')
  return found
}
const erase = async (...fields: ErasableField[]) => valueOf(await storage().audit.erase([key], fields))
const linked = async () =>
  env.DB.prepare('SELECT records FROM audit_chain WHERE shard = ? AND first = ?').bind(shard, sequence).first('records')

describe('a record of which fields were erased', () => {
  it.each([
    [['login', 'realm']],
    [['address', 'user_agent']],
    [['stepOrigins']],
    [['steps']],
    [['serial', 'login', 'realm', 'service', 'address', 'user_agent', 'info', 'steps']],
  ] as readonly [readonly ErasableField[]][])('still has the hash of its link: %s', async (fields) => {
    expect(await erase(...fields)).toBe(1)
    const after = await row()
    expect(await linked()).toBe(JSON.stringify([[sequence, await recordHash(after)]]))
    for (const field of fields) if (field !== 'stepOrigins') expect(after[field]).toBeNull()
  })

  it('may lose one after the other', async () => {
    await erase('address')
    await erase('stepOrigins')
    await erase('login', 'realm')
    await erase('steps')
    const after = await row()
    expect(after).toMatchObject({ address: null, login: null, steps: null, serial: 'PIPUERASE001', info: 'finalized' })
    expect(await linked()).toBe(JSON.stringify([[sequence, await recordHash(after)]]))
  })

  it('holds neither the value nor the salt that a guess could be tried with', async () => {
    const before = await row()
    await erase('login', 'address', 'stepOrigins')
    const text = JSON.stringify(await row())
    for (const value of ['ada', '192.0.2.7', '198.51.100.4', 'privacyIDEA-App', before.salt ?? ''])
      expect(text).not.toContain(value)
    const { salts, erased } = JSON.parse((await row()).salt ?? '') as { salts: object; erased: object }
    expect(Object.keys(erased).toSorted()).toEqual(['address', 'login', 'steps/1', 'steps/2'])
    expect(Object.keys(salts).filter((field) => field in erased)).toEqual([])
  })

  it('keeps the other members of its steps', async () => {
    await erase('stepOrigins')
    expect(JSON.parse((await row()).steps ?? '')).toEqual([
      record.steps?.[0],
      { at: now, kind: 'accepted' },
      { at: now, kind: 'withdrawn', cause: 'caller_left' },
    ])
  })

  it('is shown by the audit without them', async () => {
    await erase('login', 'realm', 'address', 'stepOrigins')
    const lines = valueOf(
      await storage().audit.lines({
        filter: { conditions: [{ field: 'transaction', pattern: '00123456789012345678', negated: false }] },
        order: { field: 'at', ascending: true },
        offset: 0,
        limit: 500,
      }),
    ).filter(({ serial, user }) => serial === 'PIPUERASE001' && user === '')
    expect(lines.map(({ address, action }) => [address, action])).toContainEqual(['', 'POST /validate/check'])
  })

  it('does not change when the same is erased again', async () => {
    await erase('login', 'steps')
    const after = await row()
    expect(await erase('login', 'steps', 'stepOrigins')).toBe(0)
    expect(await row()).toEqual(after)
  })

  it('no longer has its hash when a value is put in the place of an erased one', async () => {
    await erase('login')
    await env.DB.prepare("UPDATE audit SET login = 'eve' WHERE shard = ? AND sequence = ?").bind(shard, sequence).run()
    expect(await linked()).not.toContain(await recordHash(await row()))
  })
})

describe('a record from before the chain', () => {
  it('loses its fields and has no salt', async () => {
    const old = { at: now, shard: 'old/0', sequence: 1 }
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, login) VALUES (?, 'old/0', 1, 'POST /auth', 0, '', 'ada')`,
    )
      .bind(now)
      .run()
    expect(valueOf(await storage().audit.erase([old], ['login']))).toBe(1)
    expect(await env.DB.prepare("SELECT login, salt FROM audit WHERE shard = 'old/0'").first()).toEqual({
      login: null,
      salt: null,
    })
  })
})
