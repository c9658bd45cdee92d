/** Rings that a user or the helpdesk pauses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

const PIN = '1234'
let nod: Driver

beforeAll(async () => {
  nod = await openNod('paused')
  await nod.service.setPolicy('paused-webui', 'webui', { login_mode: 'privacyIDEA' }, { realm: [nod.realm] })
})
afterAll(async () => {
  await nod.service.deletePolicy('paused-webui')
  await nod.close()
})

/** The user, signed in with this phone. */
async function signedIn({ owner, phone }: EnrolledUser): Promise<Service> {
  const auth = (form: Form) => nod.caller().call('POST', '/auth', { form: { ...form, realm: owner.realm } })
  const opened = await auth({ username: owner.user, password: PIN })
  await phone.accept(only(await phone.poll()))
  const { value } = await auth({
    username: owner.user,
    password: '',
    transaction_id: String(opened.detail.transaction_id),
  })
  return nod.caller({ authorization: String(fields(value)['token']) })
}

const pause = (caller: Service, serial: string, form: Form = {}) =>
  caller.call('POST', `/token/pause/${serial}`, { form })
const resume = (caller: Service, serial: string) => caller.call('POST', `/token/resume/${serial}`)
const pausedUntil = async (serial: string) => fields((await nod.token(serial))['info'])['rings_paused_until']
const minutesLeft = async (serial: string) =>
  Math.round((Date.parse(String(await pausedUntil(serial))) - Date.now()) / 60_000)

describe('a user', () => {
  it('pauses the rings of their phone for a time, sees until when, and resumes them', async () => {
    const ada = await nod.enroll('ada', { pin: PIN })
    const self = await signedIn(ada)
    expect(await pause(self, ada.serial, { minutes: '90' })).toMatchObject({ status: 200, value: 1 })
    expect(await minutesLeft(ada.serial)).toBe(90)
    const { value } = await self.call('GET', '/token/')
    expect(value).toMatchObject({ tokens: [{ info: { rings_paused_until: await pausedUntil(ada.serial) } }] })

    // The next one replaces it.
    expect(await pause(self, ada.serial)).toMatchObject({ value: 1 })
    expect(await minutesLeft(ada.serial)).toBe(60)
    expect([(await resume(self, ada.serial)).value, (await resume(self, ada.serial)).value]).toEqual([1, 0])
    expect(await pausedUntil(ada.serial)).toBeUndefined()

    const lines = async () => {
      const { value: audit } = await nod.service.call('GET', '/audit/', {
        query: { serial: ada.serial, action: '*token/*' },
      })
      const found = fields(audit)['auditdata']
      return Array.isArray(found) ? found.map((line) => String(fields(line)['action'])).toSorted() : []
    }
    expect(await lines()).toEqual([
      'POST /token/init',
      'POST /token/pause/<serial>',
      'POST /token/pause/<serial>',
      'POST /token/resume/<serial>',
    ])
  })

  it('pauses them for a day at most', async () => {
    const bea = await nod.enroll('bea', { pin: PIN })
    const self = await signedIn(bea)
    expect(await pause(self, bea.serial, { minutes: '1440' })).toMatchObject({ value: 1 })
    for (const minutes of ['1441', '0', '-5', '1.5', 'soon', '99999999'])
      expect(await pause(self, bea.serial, { minutes }), minutes).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await minutesLeft(bea.serial)).toBe(1440)
  })

  it('pauses nobody else’s, and is not told whose they are', async () => {
    const eve = await nod.enroll('eve', { pin: PIN })
    const bob = await nod.enroll('bob', { pin: PIN })
    const self = await signedIn(eve)
    for (const verb of ['pause', 'resume'])
      for (const [serial, form] of [
        [bob.serial, {}],
        ['PIPUNOSUCH', {}],
        [bob.serial, bob.owner],
      ] as const)
        expect(await self.call('POST', `/token/${verb}/${serial}`, { form }), `${verb} ${serial}`).toMatchObject({
          status: 404,
          error: { code: 601 },
        })
    expect(await self.call('POST', '/token/pause', { form: bob.owner })).toMatchObject({ status: 404 })
    expect(await pausedUntil(bob.serial)).toBeUndefined()
    expect(await pause(nod.caller(), bob.serial)).toMatchObject({ status: 401, error: { code: 4033 } })
  })

  it('needs the right once there are policies of the scope user', async () => {
    const cleo = await nod.enroll('cleo', { pin: PIN })
    const self = await signedIn(cleo)
    await nod.withPolicy('user', { revoke: true }, { realm: [nod.realm] }, async () =>
      expect(await pause(self, cleo.serial)).toMatchObject({
        status: 403,
        error: { message: 'User actions are defined, but the action pause_rings is not allowed!' },
      }),
    )
    await nod.withPolicy('user', { pause_rings: true }, { realm: [nod.realm] }, async () =>
      expect(await pause(self, cleo.serial)).toMatchObject({ value: 1 }),
    )
  })
})

describe('the helpdesk', () => {
  let helpdesk: Service
  beforeAll(async () => {
    const { value } = await nod.service.call('POST', '/apikey', { form: { name: 'paused-desk', role: 'helpdesk' } })
    helpdesk = nod.caller({ authorization: String(fields(value)['key']) })
  })
  afterAll(() => nod.service.call('DELETE', '/apikey/paused-desk'))

  it('pauses all phones of a user for up to a week, and resumes what a user paused', async () => {
    const phones = [await nod.enroll('dora', { pin: PIN }), await nod.enroll('dora', { pin: PIN })]
    const [first] = phones
    if (first === undefined) throw new Error('no phone')
    const all = { ...first.owner, minutes: '10080' }
    expect(await helpdesk.call('POST', '/token/pause', { form: all })).toMatchObject({ value: 2 })
    for (const { serial } of phones) expect(await minutesLeft(serial)).toBe(10_080)
    expect(await pause(helpdesk, first.serial, { minutes: '10081' })).toMatchObject({ status: 400 })
    expect(await helpdesk.call('POST', '/token/resume', { form: first.owner })).toMatchObject({ value: 2 })
    const service = nod.caller({ authorization: 'nonsense' })
    expect(await pause(service, first.serial)).toMatchObject({ status: 401 })
  })

  it('cannot set the pause as a note, nor fill its place with notes', async () => {
    const { serial } = await nod.enroll('emmy')
    const note = (key: string, value: string) =>
      nod.service.call('POST', `/token/info/${serial}/${key}`, { form: { value } })
    expect(await note('rings_paused_until', '2040-01-01T00:00:00+00:00')).toMatchObject({ status: 400 })
    for (let at = 0; at < 32; at++) expect((await note(`note${at}`, 'x')).value).toBe(true)
    expect(await pause(helpdesk, serial)).toMatchObject({ value: 1 })
    expect(await note('note0', 'y')).toMatchObject({ value: true })
    expect(await resume(helpdesk, serial)).toMatchObject({ value: 1 })
  })

  it('ends a pause by giving the token to somebody else; a revoked token has none', async () => {
    const { serial } = await nod.enroll('finn')
    await pause(helpdesk, serial)
    await nod.service.call('POST', '/token/unassign', { form: { serial } })
    expect(await pausedUntil(serial)).toBeUndefined()
    await nod.service.call('POST', `/token/revoke/${serial}`)
    expect(await pause(helpdesk, serial)).toMatchObject({ status: 400 })
  })
})

describe('while its rings are paused', () => {
  it('a phone is not rung, and its user logs in with a code after opening the app', async () => {
    const { phone, serial, owner } = await nod.enroll('hedy', { pushed: true, pin: PIN })
    await pause(nod.service, serial)
    const login = await nod.service.triggerWithPin(owner, PIN)
    expect(login.clientMode).toBe('interactive')
    const { displayCode = '' } = await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await nod.service.finalize(login.transactionId, owner, { pass: displayCode })).toBe('ACCEPT')
    const { value } = await nod.service.call('GET', `/transaction/${login.transactionId}`)
    expect(JSON.stringify(value)).toContain('restricted: rings are paused')

    await resume(nod.service, serial)
    const after = await nod.service.triggerWithPin(owner, PIN)
    expect((await google.deliveredPrompt(phone)).question).toBe('Do you want to confirm the login?')
    expect(await google.messagesTo(phone)).toHaveLength(1)
    expect(await nod.service.finalize(after.transactionId)).toBe('REJECT')
  })

  it.each(['off', 'shadow'])('a phone is not rung with push_firewall=%s either', async (push_firewall) => {
    await nod.authenticationPolicy({ push_firewall })
    const { phone, serial, owner } = await nod.enroll(`irma ${push_firewall}`, { pushed: true })
    await pause(nod.service, serial)
    const login = await nod.service.trigger(owner)
    const { displayCode = '' } = await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId, owner, { pass: displayCode })).toBe('ACCEPT')
    await resume(nod.service, serial)
    await nod.service.trigger(owner)
    await google.deliveredPrompt(phone)
    expect(await google.messagesTo(phone)).toHaveLength(1)
    await nod.deletePolicies()
  })

  it('a phone that may not poll is not rung either, not even once its user has reported a login', async () => {
    const { phone, serial, owner } = await nod.enroll('kim', { pushed: true, pin: PIN })
    await nod.service.triggerWithPin(owner, PIN)
    await phone.decline(await google.deliveredPrompt(phone), { reason: 'unknown_trigger' })
    await nod.authenticationPolicy({ push_allow_polling: 'deny' })
    await pause(nod.service, serial)
    const before = (await google.messagesTo(phone)).length
    const login = await nod.service.triggerWithPin(owner, PIN)
    const { value } = await nod.service.call('GET', `/transaction/${login.transactionId}`)
    expect(JSON.stringify(value)).toContain('restricted: the user has reported a login')
    expect(JSON.stringify(value)).not.toContain('delivered')
    expect((await google.messagesTo(phone)).length).toBe(before)
    await nod.deletePolicies()
  })

  it('a login by an app that shows no code stays a tap, and is found by polling', async () => {
    const julia = await nod.enroll('julia', { type: 'edupush', pushed: true })
    await pause(nod.service, julia.serial)
    const login = await nod.service.trigger(julia.owner)
    await julia.phone.accept(only(await julia.phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await google.messagesTo(julia.phone)).toEqual([])
  })
})
