/** A user's own page: signing in by the code that the phone shows, and what follows. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { PRIVACYIDEA } from '../simulation/phone/app.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import { noticeOf, notMe } from './notice-steps.ts'
import { google, openTrusting } from './scene.ts'

const PIN = '1234'
const CAFE = '203.0.113.7'
const WRONG = { status: 401, error: { code: 4031, message: 'Authentication failed.' } }
const VOID = { status: 401, error: { code: 4304 } }

let nod: Driver
let portal: Service
let close: (() => Promise<void>) | undefined
const policies = new Set<string>()

beforeAll(async () => {
  const opened = await openTrusting('me', 'portal')
  nod = opened.nod
  ;({ portal } = opened.services)
  close = opened.close
})
afterEach(async () => {
  for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
  policies.clear()
  await nod.deletePolicies()
  await notices('off')
})
afterAll(() => close?.())

async function rule(scope: string, action: Readonly<Record<string, string | true>>, realm = nod.realm) {
  const name = `me-${policies.size + 1}`
  policies.add(name)
  await nod.service.setPolicy(name, scope, action, { realm: [realm] })
}
/** The realm tells users of new phones and codes; the driver's realms do not, unless a test asks for it. */
const notices = (notice: 'on' | 'off') =>
  nod.service.setPolicy(
    `${nod.realm}-enroll`,
    'enrollment',
    {
      push_registration_url: nod.phoneUrl(),
      push_firebase_configuration: 'poll only',
      new_phone_notice: notice,
    },
    { realm: [nod.realm] },
  )
const open = () => rule('webui', { login_mode: 'code' })

const auth = (form: Form): Promise<Reply> => nod.caller().call('POST', '/auth', { form })
const first = (user: string, password = PIN, more: Form = {}) =>
  auth({ username: user, password, realm: nod.realm, code_only: '1', ...more })
const second = (user: string, id: string, password: string, more: Form = {}) =>
  first(user, password, { transaction_id: id, ...more })
const holder = ({ value }: Reply): Service => nod.caller({ authorization: String(fields(value)['token']) })

async function signedIn({ owner, phone }: EnrolledUser): Promise<Service> {
  const opened = await first(owner.user)
  const { displayCode = '' } = await phone.accept(only(await phone.poll()))
  return holder(await second(owner.user, String(opened.detail.transaction_id), displayCode))
}
const bypassCode = async (user: string): Promise<string> => {
  const { value } = await nod.service.call('POST', '/token/bypass', {
    form: { user, realm: nod.realm, reason: 'lost phone' },
  })
  return String(fields(value)['code'])
}
const flush = () => nod.service.call('POST', '/deployment/audit/flush')
const historyOf = async (user: Service) =>
  fields((await user.call('GET', '/report/logins')).value)['logins'] as readonly Readonly<Record<string, unknown>>[]

describe('signing in by code', () => {
  it('is off until a policy opens it, and then rings nobody', async () => {
    const ada = await nod.enroll('ada', { pin: PIN })
    for (const mode of [undefined, 'privacyIDEA', 'disable']) {
      if (mode !== undefined) await rule('webui', { login_mode: mode })
      for (const user of ['ada', 'nosuch']) {
        const { status, error } = await first(user)
        expect({ status, code: error?.code }, `${user} ${mode}`).toEqual(
          mode === undefined ? { status: 401, code: expect.any(Number) } : { status: 401, code: 4307 },
        )
      }
      for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
      policies.clear()
    }
    expect(await ada.phone.poll()).toEqual([])
  })

  it('takes the code that the phone shows, whatever policies say of the mode, and never a tap', async () => {
    await open()
    await nod.authenticationPolicy({ push_require_presence: true, push_code_to_phone_digits: '2' })
    const bea = await nod.enroll('bea', { pin: PIN })
    const opened = await first('bea')
    expect(opened).toMatchObject({ value: false, detail: { client_mode: 'interactive' } })
    const id = String(opened.detail.transaction_id)
    const { displayCode = '' } = await bea.phone.accept(only(await bea.phone.poll()))
    expect(displayCode).toMatch(/^\d{6}$/)
    // The user has confirmed, and that alone is not enough.
    expect(await second('bea', id, '')).toMatchObject(WRONG)
    const reply = await second('bea', id, displayCode)
    expect(reply).toMatchObject({ status: 200, value: { role: 'user', username: 'bea' } })
    expect(await second('bea', id, displayCode)).toMatchObject(WRONG)
  })

  it('ends after three wrong codes, and with the code of somebody else', async () => {
    await open()
    const cleo = await nod.enroll('cleo', { pin: PIN })
    const dora = await nod.enroll('dora', { pin: PIN })
    const opened = await first('cleo')
    const id = String(opened.detail.transaction_id)
    const { displayCode = '' } = await cleo.phone.accept(only(await cleo.phone.poll()))
    expect(await second('dora', id, displayCode)).toMatchObject(WRONG)
    const wrong = displayCode === '000000' ? '000001' : '000000'
    for (let guess = 0; guess < 3; guess++) expect(await second('cleo', id, wrong)).toMatchObject(WRONG)
    expect(await second('cleo', id, displayCode)).toMatchObject(WRONG)
    expect(await (await signedIn(dora)).call('GET', '/token/')).toMatchObject({ value: { count: 1 } })
  })

  it('does not ring a token without a PIN, which anybody could make ring; the app finds the login', async () => {
    const realm = nod.pushedRealm
    await rule('webui', { login_mode: 'code' }, realm)
    const { phone } = await nod.enroll('quinn', { pushed: true })
    const opened = await first('quinn', '', { realm })
    expect(opened).toMatchObject({ status: 200, value: false })
    const id = String(opened.detail.transaction_id)
    const { value } = await nod.service.call('GET', `/transaction/${id}`)
    expect(JSON.stringify(value)).toContain('restricted: the token has no PIN')
    const { displayCode = '' } = await phone.accept(only(await phone.poll()))
    const quinn = holder(await second('quinn', id, displayCode, { realm }))
    expect(await quinn.call('GET', '/token/')).toMatchObject({ value: { count: 1 } })
    // A login of a service rings, and is the only message.
    await nod.service.trigger({ user: 'quinn', realm })
    await google.deliveredPrompt(phone)
    expect(await google.messagesTo(phone)).toHaveLength(1)
  })

  it('signs no administrator in, and tells nobody whether there is such a user', async () => {
    await open()
    await nod.enroll('emma', { pin: PIN })
    expect(await auth({ username: 'admin', password: 'adminpw-of-tests', code_only: '1' })).toMatchObject(WRONG)
    const heard = async (user: string) => {
      const replies: unknown[] = []
      for (let guess = 0; guess < 6; guess++) {
        const { status, error, detail, headers } = await first(user, 'wrong')
        replies.push({ status, error, detail, waits: headers.has('retry-after') })
      }
      return replies
    }
    expect(await heard('nosuch-emma')).toEqual(await heard('emma'))
  })

  it('tells an app that shows no code to be updated', async () => {
    await open()
    const { phone } = await nod.enroll('fay', { pin: PIN, app: { ...PRIVACYIDEA, version: '4.6.1' } })
    await first('fay')
    expect(only(await phone.poll()).question).toContain('version 4.7')
  })
})

describe('a bypass code', () => {
  it('signs a user in once, who enrolls another phone and removes the lost one', async () => {
    await open()
    const lost = await nod.enroll('gwen', { pin: PIN })
    const code = await bypassCode('gwen')
    const gwen = holder(await first('gwen', code.toLowerCase()))
    expect(await first('gwen', code)).toMatchObject(WRONG)
    const { serial, pushurl } = await gwen.init({})
    const phone = nod.phone()
    await phone.register(phone.scan(pushurl?.value ?? ''))
    expect(await gwen.call('POST', `/token/disable/${lost.serial}`)).toMatchObject({ value: 1 })
    expect(await gwen.call('DELETE', `/token/${lost.serial}`)).toMatchObject({ value: 1 })
    expect(await gwen.call('GET', '/token/')).toMatchObject({ value: { count: 1, tokens: [{ serial }] } })
    await nod.service.deleteToken(String(serial))
  })

  it('signs nobody in under another name, nor where users sign in by a tap', async () => {
    await open()
    await nod.enroll('hana', { pin: PIN })
    await nod.enroll('iris', { pin: PIN })
    const code = await bypassCode('hana')
    expect(await first('iris', code)).toMatchObject(WRONG)
    for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
    await rule('webui', { login_mode: 'privacyIDEA' })
    expect(await auth({ username: 'hana', password: code, realm: nod.realm })).toMatchObject(WRONG)
  })

  it('that somebody else used ends their session when the user says so on the phone', async () => {
    await open()
    await notices('on')
    const june = await nod.enroll('june', { pin: PIN })
    const thief = holder(await first('june', await bypassCode('june')))
    expect(await thief.call('GET', '/token/')).toMatchObject({ status: 200 })
    await notMe(june, await noticeOf(june, 'A code was used'))
    expect(await waitUntil(async () => (await thief.call('GET', '/token/')).status === 401)).toBe(true)
  })
})

describe('a user who is signed in', () => {
  it('reads their own logins, and nobody else’s', async () => {
    await open()
    const kate = await nod.enroll('kate', { pin: PIN })
    const lena = await nod.enroll('lena', { pin: PIN })
    const login = await portal.check({ ...kate.owner, pass: PIN, client: CAFE })
    await kate.phone.accept(only(await kate.phone.poll()))
    await portal.finalize(String(login.detail.transaction_id), kate.owner)
    const [ofKate, ofLena] = [await signedIn(kate), await signedIn(lena)]
    await flush()
    expect(await waitUntil(async () => (await historyOf(ofKate)).length === 2)).toBe(true)
    const id = String(login.detail.transaction_id)
    expect(await historyOf(ofKate)).toMatchObject([
      { user: 'kate', service: '', outcome: 'accepted', mode: 'code_to_phone' },
      { user: 'kate', service: 'me-portal', outcome: 'accepted', address: CAFE, transaction_id: id },
    ])
    expect(await ofKate.call('GET', `/token/${kate.serial}`)).toMatchObject({
      value: { user: 'kate', status: 'ready' },
    })
    expect(await ofLena.call('GET', `/token/${kate.serial}`)).toMatchObject({ status: 404, error: { code: 601 } })
    const asKate = await ofLena.call('GET', '/report/logins', { query: kate.owner })
    expect(JSON.stringify(asKate.value)).not.toContain('kate')
    expect((await historyOf(ofLena)).every(({ user }) => user === 'lena')).toBe(true)
    for (const path of [`/report/logins/${id}/not-me`, '/report/logins/12345678901234567890/not-me'])
      expect(await ofLena.call('POST', path), path).toMatchObject({ status: 404 })
    for (const [method, path] of [
      ['GET', '/report/overview'],
      ['GET', '/report/live'],
      ['GET', `/transaction/${id}`],
    ] as const)
      expect(await ofKate.call(method, path), path).toMatchObject({ status: 401, error: { code: 4306 } })
  })

  it('says that a login was not theirs: its place is shut out, and administrators hear of it', async () => {
    await open()
    const mona = await nod.enroll('mona', { pin: PIN })
    const login = await portal.check({ ...mona.owner, pass: PIN, client: CAFE })
    await mona.phone.accept(only(await mona.phone.poll()))
    await portal.finalize(String(login.detail.transaction_id), mona.owner)
    const user = await signedIn(mona)
    const report = () => user.call('POST', `/report/logins/${String(login.detail.transaction_id)}/not-me`)
    expect(await report()).toMatchObject({ status: 200, value: { consequence: 'source_shut_out' } })
    expect(await report()).toMatchObject({ status: 200 })
    expect(await portal.check({ ...mona.owner, pass: PIN, client: CAFE })).toMatchObject({
      detail: { message: 'The user has reported a login from here. Try again later.' },
    })
    expect(await portal.check({ ...mona.owner, pass: PIN, client: '198.51.100.1' })).toMatchObject({
      authentication: 'CHALLENGE',
    })
    const lines = async () => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { user: 'mona', action: '*not-me*' } })
      return fields(value)['count']
    }
    expect(await waitUntil(async () => Number(await lines()) > 0)).toBe(true)
  })

  it('is not served to an administrator, and reads nothing where policies of the scope user do not grant it', async () => {
    await open()
    const path = '/report/logins/12345678901234567890/not-me'
    expect(await nod.service.call('POST', path)).toMatchObject({ status: 401, error: { code: 4306 } })
    const enrolled = await nod.enroll('nora', { pin: PIN })
    const nora = await signedIn(enrolled)
    await rule('user', { disable: true })
    expect(await nora.call('GET', '/report/logins')).toMatchObject({ status: 403, error: { code: 303 } })
    // Who may disable a phone may pause its rings, and who may read their audit may read their logins: privacyIDEA's policies name those.
    expect(await nora.call('POST', `/token/pause/${enrolled.serial}`)).toMatchObject({ value: 1 })
    await rule('user', { auditlog: true })
    expect(await nora.call('GET', '/report/logins')).toMatchObject({ status: 200 })
  })

  it('is told on the other phones what was done to one of them, and ends the session of somebody else', async () => {
    await open()
    await notices('on')
    const olga = await nod.enroll('olga', { pin: PIN })
    const other = await nod.enroll('olga', { pin: PIN })
    const opened = await first('olga')
    const prompt = only((await olga.phone.poll(olga.serial)).filter(({ title }) => !title.startsWith('Security')))
    const { displayCode = '' } = await olga.phone.accept(prompt)
    const thief = holder(await second('olga', String(opened.detail.transaction_id), displayCode))
    await thief.call('POST', `/token/pause/${olga.serial}`, { form: { minutes: '60' } })
    expect((await noticeOf(other, 'does not ring')).question).toContain(olga.serial)
    await thief.call('POST', `/token/description/${olga.serial}`, { form: { description: 'harmless' } })
    expect((await noticeOf(other, 'was renamed')).question).toContain(olga.serial)
    expect(await thief.call('POST', `/token/setpin/${olga.serial}`, { form: { otppin: '987654' } })).toMatchObject({
      value: 1,
    })
    expect((await noticeOf(other, 'has another PIN')).question).toContain(olga.serial)
    await thief.call('POST', `/token/disable/${olga.serial}`)
    await notMe(other, await noticeOf(other, 'was disabled'))
    expect(await waitUntil(async () => (await thief.call('GET', '/token/')).status === 401)).toBe(true)
  })

  it('is signed out when the phone that showed the code is deleted', async () => {
    await open()
    const pia = await nod.enroll('pia', { pin: PIN })
    const user = await signedIn(pia)
    expect(await user.call('DELETE', `/token/${pia.serial}`)).toMatchObject({ value: 1 })
    for (const path of ['/report/logins', '/token/']) expect(await user.call('GET', path), path).toMatchObject(VOID)
  })
})
