import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { addSeconds, type Owner, seconds } from '../../src/vocabulary.ts'
import {
  add,
  auditEntry,
  entriesSince,
  enroll,
  newToken,
  now,
  registration,
  revisions,
  serial,
  soon,
  storage,
  valueOf,
} from './example.ts'

const ada = { login: 'ada', realm: 'Sales' }

describe('adding a token', () => {
  it('stores its fields and waits for a phone', async () => {
    const before = await revisions()
    await storage().tokens.add(
      { ...newToken('PIPUADDED001', ada), pin: '1.sealed', validFrom: now, validUntil: soon },
      auditEntry('POST /token/init', { serial: 'PIPUADDED001', owner: ada }),
    )
    const record = valueOf(await storage().tokens.record(serial('PIPUADDED001')))
    expect(record).toEqual({
      serial: 'PIPUADDED001',
      type: 'push',
      revision: before.revision + 1,
      epoch: 1,
      owner: { login: 'ada', realm: 'sales' },
      description: 'a phone',
      state: 'clientwait',
      active: false,
      revoked: false,
      firebase: 'poll only',
      registrationUrl: 'https://nod.example/ttype/push',
      signingKey: 'k2048-1',
      pin: '1.sealed',
      attempts: 0,
      maxAttempts: 10,
      successes: 0,
      validFrom: now,
      validUntil: soon,
      realms: [],
      info: {},
      assignedAt: now,
      failures: 0,
      createdAt: now,
    })
  })

  it('creates the owner as a user in a realm, and lets isolates know of a new realm', async () => {
    const before = await revisions()
    await add('PIPUOWNED001', { login: 'olga', realm: 'Operations' })
    const first = await revisions()
    expect(first).toEqual({ revision: before.revision + 1, settings: before.revision + 1 })
    await add('PIPUOWNED002', { login: 'oleg', realm: 'operations' })
    expect(await revisions()).toEqual({ revision: first.revision + 1, settings: first.settings })
    const found = valueOf(await storage().subjects.find({ candidates: [{ login: 'olga', realm: 'OPERATIONS' }] }))
    expect(found.people).toEqual([{ login: 'olga', realm: 'operations', givenName: '', surname: '', email: '' }])
  })

  it('happens once when ten requests add the same serial at once, with one audit entry', async () => {
    const before = await revisions()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        storage().tokens.add(newToken('PIPUTENFOLD1'), auditEntry('POST /token/init', { serial: 'PIPUTENFOLD1' })),
      ),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
    expect(await entriesSince(before.revision)).toEqual([{ action: 'POST /token/init', serial: 'PIPUTENFOLD1' }])
    expect((await revisions()).revision).toBe(before.revision + 1)
  })

  it('does not enroll an existing token as another type', async () => {
    await add('PIPUTYPED001')
    const other = { ...newToken('PIPUTYPED001'), type: 'edupush' } as const
    const before = await revisions()
    expect(await storage().tokens.renew(other, auditEntry('again'))).toEqual({ ok: true, value: false })
    expect(await storage().tokens.add(other, auditEntry('again'))).toEqual({ ok: true, value: false })
    expect(await revisions()).toEqual(before)
  })

  it('leaves no realm or user behind when the serial is taken', async () => {
    await add('PIPUTAKEN001')
    const before = await revisions()
    const again = await storage().tokens.add(
      newToken('PIPUTAKEN001', { login: 'eve', realm: 'ghosts' }),
      auditEntry('again'),
    )
    expect(again).toEqual({ ok: true, value: false })
    expect(await revisions()).toEqual(before)
    expect(await env.DB.prepare("SELECT name FROM realms WHERE name = 'ghosts'").first()).toBeNull()
    expect(await env.DB.prepare("SELECT login FROM users WHERE login = 'eve'").first()).toBeNull()
  })
})

describe('registering a phone', () => {
  it('succeeds for one of ten phones', async () => {
    await add('PIPURACE0001')
    const before = await revisions()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        storage().tokens.registerPhone({
          ...registration('PIPURACE0001'),
          phoneKey: `key ${index}`,
          digest: `digest ${index}`,
        }),
      ),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
    const winner = outcomes.findIndex((outcome) => valueOf(outcome))
    const { token, registrationDigest } = valueOf(await storage().tokens.enrollment(serial('PIPURACE0001'))) ?? {}
    expect(token).toMatchObject({
      state: 'enrolled',
      active: true,
      phoneKey: `key ${winner}`,
      revision: before.revision + 1,
    })
    expect(registrationDigest).toBe(`digest ${winner}`)
    expect((await revisions()).revision).toBe(before.revision + 1)
  })

  it('clears the credential and stores the time', async () => {
    await add('PIPUGONE0001')
    const waiting = valueOf(await storage().tokens.enrollment(serial('PIPUGONE0001')))
    expect(waiting).toMatchObject({ credentialHash: 'hash of PIPUGONE0001', credentialExpires: soon })
    await storage().tokens.registerPhone(registration('PIPUGONE0001'))
    const registered = valueOf(await storage().tokens.enrollment(serial('PIPUGONE0001')))
    expect(registered?.credentialHash).toBeUndefined()
    expect(registered?.credentialExpires).toBeUndefined()
    expect(registered?.registeredAt).toBe(now)
  })

  it.each([
    ['another credential', { credentialHash: 'hash of something else' }],
    ['a credential that has expired', { at: soon }],
    ['a serial that is not there', { serial: serial('PIPUNOWHERE1') }],
  ])('refuses %s', async (_, wrong) => {
    const name = `PIPUWRONG${Object.keys(wrong).join('')}`
    await add(name)
    const before = await revisions()
    expect(await storage().tokens.registerPhone({ ...registration(name), ...wrong })).toEqual({
      ok: true,
      value: false,
    })
    expect(await revisions()).toEqual(before)
  })

  it('fails for a token that was revoked in the meantime', async () => {
    const name = await add('PIPUREVOKED1')
    await storage().tokens.change(name, { kind: 'revoked' }, auditEntry('POST /token/revoke'))
    expect(await storage().tokens.registerPhone(registration('PIPUREVOKED1'))).toEqual({ ok: true, value: false })
  })

  it("gets the public key of the token's signing key", async () => {
    await env.DB.prepare(
      "INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES ('k-joined', 2048, '', 'PKCS1', 0)",
    ).run()
    await storage().tokens.add({ ...newToken('PIPUJOINED01'), signingKey: 'k-joined' }, auditEntry('POST /token/init'))
    expect(valueOf(await storage().tokens.enrollment(serial('PIPUJOINED01')))?.publicKey).toBe('PKCS1')
    expect(valueOf(await storage().tokens.enrollment(serial('PIPUNOWHERE1')))).toBeUndefined()
  })
})

describe('renewing a token', () => {
  it('puts it back to clientwait, with the old keys until another phone registers', async () => {
    const name = await enroll('PIPURENEW001', ada)
    await storage().tokens.change(name, { kind: 'pin', pin: '1.old' }, auditEntry('POST /token/setpin'))
    const renewal = { ...newToken('PIPURENEW001'), description: '', credentialHash: 'hash of the second' }
    expect(await storage().tokens.renew(renewal, auditEntry('POST /token/init'))).toEqual({ ok: true, value: true })
    expect(valueOf(await storage().tokens.record(name))).toMatchObject({
      state: 'clientwait',
      active: false,
      phoneKey: 'the phone key',
      registrationToken: 'registration token',
      owner: { login: 'ada', realm: 'sales' },
      description: 'a phone',
      pin: '1.old',
    })
    const renewed = valueOf(await storage().tokens.enrollment(name))
    expect(renewed?.credentialHash).toBe('hash of the second')
    expect(renewed?.registrationDigest).toBeUndefined()
    expect(await storage().tokens.registerPhone(registration('PIPURENEW001'))).toEqual({ ok: true, value: false })
  })

  it('replaces owner and PIN', async () => {
    const name = await add('PIPURENEW002', ada)
    const given = { ...newToken('PIPURENEW002', { login: 'bob', realm: 'IT' }), pin: '1.new' }
    await storage().tokens.renew(given, auditEntry('POST /token/init'))
    expect(valueOf(await storage().tokens.record(name))).toMatchObject({
      owner: { login: 'bob', realm: 'it' },
      pin: '1.new',
    })
  })

  it('does not pass a PIN from one owner to another', async () => {
    const pinned = (name: string, owner?: Owner) => ({ ...newToken(name, owner), pin: '1.old' })
    const pinAfter = async (before: Owner | undefined, after: Owner | undefined, name: string) => {
      await storage().tokens.add(pinned(name, before), auditEntry('POST /token/init'))
      await storage().tokens.renew(newToken(name, after), auditEntry('POST /token/init'))
      return valueOf(await storage().tokens.record(serial(name)))?.pin
    }
    expect(await pinAfter(ada, { ...ada, login: 'bob' }, 'PIPURENEW004')).toBeUndefined()
    expect(await pinAfter(ada, { ...ada, realm: 'elsewhere' }, 'PIPURENEW005')).toBeUndefined()
    expect(await pinAfter(ada, ada, 'PIPURENEW006')).toBe('1.old')
    expect(await pinAfter(ada, undefined, 'PIPURENEW007')).toBe('1.old')
    expect(await pinAfter(undefined, ada, 'PIPURENEW008')).toBe('1.old')
  })

  it('succeeds once of two at once, and not after the token was given to somebody else', async () => {
    const name = await enroll('PIPURENEW009', ada)
    const replaces = { owner: ada, state: 'enrolled' } as const
    const renew = () =>
      storage().tokens.renew({ ...newToken('PIPURENEW009'), replaces }, auditEntry('POST /token/init'))
    expect((await Promise.all([renew(), renew()])).map(valueOf).filter(Boolean)).toEqual([true])
    await storage().tokens.registerPhone(registration('PIPURENEW009'))
    await storage().tokens.change(name, { kind: 'unassigned' }, auditEntry('POST /token/unassign'))
    expect(await renew()).toEqual({ ok: true, value: false })
    await storage().tokens.change(name, { kind: 'assigned', owner: ada }, auditEntry('POST /token/assign'))
    expect(await renew()).toEqual({ ok: true, value: true })
  })

  it('does nothing, without an audit entry, for a token that is deleted or revoked', async () => {
    const revoked = await add('PIPURENEW003')
    await storage().tokens.change(revoked, { kind: 'revoked' }, auditEntry('POST /token/revoke'))
    const before = await revisions()
    for (const name of ['PIPURENEW003', 'PIPUNOWHERE1']) {
      expect(await storage().tokens.renew(newToken(name), auditEntry('POST /token/init'))).toEqual({
        ok: true,
        value: false,
      })
    }
    expect(await revisions()).toEqual(before)
    expect(await entriesSince(before.revision)).toEqual([])
  })
})

describe('refreshing a registration token', () => {
  it('applies ten at once in the order in which the phone signed them, none twice', async () => {
    const name = await enroll('PIPUFRESH001')
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        storage().tokens.refreshRegistration(name, { registrationToken: 'the same', at: addSeconds(now, seconds(1)) }),
      ),
    )
    expect(outcomes.map(valueOf).filter(Boolean)).toHaveLength(1)
  })

  it('refuses an older one', async () => {
    const name = await enroll('PIPUFRESH002')
    const newer = addSeconds(now, seconds(2))
    expect(await storage().tokens.refreshRegistration(name, { registrationToken: 'newer', at: newer })).toEqual({
      ok: true,
      value: true,
    })
    expect(await storage().tokens.refreshRegistration(name, { registrationToken: 'older', at: now })).toEqual({
      ok: true,
      value: false,
    })
    expect(await storage().tokens.refreshRegistration(name, { registrationToken: 'again', at: newer })).toEqual({
      ok: true,
      value: false,
    })
    expect(valueOf(await storage().tokens.record(name))?.registrationToken).toBe('newer')
  })

  it('refuses one signed by a phone that another has replaced', async () => {
    const name = await enroll('PIPUFRESH004')
    const refreshed = { registrationToken: 'of the phone before', phoneKey: 'the phone key' }
    const refresh = (second: number) =>
      storage().tokens.refreshRegistration(name, { ...refreshed, at: addSeconds(now, seconds(second)) })
    expect(await refresh(1)).toEqual({ ok: true, value: true })
    await storage().tokens.renew(newToken('PIPUFRESH004'), auditEntry('POST /token/init'))
    await storage().tokens.registerPhone({ ...registration('PIPUFRESH004'), phoneKey: 'another key' })
    expect(await refresh(2)).toEqual({ ok: true, value: false })
    expect(valueOf(await storage().tokens.record(name))?.registrationToken).toBe('registration token')
  })

  it('accepts an earlier time from another phone, whose clock may be behind', async () => {
    const name = await enroll('PIPUFRESH003')
    await storage().tokens.refreshRegistration(name, { registrationToken: 'ahead', at: addSeconds(now, seconds(60)) })
    await storage().tokens.renew(newToken('PIPUFRESH003'), auditEntry('POST /token/init'))
    await storage().tokens.registerPhone(registration('PIPUFRESH003'))
    expect(await storage().tokens.refreshRegistration(name, { registrationToken: 'behind', at: now })).toEqual({
      ok: true,
      value: true,
    })
  })
})
