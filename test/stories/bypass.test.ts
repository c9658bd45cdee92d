import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form, Reply } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('bypass')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

interface Who {
  readonly user: string
  readonly realm: string
}

const SHAPE = /^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/
const HOUR = 3_600_000

const grant = (form: Form): Promise<Reply> => nod.service.call('POST', '/token/bypass', { form })

/** A code as the helpdesk reads it out, and its number. */
async function issued(owner: Who, extra: Form = {}): Promise<{ readonly code: string; readonly id: string }> {
  const reply = await grant({ ...owner, reason: 'lost phone', ...extra })
  expect(reply).toMatchObject({ status: 200 })
  const { code, id } = fields(reply.value)
  return { code: String(code), id: String(id) }
}

/** The open codes of this file's users. */
async function open(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await nod.service.call('GET', '/token/bypass')
  return Array.isArray(value) ? value.map(fields).filter(({ realm }) => realm === nod.realm) : []
}

const enter = (owner: Who, pass: string): Promise<Reply> => nod.service.check({ ...owner, pass })
const ACCEPTED = { status: 200, value: true, authentication: 'ACCEPT', detail: { message: 'Bypass code accepted' } }

/** What a caller sees, but for the time of it. */
const seen = ({ status, body }: Reply): unknown => ({ status, body: { ...fields(body), time: 0 } })

async function audited(query: Form): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await nod.service.call('GET', '/audit/', { query: { realm: nod.realm, ...query } })
  const { auditdata } = fields(value)
  return Array.isArray(auditdata) ? auditdata.map(fields) : []
}

describe('a user who has lost the phone', () => {
  it('is let in once by a code that the helpdesk issues, however it is typed', async () => {
    const { phone, serial, owner } = await nod.enroll('ada', { pin: '1234' })
    const before = Date.now()
    const reply = await grant({ ...owner, reason: 'left it on the train' })
    const { code, ...shown } = fields(reply.value)
    expect(code).toMatch(SHAPE)
    const item = {
      id: expect.any(Number),
      ...owner,
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
    const used = await enter(owner, typed)
    expect(used).toMatchObject(ACCEPTED)
    expect(Object.keys(used.detail).toSorted()).toEqual(['message', 'threadid'])
    expect(await phone.poll()).toEqual([])
    expect(await nod.failures(serial)).toBe(0)

    const wrong = await enter(owner, 'not my PIN')
    expect(seen(await enter(owner, String(code)))).toEqual(seen(wrong))
    expect(wrong.detail.message).toBe('wrong otp pin')
    // Used up, it is a wrong PIN, and counts as one.
    expect(await nod.failures(serial)).toBe(2)
    expect((await open()).filter(({ user }) => user === 'ada')).toEqual([])
  })

  it('passes whatever the tokens are: disabled, locked, revoked, deleted, or none', async () => {
    const { service, realm } = nod
    const disabled = await nod.enroll('bob')
    await service.call('POST', `/token/disable/${disabled.serial}`)
    const revoked = await nod.enroll('cleo')
    await service.call('POST', `/token/revoke/${revoked.serial}`)
    const locked = await nod.enroll('dora', { pin: '1234' })
    for (let round = 0; round < 10; round++) await enter(locked.owner, 'wrong')
    const deleted = await nod.enroll('eve')
    await service.deleteToken(deleted.serial)
    const none = { user: 'frida', realm }
    await service.call('POST', '/user/', { form: none })
    for (const owner of [disabled.owner, revoked.owner, locked.owner, deleted.owner, none]) {
      const { code } = await issued(owner)
      const before = await enter(owner, 'wrong')
      expect(before.authentication === 'REJECT' || before.status === 400, owner.user).toBe(true)
      expect(await enter(owner, code), owner.user).toMatchObject(ACCEPTED)
      expect(seen(await enter(owner, code)), owner.user).toEqual(seen(before))
    }
    expect(await nod.failures(locked.serial)).toBe(10)
  })

  it('is let in beside a login that waits for the phone, which stays as it is', async () => {
    const { owner } = await nod.enroll('greta')
    const { code } = await issued(owner)
    const login = await nod.service.trigger(owner)
    const form = { ...owner, pass: code, transaction_id: login.transactionId }
    expect(await nod.service.check(form)).toMatchObject(ACCEPTED)
    expect(await nod.service.check(form)).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
  })

  it('is let in where policy asks for the NIST profile: the profile is about push, not about recovery codes', async () => {
    await nod.authenticationPolicy({ push_profile: 'nist-63b4' })
    const { owner } = await nod.enroll('tina')
    const { code } = await issued(owner)
    expect(await enter(owner, code)).toMatchObject(ACCEPTED)
  })

  it('is described in the answer as policy says of every login that succeeds', async () => {
    const { owner } = await nod.enroll('tora')
    const { service, realm } = nod
    const told = async (action: Readonly<Record<string, true>>, more: Form = {}): Promise<Reply> => {
      await service.setPolicy('bypass-answer', 'authorization', action, { realm: [realm] })
      return service.check({ ...owner, pass: (await issued(owner)).code, ...more })
    }
    const named = { add_user_in_response: true, add_resolver_in_response: true } as const
    const shown = { user: { username: 'tora' }, 'user-realm': realm, 'user-resolver': 'nod' }
    const { transactionId } = await service.trigger(owner)
    expect((await told(named)).detail).toMatchObject(shown)
    expect((await told(named, { transaction_id: transactionId })).detail).toMatchObject(shown)
    const bare = await told({ no_detail_on_success: true })
    expect(bare).toMatchObject({ status: 200, authentication: 'ACCEPT' })
    expect(fields(bare.body)).not.toHaveProperty('detail')
    await service.deletePolicy('bypass-answer')
  })

  it('is let in by RADIUS, once', async () => {
    const { owner } = await nod.enroll('henri')
    const { code } = await issued(owner)
    const ask = () => nod.service.call('POST', '/validate/radiuscheck', { form: { ...owner, pass: code } })
    expect(await ask()).toMatchObject({ status: 204, text: '' })
    expect(await ask()).toMatchObject({ status: 400, text: '' })
  })

  it('is let in by one of a hundred requests that bring the same code at once', async () => {
    const { serial, owner } = await nod.enroll('ines', { pin: '1234' })
    const { code } = await issued(owner)
    const replies = await Promise.all(Array.from({ length: 100 }, () => enter(owner, code)))
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(1)
    expect(replies.filter(({ authentication }) => authentication === 'REJECT')).toHaveLength(99)
    expect(await nod.failures(serial)).toBe(10)
    expect(await audited({ user: 'ines', info: 'bypass code of *' })).toHaveLength(1)
  })
})

describe('a code', () => {
  it('of another user, withdrawn, replaced or invented is a wrong PIN, and counts as one', async () => {
    const { serial, owner } = await nod.enroll('jana', { pin: '1234' })
    const other = await nod.enroll('kay')
    const theirs = await issued(other.owner)
    const replaced = await issued(owner)
    const withdrawn = await issued(owner)
    const withdraw = () => nod.service.call('DELETE', `/token/bypass/${withdrawn.id}`)
    expect(await withdraw()).toMatchObject({ status: 200, value: 1 })
    expect(await withdraw()).toMatchObject({ status: 404, error: { code: 601 } })

    const wrong = seen(await enter(owner, '4321'))
    for (const code of [theirs.code, replaced.code, withdrawn.code, '0000-0000-0000-0000'])
      expect(seen(await enter(owner, code))).toEqual(wrong)
    expect(await nod.failures(serial)).toBe(5)
    expect(await enter(other.owner, theirs.code)).toMatchObject(ACCEPTED)
  })

  it('is the user’s: a check that names a token asks for another login, and so does a trigger', async () => {
    const { serial, owner } = await nod.enroll('lena', { pin: '1234' })
    const { code } = await issued(owner)
    for (const subject of [{ serial }, { ...owner, serial }])
      expect((await nod.service.check({ ...subject, pass: code })).detail.message).toBe('wrong otp pin')
    expect(await nod.service.triggerchallenge({ ...owner, pass: code })).toMatchObject({
      authentication: 'CHALLENGE',
      value: 1,
    })
    expect(await enter(owner, code)).toMatchObject(ACCEPTED)
  })

  it('may look like a PIN that somebody has', async () => {
    const pin = 'abcd efgh 1234 5678'
    const { phone, owner } = await nod.enroll('mia', { pin })
    const login = await nod.service.triggerWithPin(owner, pin)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is deleted with its user; the next user of that name does not get it', async () => {
    const { service, realm } = nod
    const owner = { user: 'nora', realm }
    const create = () => service.call('POST', '/user/', { form: owner })
    await create()
    const { code } = await issued(owner)
    expect(await service.call('DELETE', '/user/nod/nora', { query: { realm } })).toMatchObject({ value: true })
    expect(await enter(owner, code)).toMatchObject({ status: 400, error: { code: 904 } })
    await create()
    expect(await enter(owner, code)).toMatchObject({ authentication: 'REJECT' })
  })

  it('is finalized only by callers who may check', async () => {
    const { owner } = await nod.enroll('olga')
    const { code } = await issued(owner)
    const check = async (name: string, role: string, gone = false) => {
      const plugin = nod.caller({ authorization: await nod.serviceKey(name, role) })
      if (gone) await nod.revokeServiceKey(name)
      const reply = await plugin.check({ ...owner, pass: code })
      if (!gone) await nod.revokeServiceKey(name)
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

  it('is in the audit with its issuer and reason, and the code itself is nowhere', async () => {
    const { owner } = await nod.enroll('pia')
    const { code, id } = await issued(owner, { reason: 'phone in the lake', validity_minutes: '90' })
    expect(only(await audited({ user: 'pia', action: 'POST /token/bypass' }))).toMatchObject({
      administrator: 'admin',
      success: 1,
      action_detail: '90 minutes: phone in the lake',
    })
    await nod.service.call('DELETE', `/token/bypass/${id}`)
    expect(only(await audited({ user: 'pia', action: 'DELETE /token/bypass/<id>' }))).toMatchObject({
      administrator: 'admin',
      action_detail: 'bypass code of admin',
    })
    const again = await issued(owner)
    const listed = await nod.service.call('GET', '/token/bypass')
    const audit = await nod.service.call('GET', '/audit/', { query: { page_size: '500' } })
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
    const { owner } = await nod.enroll('rosa')
    const validity = async (form: Form) => {
      const { expires_at: until, issued_at: from } = fields((await grant({ ...owner, reason: 'x', ...form })).value)
      return Number(until) - Number(from)
    }
    expect(await validity({ validity_minutes: '1' })).toBe(60_000)
    expect(await validity({ validity_hours: '240' })).toBe(240 * HOUR)
    expect(await validity({ validity_minutes: '14400' })).toBe(240 * HOUR)
    const named = await grant({ user: `rosa@${nod.realm}`, reason: 'x' })
    expect(named.value).toMatchObject(owner)
    // The newest is the one that is open.
    expect((await open()).filter(({ user }) => user === 'rosa')).toHaveLength(1)
  })

  it('is refused for what is missing or unfit, and then nothing is issued', async () => {
    const { owner } = await nod.enroll('sofia')
    const fit = { ...owner, reason: 'x' }
    for (const form of [
      { ...fit, reason: ' ' },
      { ...owner },
      { reason: 'x', realm: owner.realm },
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
      expect(await nod.service.call('DELETE', `/token/bypass/${id}`), id).toMatchObject({ status: 404 })
    expect((await open()).filter(({ user }) => user === 'sofia')).toEqual([])
  })
})
