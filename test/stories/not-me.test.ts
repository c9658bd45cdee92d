/** "Not me": a user declines a login that is not theirs. Somebody else knows the PIN. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, EnrolledUser, Owner } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { EDUMFA, type Phone, type Prompt } from '../simulation/phone.ts'
import { PRIVACYIDEA } from '../simulation/phone/app.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting } from './scene.ts'

let nod: Driver
let close: (() => Promise<void>) | undefined
let portal: Service

beforeAll(async () => {
  const opened = await openTrusting('not-me', 'portal')
  nod = opened.nod
  ;({ portal } = opened.services)
  close = opened.close
})
afterEach(() => nod.deletePolicies())
afterAll(() => close?.())

const PIN = '1234'
const HOME = '198.51.100.1'
const CAFE = '203.0.113.7'
const elsewhere = (index: number): string => `192.0.2.${index}`
const BLOCKED = 'The user has reported a login from here. Try again later.'
const SUSPENDED = 'The user has reported logins by this PIN: they are suspended.'
const NOTICE = 'Security notice, not a login'
const WARNING = 'Somebody else may know your PIN: change it.'

/** A login by PIN from this address; without one, no place is believed. */
const from = (client: string | undefined, owner: Owner, pass = PIN): Promise<Reply> =>
  portal.check({ ...owner, pass, ...(client === undefined ? {} : { client }) })
const modeOf = ({ detail, authentication }: Reply) =>
  authentication === 'CHALLENGE' ? only(detail.multi_challenge ?? []).client_mode : detail.message
const idOf = ({ detail }: Reply): string => String(detail.transaction_id)

/** What the phone shows and is no notice. */
const prompts = async (phone: Phone) => (await phone.poll()).filter(({ title }) => title !== NOTICE)
/** The one login that the phone asks about. */
const asked = async (phone: Phone) => only(await prompts(phone))

const info = async (serial: string) => fields((await nod.token(serial))['info'])
/** The user declines, and everybody who has to has heard of it. */
async function report({ phone, serial }: EnrolledUser, prompt: Prompt, reason = 'unknown_trigger'): Promise<void> {
  const before = (await info(serial))['fraud_reported']
  expect(await phone.decline(prompt, { reason })).toMatchObject({ taken: true })
  const told = await waitUntil(async () => {
    const { fraud_reported: at, pin_suspended: suspended } = await info(serial)
    return at !== undefined && (at !== before || suspended !== undefined)
  })
  expect(told).toBe(true)
}
/** Somebody logs in from there, and the user says that it was not them. */
async function attack(user: EnrolledUser, client: string | undefined): Promise<void> {
  expect(modeOf(await from(client, user.owner))).toBe('poll')
  await report(user, await asked(user.phone))
}
/** The user logs in from there with a tap. */
async function logIn({ phone, owner }: EnrolledUser, client: string | undefined, pin = PIN): Promise<string> {
  const login = await from(client, owner, pin)
  await phone.accept(await asked(phone))
  return portal.finalize(idOf(login), owner)
}
/** The user logs in from there with the code that the phone shows. */
async function logInByCode({ phone, owner }: EnrolledUser, client: string | undefined, pin = PIN): Promise<string> {
  const login = await from(client, owner, pin)
  const { displayCode = '' } = await phone.accept(await asked(phone))
  return portal.finalize(idOf(login), owner, { pass: displayCode })
}
const suspendedUser = async (name: string, more: object = {}): Promise<EnrolledUser> => {
  const user = await nod.enroll(name, { pin: PIN, ...more })
  await attack(user, elsewhere(1))
  await attack(user, elsewhere(2))
  return user
}

describe('the first "not me", of a login whose place is believed', () => {
  it('shuts that place out for the user, for an hour, and nobody else', async () => {
    const user = await nod.enroll('ada', { pin: PIN })
    await attack(user, CAFE)
    const refused = await from(CAFE, user.owner)
    expect(refused).toMatchObject({ status: 200, authentication: 'REJECT', detail: { message: BLOCKED } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3590)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3600)
    // Nothing is compared, and no service gets around it without the PIN.
    expect(modeOf(await from(CAFE, user.owner, '9999'))).toBe(BLOCKED)
    const triggered = await nod.service.triggerchallenge({ ...user.owner, client: CAFE })
    expect(triggered).toMatchObject({ detail: { message: BLOCKED } })
    expect(await prompts(user.phone)).toEqual([])
    // Her own logins go on with a tap, and so do those of others in the same place.
    expect(await logIn(user, HOME)).toBe('ACCEPT')
    expect(await logIn(await nod.enroll('ada the other', { pin: PIN }), CAFE)).toBe('ACCEPT')
  })

  it('takes the other prompts from there off the phone, and leaves those from elsewhere', async () => {
    const user = await nod.enroll('bea', { pin: PIN })
    const own = await from(HOME, user.owner)
    const ownPrompt = await asked(user.phone)
    const theirs = [await from(CAFE, user.owner), await from(CAFE, user.owner)]
    const [prompt, other] = await prompts(user.phone)
    if (prompt === undefined || other === undefined) throw new Error('two prompts were to come')
    await report(user, prompt)
    const statuses = () => Promise.all(theirs.map((login) => portal.status(idOf(login))))
    expect(await waitUntil(async () => (await statuses()).join() === 'declined,declined')).toBe(true)
    // A tap by mistake lets nobody in.
    expect(await user.phone.accept(other)).toMatchObject({ taken: false })
    await user.phone.accept(ownPrompt)
    expect(await portal.finalize(idOf(own), user.owner)).toBe('ACCEPT')
  })

  it('shuts out no place that she has logged in from: an attacker in her office is not rid of her', async () => {
    const user = await nod.enroll('cleo', { pin: PIN })
    expect(await logIn(user, HOME)).toBe('ACCEPT')
    await attack(user, HOME)
    const theirs = await from(HOME, user.owner)
    expect(modeOf(theirs)).toBe('interactive')
    // She confirms by mistake: without the code that her phone shows, nobody gets in.
    await user.phone.accept(await asked(user.phone))
    expect(await portal.finalize(idOf(theirs), user.owner)).toBe('REJECT')
    expect(await logInByCode(user, HOME)).toBe('ACCEPT')
    expect(await logInByCode(user, CAFE)).toBe('ACCEPT')
  })
})

describe('the first "not me", of a login without a believed place', () => {
  it('asks her next logins for the code that her phone shows', async () => {
    const user = await nod.enroll('dora', { pin: PIN })
    await attack(user, undefined)
    const theirs = await from(undefined, user.owner)
    expect(modeOf(theirs)).toBe('interactive')
    const prompt = await asked(user.phone)
    expect(prompt.question.startsWith(`${WARNING} Do you want to confirm the login?`)).toBe(true)
    await user.phone.accept(prompt)
    for (const pass of ['', PIN]) expect(await portal.finalize(idOf(theirs), user.owner, { pass })).toBe('REJECT')
    expect(await logInByCode(user, undefined)).toBe('ACCEPT')
    expect(await logInByCode(user, HOME)).toBe('ACCEPT')
    expect((await info(user.serial))['pin_suspended']).toBeUndefined()
  })

  it('takes the other prompts of the same service off the phone, and tells her in German', async () => {
    const user = await nod.enroll('doris', { pin: PIN })
    const form = { ...user.owner, pass: PIN }
    const before = await portal.check(form)
    const ofAnother = await nod.service.check(form)
    await prompts(user.phone)
    await portal.check(form)
    await report(user, await asked(user.phone))
    expect(await waitUntil(async () => (await portal.status(idOf(before))) === 'declined')).toBe(true)
    expect(await nod.service.status(idOf(ofAnother))).toBe('pending')
    await portal.call('POST', '/validate/check', { form, headers: { 'Accept-Language': 'de' } })
    expect((await asked(user.phone)).question).toMatch(
      /^Jemand kennt vielleicht Ihre PIN: Ändern Sie sie\. Wollen Sie die Anmeldung bestätigen\?/,
    )
  })

  it('leaves number matching as it is', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const user = await nod.enroll('dana', { pin: PIN })
    const before = await from(undefined, user.owner)
    expect(modeOf(before)).toBe('poll')
    await report(user, await asked(user.phone))
    const { presence_answer: presence = '', ...detail } = (await from(undefined, user.owner)).detail
    await user.phone.accept(await asked(user.phone), { presence })
    expect(await portal.finalize(String(detail.transaction_id), user.owner)).toBe('ACCEPT')
  })

  it('refuses logins by PIN that nothing but a tap would approve', async () => {
    const old = await nod.enroll('elsa', { pin: PIN, app: { ...PRIVACYIDEA, version: '4.6.2' } })
    await attack(old, undefined)
    expect(modeOf(await from(undefined, old.owner))).toBe(SUSPENDED)
    const edumfa = await nod.enroll('emma', { pin: PIN, type: 'edupush', app: EDUMFA })
    await attack(edumfa, undefined)
    expect(modeOf(await from(HOME, edumfa.owner))).toBe(SUSPENDED)
    const waiting = await nod.enroll('erna', { pin: PIN })
    await attack(waiting, undefined)
    await nod.authenticationPolicy({ push_wait: '20' })
    expect(modeOf(await from(undefined, waiting.owner))).toBe(SUSPENDED)
    // The PIN is not compared: whoever guesses it is not told.
    expect(modeOf(await from(undefined, waiting.owner, '9999'))).toBe(SUSPENDED)
    expect(await nod.failures(waiting.serial)).toBe(0)
  })

  it('of a user who forgot a login of their own costs them a code', async () => {
    const user = await nod.enroll('fay', { pin: PIN })
    expect(await logIn(user, undefined)).toBe('ACCEPT')
    await attack(user, undefined)
    expect(await logInByCode(user, undefined)).toBe('ACCEPT')
  })
})

describe('a second "not me" within a day', () => {
  it('suspends logins by PIN and a tap everywhere, until the PIN is another', async () => {
    const user = await suspendedUser('gina')
    expect((await info(user.serial))['pin_suspended']).toMatch(/^20\d\d-/)
    // Her phone tells her, once.
    const notices: Prompt[] = []
    const isTold = async () => notices.push(...(await user.phone.poll()).filter(({ title }) => title === NOTICE)) > 0
    expect(await waitUntil(isTold)).toBe(true)
    expect(notices.map(({ question }) => question)).toEqual([
      expect.stringMatching(/^Logins with your PIN were stopped, because you declined one\. Somebody knows your PIN/),
    ])
    for (const client of [HOME, elsewhere(3), undefined])
      expect(modeOf(await from(client, user.owner))).toBe('interactive')
    await user.phone.poll()
    expect(await logInByCode(user, HOME)).toBe('ACCEPT')
    const set = (pin: string) =>
      nod.service.call('POST', '/token/setpin', { form: { serial: user.serial, otppin: pin } })
    // The same PIN again is no other.
    await set(PIN)
    expect(modeOf(await from(HOME, user.owner))).toBe('interactive')
    await user.phone.poll()
    await set('5678')
    expect(await logIn(user, HOME, '5678')).toBe('ACCEPT')
    expect(await info(user.serial)).not.toHaveProperty('pin_suspended')
  })

  it('is lifted by the helpdesk, which the audit shows, and not by the user', async () => {
    await nod.policy('webui', { login_mode: 'privacyIDEA' }, { realm: [nod.realm] })
    await nod.policy('user', { reset: true }, { realm: [nod.realm] })
    const user = await suspendedUser('hella')
    const auth = (form: object) => nod.caller().call('POST', '/auth', { form: { realm: nod.realm, ...form } })
    // Nod's own sign-in asks for the code as well.
    const opened = await auth({ username: 'hella', password: PIN })
    expect(modeOf(opened)).toBe('interactive')
    const { displayCode = '' } = await user.phone.accept(await asked(user.phone))
    const signedIn = await auth({ username: 'hella', password: displayCode, transaction_id: idOf(opened) })
    const self = nod.caller({ authorization: String(fields(signedIn.value)['token']) })
    expect((await self.call('POST', '/token/reset', { form: { serial: user.serial } })).value).toBe(1)
    expect(modeOf(await from(HOME, user.owner))).toBe('interactive')
    await user.phone.poll()

    await nod.service.call('POST', '/token/reset', { form: { serial: user.serial } })
    expect(await logIn(user, HOME)).toBe('ACCEPT')
    expect(modeOf(await from(elsewhere(1), user.owner))).toBe('poll')
    const query = { serial: user.serial, action: '*reset*' }
    const { value } = await nod.service.call('GET', '/audit/', { query })
    expect(JSON.stringify(fields(value)['auditdata'])).toContain('"administrator":"admin"')
  })

  it('is over with another phone, and with another owner', async () => {
    const user = await suspendedUser('ida')
    const { serial, owner } = user
    const renewed = await nod.enroll('ida', { pin: PIN, serial, parameters: { rollover: '1' } })
    expect(await logIn({ ...renewed, owner }, HOME)).toBe('ACCEPT')
    const other = await suspendedUser('ines')
    await nod.service.call('POST', '/token/unassign', { form: { serial: other.serial } })
    await nod.service.call('POST', '/token/assign', {
      form: { serial: other.serial, ...owner, user: 'jana', pin: PIN },
    })
    expect(await info(other.serial)).not.toHaveProperty('pin_suspended')
  })

  it('of two phones at once counts at both, since one PIN opens both', async () => {
    const one = await nod.enroll('karla', { pin: PIN })
    const two = await nod.enroll('karla', { pin: PIN })
    await from(elsewhere(1), one.owner)
    await from(elsewhere(2), one.owner)
    const [older] = await prompts(one.phone)
    const newer = (await prompts(two.phone)).find(({ nonce }) => nonce !== older?.nonce)
    if (older === undefined || newer === undefined) throw new Error('each phone was to show two prompts')
    await Promise.all([one.phone.decline(older), two.phone.decline(newer), one.phone.decline(older)])
    for (const { serial } of [one, two])
      expect(await waitUntil(async () => (await info(serial))['fraud_reported'] !== undefined)).toBe(true)
  })
})

describe('somebody who is shut out of the services', () => {
  it('gets no tap by signing in to Nod itself, nor by naming the token in place of the user', async () => {
    await nod.policy('webui', { login_mode: 'privacyIDEA' }, { realm: [nod.realm] })
    const user = await nod.enroll('wanda', { pin: PIN })
    await attack(user, elsewhere(81))
    await attack(user, elsewhere(82))
    const form = { username: user.owner.user, realm: user.owner.realm, password: PIN }
    const signingIn = await nod.caller().call('POST', '/auth', { form })
    expect(modeOf(signingIn)).toBe('interactive')
    const named = await nod.caller().check({ serial: user.serial, pass: PIN })
    expect(modeOf(named)).toBe('interactive')
    for (const prompt of await prompts(user.phone)) await user.phone.accept(prompt)
    // The taps alone let nobody in.
    const again = { ...form, password: '', transaction_id: idOf(signingIn) }
    expect((await nod.caller().call('POST', '/auth', { form: again })).status).toBe(401)
    expect(await nod.caller().finalize(idOf(named), { serial: user.serial })).toBe('REJECT')
  })
})

describe('no suspension comes of', () => {
  it('one "not me" that the app sends twice', async () => {
    const user = await nod.enroll('lara', { pin: PIN })
    await from(CAFE, user.owner)
    const prompt = await asked(user.phone)
    for (let sent = 0; sent < 3; sent++) await user.phone.decline(prompt, { reason: 'unknown_trigger' })
    expect(await waitUntil(async () => (await info(user.serial))['fraud_reported'] !== undefined)).toBe(true)
    expect(await info(user.serial)).not.toHaveProperty('pin_suspended')
    expect(await logIn(user, HOME)).toBe('ACCEPT')
  })

  it('"me, but stop"', async () => {
    const user = await nod.enroll('mia', { pin: PIN })
    for (let stopped = 0; stopped < 3; stopped++) {
      await from(CAFE, user.owner)
      await user.phone.decline(await asked(user.phone), { reason: 'cancelled' })
    }
    expect(await logIn(user, CAFE)).toBe('ACCEPT')
    expect(await info(user.serial)).not.toHaveProperty('fraud_reported')
  })

  it('logins that a service triggers without a PIN: they need a code then, where the app shows one', async () => {
    const user = await nod.enroll('nora', { pin: PIN })
    const login = await nod.service.trigger(user.owner)
    expect(login.clientMode).toBe('poll')
    await report(user, await asked(user.phone))
    for (let round = 0; round < 3; round++) {
      expect((await nod.service.trigger(user.owner)).clientMode).toBe('interactive')
      await user.phone.decline(await asked(user.phone), { reason: 'unknown_trigger' })
    }
    expect(await info(user.serial)).not.toHaveProperty('pin_suspended')
    const old = await nod.enroll('nele', { app: { ...PRIVACYIDEA, version: '4.6.2' } })
    for (let round = 0; round < 3; round++) {
      expect((await nod.service.trigger(old.owner)).clientMode).toBe('poll')
      await old.phone.decline(await asked(old.phone), { reason: 'unknown_trigger' })
    }
  })

  it('an attacker: who has no phone of hers signs no "not me"', async () => {
    const user = await nod.enroll('olga', { pin: PIN })
    const thief = await nod.enroll('a thief')
    await from(CAFE, user.owner)
    const prompt = await asked(user.phone)
    expect(await thief.phone.decline(prompt, { reason: 'unknown_trigger' })).toMatchObject({ taken: false })
    expect(await info(user.serial)).not.toHaveProperty('fraud_reported')
  })
})

describe('under the policy', () => {
  it('push_fraud_report=block the first "not me" suspends', async () => {
    await nod.authenticationPolicy({ push_fraud_report: 'block' })
    const user = await nod.enroll('paula', { pin: PIN })
    await attack(user, CAFE)
    expect(modeOf(await from(HOME, user.owner))).toBe('interactive')
    expect((await info(user.serial))['pin_suspended']).toBeDefined()
  })

  it.each(['push_fraud_report', 'push_firewall'])(
    '%s=off a "not me" ends its login and nothing else',
    async (action) => {
      await nod.authenticationPolicy({ [action]: 'off' })
      const user = await nod.enroll(`rita ${action}`, { pin: PIN })
      for (let round = 0; round < 3; round++) {
        const login = await from(CAFE, user.owner)
        await user.phone.decline(await asked(user.phone), { reason: 'unknown_trigger' })
        expect(await portal.status(idOf(login))).toBe('declined')
      }
      expect(await logIn(user, CAFE)).toBe('ACCEPT')
      expect(await info(user.serial)).not.toHaveProperty('fraud_reported')
      // What was reported before is not applied either.
      await nod.deletePolicies()
      await attack(user, CAFE)
      await nod.authenticationPolicy({ [action]: 'off' })
      expect(await logIn(user, CAFE)).toBe('ACCEPT')
    },
  )

  it('push_firewall=shadow a "not me" is kept, and nothing is refused', async () => {
    await nod.authenticationPolicy({ push_firewall: 'shadow' })
    const user = await suspendedUser('sara')
    expect((await info(user.serial))['pin_suspended']).toBeDefined()
    for (const client of [HOME, elsewhere(1), undefined]) expect(await logIn(user, client)).toBe('ACCEPT')
  })
})
