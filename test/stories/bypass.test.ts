import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form, Reply } from '../simulation/service.ts'
import { only, Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('bypass')
})
afterEach(() => scene.liftPolicies())
afterAll(() => scene.close())

interface Who {
  readonly user: string
  readonly realm: string
}

const SHAPE = /^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/
const HOUR = 3_600_000

const grant = (form: Form): Promise<Reply> => scene.service.call('POST', '/token/bypass', { form })

/** A code as the helpdesk reads it out, and its number. */
async function issued(who: Who, extra: Form = {}): Promise<{ readonly code: string; readonly id: string }> {
  const reply = await grant({ ...who, reason: 'lost phone', ...extra })
  expect(reply).toMatchObject({ status: 200 })
  const { code, id } = fields(reply.value)
  return { code: String(code), id: String(id) }
}

/** The open codes of this file's users. */
async function open(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await scene.service.call('GET', '/token/bypass')
  return Array.isArray(value) ? value.map(fields).filter(({ realm }) => realm === scene.realm) : []
}

const enter = (who: Who, pass: string): Promise<Reply> => scene.service.check({ ...who, pass })
const ACCEPTED = { status: 200, value: true, authentication: 'ACCEPT', detail: { message: 'Bypass code accepted' } }

/** What a caller sees, but for the time of it. */
const seen = ({ status, body }: Reply): unknown => ({ status, body: { ...fields(body), time: 0 } })

async function audited(query: Form): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await scene.service.call('GET', '/audit/', { query: { realm: scene.realm, ...query } })
  const { auditdata } = fields(value)
  return Array.isArray(auditdata) ? auditdata.map(fields) : []
}

describe('a user who has lost the phone', () => {
  it('is let in once by a code that the helpdesk issues, however it is typed', async () => {
    const { phone, serial, owner: who } = await scene.enroll('ada', { pin: '1234' })
    const before = Date.now()
    const reply = await grant({ ...who, reason: 'left it on the train' })
    const { code, ...shown } = fields(reply.value)
    expect(code).toMatch(SHAPE)
    const item = {
      id: expect.any(Number),
      ...who,
      issued_at: expect.any(Number),
      expires_at: expect.any(Number),
      issued_by: 'admin',
      reason: 'left it on the train',
    }
    expect(shown).toEqual(item)
    expect(Number(shown['expires_at']) - Number(shown['issued_at'])).toBe(24 * HOUR)
    expect(Number(shown['issued_at'])).toBeGreaterThanOrEqual(before)
    expect((await open()).filter(({ user }) => user === 'ada')).toEqual([shown])

    const typed = ` ${String(code).toLowerCase().replaceAll('-', ' ').replace('0', 'o').replace('1', 'l')} `
    const used = await enter(who, typed)
    expect(used).toMatchObject(ACCEPTED)
    expect(Object.keys(used.detail).toSorted()).toEqual(['message', 'threadid'])
    expect(await phone.poll()).toEqual([])
    expect(await scene.failures(serial)).toBe(0)

    const wrong = await enter(who, 'not my PIN')
    expect(seen(await enter(who, String(code)))).toEqual(seen(wrong))
    expect(wrong.detail.message).toBe('wrong otp pin')
    // Used up, it is a wrong PIN, and counts as one.
    expect(await scene.failures(serial)).toBe(2)
    expect((await open()).filter(({ user }) => user === 'ada')).toEqual([])
  })

  it('passes whatever the tokens are: disabled, locked, revoked, deleted, or none', async () => {
    const { service, realm } = scene
    const disabled = await scene.enroll('bob')
    await service.call('POST', `/token/disable/${disabled.serial}`)
    const revoked = await scene.enroll('cleo')
    await service.call('POST', `/token/revoke/${revoked.serial}`)
    const locked = await scene.enroll('dora', { pin: '1234' })
    for (let round = 0; round < 10; round++) await enter(locked.owner, 'wrong')
    const deleted = await scene.enroll('eve')
    await service.deleteToken(deleted.serial)
    const none = { user: 'frida', realm }
    await service.call('POST', '/user/', { form: none })
    for (const who of [disabled.owner, revoked.owner, locked.owner, deleted.owner, none]) {
      const { code } = await issued(who)
      const before = await enter(who, 'wrong')
      expect(before.authentication === 'REJECT' || before.status === 400, who.user).toBe(true)
      expect(await enter(who, code), who.user).toMatchObject(ACCEPTED)
      expect(seen(await enter(who, code)), who.user).toEqual(seen(before))
    }
    expect(await scene.failures(locked.serial)).toBe(10)
  })

  it('is let in beside a login that waits for the phone, which stays as it is', async () => {
    const { owner: who } = await scene.enroll('greta')
    const { code } = await issued(who)
    const login = await scene.service.trigger(who)
    const form = { ...who, pass: code, transaction_id: login.transactionId }
    expect(await scene.service.check(form)).toMatchObject(ACCEPTED)
    expect(await scene.service.check(form)).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(await scene.service.status(login.transactionId)).toBe('pending')
  })

  it('is let in where policy asks for the profile of NIST: a recovery code is no push', async () => {
    await scene.authenticationPolicy({ push_profile: 'nist-63b4' })
    const { owner: who } = await scene.enroll('tina')
    const { code } = await issued(who)
    expect(await enter(who, code)).toMatchObject(ACCEPTED)
  })

  it('is told of as policy says of every login that succeeds', async () => {
    const { owner: who } = await scene.enroll('tora')
    const { service, realm } = scene
    const told = async (action: Readonly<Record<string, true>>, more: Form = {}): Promise<Reply> => {
      await service.setPolicy('bypass-answer', 'authorization', action, { realm: [realm] })
      return service.check({ ...who, pass: (await issued(who)).code, ...more })
    }
    const named = { add_user_in_response: true, add_resolver_in_response: true } as const
    const shown = { user: { username: 'tora' }, 'user-realm': realm, 'user-resolver': 'nod' }
    const { transactionId } = await service.trigger(who)
    expect((await told(named)).detail).toMatchObject(shown)
    expect((await told(named, { transaction_id: transactionId })).detail).toMatchObject(shown)
    const bare = await told({ no_detail_on_success: true })
    expect(bare).toMatchObject({ status: 200, authentication: 'ACCEPT' })
    expect(fields(bare.body)).not.toHaveProperty('detail')
    await service.deletePolicy('bypass-answer')
  })

  it('is let in by RADIUS, once', async () => {
    const { owner: who } = await scene.enroll('henri')
    const { code } = await issued(who)
    const ask = () => scene.service.call('POST', '/validate/radiuscheck', { form: { ...who, pass: code } })
    expect(await ask()).toMatchObject({ status: 204, text: '' })
    expect(await ask()).toMatchObject({ status: 400, text: '' })
  })

  it('is let in by one of a hundred requests that bring the same code at once', async () => {
    const { serial, owner: who } = await scene.enroll('ines', { pin: '1234' })
    const { code } = await issued(who)
    const replies = await Promise.all(Array.from({ length: 100 }, () => enter(who, code)))
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(1)
    expect(replies.filter(({ authentication }) => authentication === 'REJECT')).toHaveLength(99)
    expect(await scene.failures(serial)).toBe(10)
    expect(await audited({ user: 'ines', info: 'bypass code of *' })).toHaveLength(1)
  })
})

describe('a code', () => {
  it('of somebody else, withdrawn, replaced or made up is a wrong PIN like any other, and counted as one', async () => {
    const { serial, owner: who } = await scene.enroll('jana', { pin: '1234' })
    const other = await scene.enroll('kay')
    const theirs = await issued(other.owner)
    const replaced = await issued(who)
    const withdrawn = await issued(who)
    const withdraw = () => scene.service.call('DELETE', `/token/bypass/${withdrawn.id}`)
    expect(await withdraw()).toMatchObject({ status: 200, value: 1 })
    expect(await withdraw()).toMatchObject({ status: 404, error: { code: 601 } })

    const wrong = seen(await enter(who, '4321'))
    for (const code of [theirs.code, replaced.code, withdrawn.code, '0000-0000-0000-0000'])
      expect(seen(await enter(who, code))).toEqual(wrong)
    expect(await scene.failures(serial)).toBe(5)
    expect(await enter(other.owner, theirs.code)).toMatchObject(ACCEPTED)
  })

  it('is the user’s: a check that names a token asks for something else, and so does a trigger', async () => {
    const { serial, owner: who } = await scene.enroll('lena', { pin: '1234' })
    const { code } = await issued(who)
    for (const subject of [{ serial }, { ...who, serial }])
      expect((await scene.service.check({ ...subject, pass: code })).detail.message).toBe('wrong otp pin')
    expect(await scene.service.triggerchallenge({ ...who, pass: code })).toMatchObject({
      authentication: 'CHALLENGE',
      value: 1,
    })
    expect(await enter(who, code)).toMatchObject(ACCEPTED)
  })

  it('may look like a PIN that somebody has', async () => {
    const pin = 'abcd efgh 1234 5678'
    const { phone, owner: who } = await scene.enroll('mia', { pin })
    const login = await scene.service.triggerWithPin(who, pin)
    await phone.accept(only(await phone.poll()))
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('goes with its user, and whoever has the name next does not find it', async () => {
    const { service, realm } = scene
    const who = { user: 'nora', realm }
    const create = () => service.call('POST', '/user/', { form: who })
    await create()
    const { code } = await issued(who)
    expect(await service.call('DELETE', '/user/nod/nora', { query: { realm } })).toMatchObject({ value: true })
    expect(await enter(who, code)).toMatchObject({ status: 400, error: { code: 904 } })
    await create()
    expect(await enter(who, code)).toMatchObject({ authentication: 'REJECT' })
  })

  it('is used only by whoever may check', async () => {
    const { owner: who } = await scene.enroll('olga')
    const { code } = await issued(who)
    const check = async (name: string, role: string, gone = false) => {
      const plugin = scene.caller({ authorization: await scene.serviceKey(name, role) })
      if (gone) await scene.revokeServiceKey(name)
      const reply = await plugin.check({ ...who, pass: code })
      if (!gone) await scene.revokeServiceKey(name)
      return reply
    }
    expect(await check('gone', 'validate', true)).toMatchObject({ status: 403, error: { code: 303 } })
    expect(await check('help', 'helpdesk')).toMatchObject({ status: 401, error: { code: 4306 } })
    expect(await check('vpn', 'validate')).toMatchObject(ACCEPTED)
    expect(only(await audited({ user: 'olga', info: 'bypass*' }))).toMatchObject({
      action: 'POST /validate/check',
      success: 1,
      authentication: 'ACCEPT',
      info: 'bypass code of admin',
    })
  })

  it('is in the audit with who issued it and why, and nobody reads it anywhere', async () => {
    const { owner: who } = await scene.enroll('pia')
    const { code, id } = await issued(who, { reason: 'phone in the lake', validity_minutes: '90' })
    expect(only(await audited({ user: 'pia', action: 'POST /token/bypass' }))).toMatchObject({
      administrator: 'admin',
      success: 1,
      action_detail: '90 minutes: phone in the lake',
    })
    await scene.service.call('DELETE', `/token/bypass/${id}`)
    expect(only(await audited({ user: 'pia', action: 'DELETE /token/bypass/<id>' }))).toMatchObject({
      administrator: 'admin',
      action_detail: 'bypass code of admin',
    })
    const again = await issued(who)
    const listed = await scene.service.call('GET', '/token/bypass')
    const audit = await scene.service.call('GET', '/audit/', { query: { page_size: '500' } })
    for (const text of [listed.text, audit.text]) {
      for (const secret of [code, again.code]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(secret.replaceAll('-', ''))
      }
      expect(text).not.toMatch(/[0-9a-f]{64}/)
    }
  })
})

describe('issuing a code', () => {
  it('takes minutes or hours, up to ten days', async () => {
    const { owner: who } = await scene.enroll('rosa')
    const validity = async (form: Form) => {
      const { expires_at: until, issued_at: from } = fields((await grant({ ...who, reason: 'x', ...form })).value)
      return Number(until) - Number(from)
    }
    expect(await validity({ validity_minutes: '1' })).toBe(60_000)
    expect(await validity({ validity_hours: '240' })).toBe(240 * HOUR)
    expect(await validity({ validity_minutes: '14400' })).toBe(240 * HOUR)
    const named = await grant({ user: `rosa@${scene.realm}`, reason: 'x' })
    expect(named.value).toMatchObject(who)
    // The newest is the one that is open.
    expect((await open()).filter(({ user }) => user === 'rosa')).toHaveLength(1)
  })

  it('is refused for what is missing or unfit, and then nothing is issued', async () => {
    const { owner: who } = await scene.enroll('sofia')
    const fit = { ...who, reason: 'x' }
    for (const form of [
      { ...fit, reason: ' ' },
      { ...who },
      { reason: 'x', realm: who.realm },
      { ...fit, user: ' ' },
      { ...fit, reason: 'x'.repeat(201) },
      { ...fit, validity_minutes: '0' },
      { ...fit, validity_minutes: '14401' },
      { ...fit, validity_minutes: '1.5' },
      { ...fit, validity_minutes: '-5' },
      { ...fit, validity_hours: '241' },
      { ...fit, validity_hours: 'day' },
      { ...fit, validity_hours: '1', validity_minutes: '60' },
    ] as Record<string, string>[])
      expect(await grant(form), JSON.stringify(form)).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await grant({ ...fit, user: 'nobody-at-all' })).toMatchObject({ status: 400, error: { code: 904 } })
    for (const id of ['0', '999999999999', 'x', '1e3', '%27'])
      expect(await scene.service.call('DELETE', `/token/bypass/${id}`), id).toMatchObject({ status: 404 })
    expect((await open()).filter(({ user }) => user === 'sofia')).toEqual([])
  })
})
