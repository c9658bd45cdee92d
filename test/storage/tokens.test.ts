import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { TokenChange } from '../../src/ports/tokens.ts'
import { instant } from '../../src/vocabulary.ts'
import { add, auditEntry, entriesSince, enroll, list, now, revisions, serial, storage, valueOf } from './example.ts'

const ada = { login: 'ada', realm: 'defrealm' }
const later = instant(now + 1000)

describe('changing a token', () => {
  it.each<[string, TokenChange, Record<string, unknown>]>([
    ['disables', { kind: 'active', active: false }, { active: false }],
    ['revokes', { kind: 'revoked' }, { revoked: true, active: false }],
    ['sets a PIN', { kind: 'pin', pin: '1.sealed' }, { pin: '1.sealed' }],
    ['takes the PIN away', { kind: 'pin' }, { pin: undefined }],
    ['describes', { kind: 'set', settings: { description: 'her phone' } }, { description: 'her phone' }],
    ['forbids polling', { kind: 'polling_allowed', allowed: false }, { pollingAllowed: false }],
    [
      'bounds',
      { kind: 'set', settings: { maxAttempts: 3, maxUses: 9, maxSuccesses: 8, validFrom: now, validUntil: later } },
      { maxAttempts: 3, maxUses: 9, maxSuccesses: 8, validFrom: now, validUntil: later },
    ],
    [
      'assigns',
      { kind: 'assigned', owner: ada, pin: { sealed: '1.ada' } },
      { owner: ada, pin: '1.ada', assignedAt: now },
    ],
    ['notes', { kind: 'info', key: 'note', value: 'x' }, {}],
    ['lists', { kind: 'realms', realms: [] }, {}],
  ])('%s under a new revision, with its record beside it', async (verb, change, after) => {
    const name = await enroll(`PIPU-${verb.replaceAll(' ', '-')}`)
    const before = await revisions()
    const changed = await storage().tokens.change(name, change, auditEntry(verb, { serial: name }))
    expect(changed).toEqual({ ok: true, value: true })
    expect(valueOf(await storage().tokens.record(name))).toMatchObject({ ...after, revision: before.revision + 1 })
    expect(await revisions()).toEqual({ revision: before.revision + 1, settings: before.settings })
    expect(await entriesSince(before.revision)).toEqual([{ action: verb, serial: name }])
  })

  it('voids earlier logins when it removes what they rest on, and only then', async () => {
    const voids: Record<string, boolean> = {}
    const changes: readonly TokenChange[] = [
      { kind: 'set', settings: { description: 'x', validUntil: now } },
      { kind: 'info', key: 'note', value: 'x' },
      { kind: 'info', key: 'note' },
      { kind: 'realms', realms: ['defrealm'] },
      { kind: 'polling_allowed' },
      { kind: 'pin', pin: '1.sealed' },
      { kind: 'assigned', owner: ada },
      { kind: 'unassigned' },
      { kind: 'active', active: false },
      { kind: 'active', active: true },
      { kind: 'revoked' },
    ]
    const name = await enroll('PIPUVOID0001')
    for (const change of changes) {
      expect(await storage().tokens.change(name, change, auditEntry('change'))).toEqual({ ok: true, value: true })
      const { revision, voidBefore } = valueOf(await storage().tokens.record(name)) ?? {}
      voids[`${change.kind}${'active' in change ? ` ${change.active}` : ''}`] = voidBefore === revision
    }
    expect(voids).toEqual({
      set: false,
      info: false,
      realms: false,
      polling_allowed: false,
      pin: true,
      assigned: true,
      unassigned: true,
      'active false': true,
      'active true': false,
      revoked: true,
    })
  })

  it('lists it in existing realms and in that of its former owner; deleting it removes it there', async () => {
    await add('PIPUREALMS02', { login: 'rita', realm: 'Realm-B' })
    const name = await add('PIPUREALMS01', { login: 'rita', realm: 'Realm-A' })
    const shown = async () => (await list({ serials: [name] })).tokens.map(({ realms, info }) => [realms, info])
    const change = (wanted: TokenChange) => storage().tokens.change(name, wanted, auditEntry('change'))
    await change({ kind: 'realms', realms: ['REALM-B', 'nosuch', "x' OR '1"] })
    await change({ kind: 'info', key: '__proto__', value: 'x' })
    expect(await shown()).toEqual([[['realm-b'], JSON.parse('{"__proto__":"x"}')]])
    await change({ kind: 'unassigned' })
    expect((await shown())[0]?.[0]).toEqual(['realm-a', 'realm-b'])
    await change({ kind: 'deleted' })
    await add('PIPUREALMS01')
    expect(await shown()).toEqual([[[], {}]])
  })

  it('assigns it to one of ten users at once, and to nobody while another owns it', async () => {
    const name = await enroll('PIPUTAKEN002')
    const wanted = Array.from({ length: 10 }, (_, at): TokenChange => {
      return { kind: 'assigned', owner: { login: `w${at}`, realm: 'taken' } }
    })
    const outcomes = await Promise.all(
      wanted.map((change) => storage().tokens.change(name, change, auditEntry('assign'))),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
    const { results } = await env.DB.prepare("SELECT login FROM users WHERE realm = 'taken'").all()
    expect(results).toHaveLength(1)
  })

  it('records who did what, to which token, from where', async () => {
    const name = await add('PIPURECORD01', { login: 'ada', realm: 'Sales' })
    await storage().tokens.change(
      name,
      { kind: 'set', settings: { description: 'x' } },
      auditEntry('describe', { serial: name, owner: { login: 'ada', realm: 'Sales' }, info: 'because' }),
    )
    const { revision } = await revisions()
    const row = await env.DB.prepare(
      `SELECT at, shard, action, success, serial, login, realm, administrator, address, info FROM audit
       WHERE sequence = ? AND shard = 'catalogue'`,
    )
      .bind(revision)
      .first()
    expect(row).toEqual({
      at: now,
      shard: 'catalogue',
      action: 'describe',
      success: 1,
      serial: name,
      login: 'ada',
      realm: 'sales',
      administrator: 'grace',
      address: '192.0.2.7',
      info: 'because',
    })
  })

  it('deletes it for good, once', async () => {
    const name = await add('PIPUDELETED1')
    const before = await revisions()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        storage().tokens.change(name, { kind: 'deleted' }, auditEntry('delete', { serial: name })),
      ),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
    expect(valueOf(await storage().tokens.record(name))).toBeUndefined()
    expect(await entriesSince(before.revision)).toEqual([{ action: 'delete', serial: name }])
  })

  it('says when there was nothing to change, and then writes no audit entry', async () => {
    const name = await enroll('PIPUSAME0001')
    const revoked = await enroll('PIPUSAME0002')
    await storage().tokens.change(revoked, { kind: 'revoked' }, auditEntry('revoke'))
    const before = await revisions()
    const refused: [string, TokenChange][] = [
      [name, { kind: 'active', active: true }],
      [revoked, { kind: 'active', active: true }],
      [revoked, { kind: 'set', settings: { description: 'x' } }],
      [revoked, { kind: 'revoked' }],
      ['PIPUNOWHERE1', { kind: 'pin', pin: 'x' }],
      ['PIPUNOWHERE1', { kind: 'deleted' }],
    ]
    for (const [which, change] of refused) {
      expect(await storage().tokens.change(serial(which), change, auditEntry('no'))).toEqual({ ok: true, value: false })
    }
    expect(await revisions()).toEqual(before)
    expect(await entriesSince(before.revision)).toEqual([])
  })

  it('gives each of ten concurrent changes its own revision', async () => {
    const name = await enroll('PIPURISING01')
    const before = await revisions()
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        storage().tokens.change(name, { kind: 'set', settings: { description: `${index}` } }, auditEntry(`${index}`)),
      ),
    )
    expect((await revisions()).revision).toBe(before.revision + 10)
    expect(await entriesSince(before.revision)).toHaveLength(10)
  })

  it('copies counters without a new revision', async () => {
    const name = await enroll('PIPUCOUNTER1')
    const before = await revisions()
    await storage().tokens.copyCounters(name, { attempts: 3, failures: 5, successes: 7, lastUse: now })
    await storage().tokens.copyCounters(name, { attempts: 4, failures: 6, successes: 7 })
    expect(await revisions()).toEqual(before)
    expect(valueOf(await storage().tokens.record(name))).toMatchObject({
      attempts: 4,
      failures: 6,
      successes: 7,
      lastUse: now,
    })
  })
})
