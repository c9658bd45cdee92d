import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Administrator } from '../../src/ports/administrators.ts'
import { compilePolicies } from '../../src/rules/policy/policy-set.ts'
import { deployment } from '../../src/storage/deployment.ts'
import { instant, type Policy, type Revision, revision } from '../../src/vocabulary.ts'
import {
  add,
  counting,
  auditEntry,
  entriesSince,
  enroll,
  failOnLog,
  now,
  revisions,
  serial,
  storage,
  valueOf,
} from './example.ts'

const policy: Policy = {
  name: 'push',
  scope: 'authentication',
  action: { push_wait: '20', push_require_presence: true },
  realm: ['sales'],
  resolver: [],
  user: [],
  client: [],
  adminrealm: [],
  adminuser: [],
  pinode: [],
  userAgents: [],
  time: '',
  conditions: [],
  priority: 1,
  active: true,
  description: '',
  checkAllResolvers: false,
  userCaseInsensitive: false,
}

const bootstrap: Administrator = {
  login: 'grace',
  role: 'admin',
  disabled: false,
  phoneRequired: false,
}

let time = 1_795_000_000_000
const clock = () => instant(time)
const openNothing = () => Promise.resolve([])
const snapshot = async () =>
  valueOf(await deployment(env.DB, failOnLog, compilePolicies, bootstrap, clock, openNothing).reload())
const settingsRevision = async (): Promise<Revision> => revision((await revisions()).settings)

describe('the tables of the deployment', () => {
  it('keep a policy unchanged under one id until it is deleted', async () => {
    const id = valueOf(await storage().policies.save(policy, auditEntry('POST /policy/push')))
    const changed = { ...policy, priority: 2 }
    expect(valueOf(await storage().policies.save(changed, auditEntry('POST /policy/push')))).toBe(id)
    expect((await snapshot()).policies).toEqual([changed])
    expect(await storage().policies.delete('push', auditEntry('DELETE /policy/push'))).toEqual({ ok: true, value: id })
    expect(await storage().policies.delete('push', auditEntry('DELETE /policy/push'))).toEqual({
      ok: true,
      value: undefined,
    })
    expect((await snapshot()).policies).toEqual([])
    expect(valueOf(await storage().policies.save(policy, auditEntry('POST /policy/push')))).toBeGreaterThan(Number(id))
  })

  it('tell a new setting from one that is replaced', async () => {
    const save = (value: string) =>
      storage().settings.save({ DefaultMaxFailCount: value }, auditEntry('POST /system/setConfig'))
    expect(await save('10')).toEqual({ ok: true, value: { DefaultMaxFailCount: 'insert' } })
    expect(await save('5')).toEqual({ ok: true, value: { DefaultMaxFailCount: 'update' } })
    const both = { DefaultMaxFailCount: '5', splitAtSign: 'False' }
    expect(await storage().settings.save(both, auditEntry('POST /system/setConfig'))).toEqual({
      ok: true,
      value: { DefaultMaxFailCount: 'update', splitAtSign: 'insert' },
    })
    expect((await snapshot()).settings).toEqual(both)
    await storage().settings.delete('splitAtSign', auditEntry('DELETE /system'))
    const remove = () => storage().settings.delete('DefaultMaxFailCount', auditEntry('DELETE /system'))
    expect(await remove()).toEqual({ ok: true, value: true })
    expect(await remove()).toEqual({ ok: true, value: false })
    expect((await snapshot()).settings).toEqual({})
  })

  it('find a service key by its hash, give a name once, and answer the hash of a revoked key until it is forgotten', async () => {
    const key = { name: 'vpn', hash: 'hash of vpn', role: 'validate', createdAt: now } as const
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        storage().serviceKeys.add({ ...key, hash: `hash ${index}` }, auditEntry('POST /apikey')),
      ),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
    const hash = `hash ${outcomes.findIndex((outcome) => valueOf(outcome))}`
    expect(await storage().serviceKeys.add({ ...key, name: 'other', hash }, auditEntry('POST /apikey'))).toEqual({
      ok: true,
      value: false,
    })
    expect((await snapshot()).serviceKeys).toEqual(new Map([[hash, { ...key, hash, hashes: [hash] }]]))
    valueOf(await storage().serviceKeys.forget('vpn'))
    expect((await snapshot()).serviceKeys.size).toBe(1)
    const revoke = () => storage().serviceKeys.revoke('vpn', auditEntry('DELETE /apikey/vpn'))
    expect(await revoke()).toEqual({ ok: true, value: [hash] })
    expect((await snapshot()).serviceKeys.size).toBe(0)
    expect(await storage().serviceKeys.add({ ...key, hash: 'another' }, auditEntry('POST /apikey'))).toEqual({
      ok: true,
      value: false,
    })
    expect(await revoke()).toEqual({ ok: true, value: [hash] })
    valueOf(await storage().serviceKeys.forget('vpn'))
    expect(await revoke()).toEqual({ ok: true, value: [] })
  })

  it('hold administrators: no two with one login, none in place of the configured one, a new generation with each change', async () => {
    const nina = { login: 'nina', role: 'helpdesk', password: 'sealed', createdAt: now } as const
    const added = await Promise.all(
      ['nina', 'Nina', 'NINA'].map((login) =>
        storage().administrators.add({ ...nina, login }, auditEntry('POST /administrator')),
      ),
    )
    expect(added.map(valueOf).filter(Boolean)).toHaveLength(1)
    const login = ['nina', 'Nina', 'NINA'][added.findIndex((outcome) => valueOf(outcome))] ?? ''
    valueOf(await storage().administrators.add({ ...nina, login: 'grace' }, auditEntry('POST /administrator')))
    const known = async () => (await snapshot()).administrators
    expect([...(await known()).keys()].toSorted()).toEqual(['grace', login].toSorted())
    expect((await known()).get('grace')).toEqual(bootstrap)

    const seen = new Set<string>()
    const generation = async () => (await known()).get(login)?.generation ?? ''
    seen.add(await generation())
    for (const change of [
      { kind: 'password', password: 'sealed anew' },
      { kind: 'disabled', disabled: true },
      { kind: 'disabled', disabled: false },
    ] as const) {
      expect(valueOf(await storage().administrators.change(login, change, auditEntry('change')))).toBe(true)
      expect(await generation()).toMatch(/^g[0-9a-f]{24}$/)
      expect(seen).not.toContain(await generation())
      seen.add(await generation())
    }
    expect((await known()).get(login)).toMatchObject({ role: 'helpdesk', disabled: false, password: 'sealed anew' })
    const remove = () =>
      storage().administrators.change(login, { kind: 'deleted' }, auditEntry('DELETE /administrator'))
    expect([valueOf(await remove()), valueOf(await remove())]).toEqual([true, false])
    expect(await known()).toEqual(new Map([['grace', bootstrap]]))
  })

  it('hold a realm once it was named, in lower case', async () => {
    await storage().realms.setDefault('Head Office', auditEntry('POST /defaultrealm'))
    expect(await snapshot()).toMatchObject({ defaultRealm: 'head office' })
    expect((await snapshot()).realms).toContain('head office')
  })

  it('have a new revision and an audit entry for each change, and none for a change that did not happen', async () => {
    const before = await revisions()
    await storage().policies.save(policy, auditEntry('policy'))
    await storage().settings.save({ a: 'b' }, auditEntry('setting'))
    await storage().users.save(
      { login: 'p', realm: 'defrealm', givenName: '', surname: '', email: '' },
      auditEntry('person'),
    )
    await storage().users.delete({ login: 'nobody', realm: 'defrealm' }, auditEntry('no person'))
    await storage().policies.delete('none', auditEntry('no policy'))
    await storage().serviceKeys.revoke('none', auditEntry('no key'))
    expect(await revisions()).toEqual({ revision: before.revision + 3, settings: before.revision + 3 })
    expect((await entriesSince(before.revision)).map((each) => each.action)).toEqual(['policy', 'setting', 'person'])
  })
})

/** D1 whose first query runs at once, but answers only when the test says so. */
function slowToTell() {
  const state = { trips: 0, read: Promise.withResolvers<void>(), told: Promise.withResolvers<void>() }
  const db = new Proxy(env.DB, {
    get: (target, property) =>
      property === 'prepare'
        ? target.prepare.bind(target)
        : async (statements: D1PreparedStatement[]) => {
            state.trips += 1
            const results = await target.batch(statements)
            state.read.resolve()
            await state.told.promise
            return results
          },
  })
  return { db, state }
}

describe('the snapshot of an isolate', () => {
  it('is read once for ten concurrent requests, and not again while its revision is current', async () => {
    const counted = counting(env.DB)
    const shared = deployment(counted.db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    const asked = await settingsRevision()
    await Promise.all(Array.from({ length: 10 }, () => shared.atRevision(asked)))
    await shared.cachedOrReload()
    expect(valueOf(await shared.atRevision(asked)).revision).toBe(asked)
    expect(counted.trips).toBe(1)
  })

  it('is not read again after a change of a token', async () => {
    const name = await enroll('SNAPSHOT-1')
    const counted = counting(env.DB)
    const shared = deployment(counted.db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    await shared.cachedOrReload()
    await storage().tokens.change(name, { kind: 'set', settings: { description: 'x' } }, auditEntry('describe'))
    const found = valueOf(await storage().subjects.find({ candidates: [], serial: serial('SNAPSHOT-1') }))
    await shared.atRevision(found.settings.revision)
    expect(counted.trips).toBe(1)
  })

  it('is read again once a newer revision is asked for', async () => {
    const shared = deployment(env.DB, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    await shared.cachedOrReload()
    await storage().settings.save({ follow: 'me' }, auditEntry('setting'))
    expect(valueOf(await shared.cachedOrReload()).settings).not.toHaveProperty('follow')
    expect(valueOf(await shared.atRevision(await settingsRevision())).settings).toMatchObject({ follow: 'me' })
  })

  it('is read exactly once more when the shared read started before the change', async () => {
    const { db, state } = slowToTell()
    const shared = deployment(db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    const early = shared.cachedOrReload()
    await state.read.promise
    await storage().settings.save({ later: 'seen' }, auditEntry('setting'))
    const after = await settingsRevision()
    const joined = [shared.atRevision(after), shared.atRevision(after)]
    state.told.resolve()
    for (const outcome of await Promise.all(joined)) expect(valueOf(outcome).settings).toMatchObject({ later: 'seen' })
    expect(valueOf(await early).settings).not.toHaveProperty('later')
    expect(state.trips).toBe(2)
  })

  it('stays the later one where a replica tells an older revision, and is not confirmed by it', async () => {
    const counted = counting(env.DB)
    const shared = deployment(counted.db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    const { revision: latest } = valueOf(await shared.cachedOrReload())
    shared.markOutdated()
    expect(valueOf(await shared.atRevision(revision(latest - 1), false)).revision).toBe(latest)
    expect(valueOf(await shared.atRevision(latest, false)).revision).toBe(latest)
    expect(counted.trips).toBe(1)
    expect(shared.recent()).toBeUndefined()
    await shared.atRevision(latest)
    expect(shared.recent()?.revision).toBe(latest)
  })

  it('refuses rather than answer settings older than the login that asks, and does not loop', async () => {
    const counted = counting(env.DB)
    const shared = deployment(counted.db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    const future = revision((await revisions()).revision + 1000)
    expect(await shared.atRevision(future)).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
    expect(counted.trips).toBe(2)
  })

  it('is fresh after a write, even while an older read is running', async () => {
    const { db, state } = slowToTell()
    const shared = deployment(db, failOnLog, compilePolicies, bootstrap, clock, openNothing)
    const older = shared.cachedOrReload()
    await state.read.promise
    await add('SNAPSHOT-2', { login: 'f', realm: 'fresh' })
    const fresh = [shared.reload(), shared.reload()]
    state.told.resolve()
    for (const outcome of await Promise.all(fresh)) expect(valueOf(outcome).realms).toContain('fresh')
    expect(valueOf(await older).realms).not.toContain('fresh')
    expect(state.trips).toBe(2)
  })
})

it('a snapshot read or confirmed within two seconds counts as recent until it is doubted', async () => {
  const shared = deployment(env.DB, failOnLog, compilePolicies, bootstrap, clock, openNothing)
  expect(shared.recent()).toBeUndefined()
  const { revision: current } = valueOf(await shared.reload())
  time += 1999
  expect(shared.recent()?.revision).toBe(current)
  time += 1
  expect(shared.recent()).toBeUndefined()
  await shared.atRevision(current)
  expect(shared.recent()?.revision).toBe(current)
  shared.markOutdated()
  expect(shared.recent()).toBeUndefined()
})
