import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('firebase')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const HINT = ' Use the polling feature of your privacyIDEA Authenticator App to check for a new Login request.'
const CONFIRM = 'Please confirm the authentication on your mobile device!'
const refuse = (status: number, errorCode: string) => ({ do: 'refuse', status, errorCode })

/** How long a trigger took, in milliseconds. */
async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now()
  return [await work(), performance.now() - began]
}

describe('what Google is sent', () => {
  it('is the prompt as text, and what the phone shows before the app runs', async () => {
    await nod.authenticationPolicy({ push_title_on_mobile: 'Nod', push_text_on_mobile: 'Is it you?' })
    const { phone, serial, owner } = await nod.enroll('ada', { pushed: true })
    await nod.service.trigger(owner)
    const [sent] = await google.messagesTo(phone, 5000)
    expect(sent?.answered).toBe(200)
    expect(sent?.message).toMatchObject({
      token: phone.registrationToken,
      data: { serial, title: 'Nod', question: 'Is it you?', sslverify: '1', capabilities: '{"decline_reason": true}' },
      notification: { title: 'Nod', body: 'Is it you?' },
      android: { priority: 'HIGH', ttl: '120s', fcm_options: { analytics_label: 'AndroidPushToken' } },
      apns: {
        headers: { 'apns-priority': '10', 'apns-push-type': 'alert', 'apns-collapse-id': 'privacyidea.pushtoken' },
        payload: {
          aps: { alert: { title: 'Nod', body: 'Is it you?' }, sound: 'default', category: 'PUSH_AUTHENTICATION' },
        },
      },
    })
    for (const value of Object.values(sent?.data ?? {})) expect(typeof value).toBe('string')
    // Neither the phone nor Google learns the id of the login.
    expect(JSON.stringify(sent)).not.toMatch(/(?<!\d)\d{20}(?!\d)/)
  })

  it('is not sent for a phone that polls', async () => {
    const { phone, owner } = await nod.enroll('bob')
    const login = await nod.service.trigger(owner)
    expect(login.message).toBe(CONFIRM)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await google.messagesTo(phone)).toEqual([])
  })

  it('keeps within what Google takes, however much a policy has to say', async () => {
    const action = { push_text_on_mobile: '𝕏{ua_string}ñ"\\'.repeat(25), push_title_on_mobile: '名前'.repeat(50) }
    await nod.authenticationPolicy({
      ...action,
      push_require_presence: true,
      push_presence_options: 'NUMERIC',
      push_presence_num_options: '10',
    })
    const { phone, owner } = await nod.enroll('carla', {
      pushed: true,
      registrationToken: `long-${'t'.repeat(150)}`,
    })
    const wordy = nod.caller({
      authorization: nod.service.token ?? '',
      userAgent: `browser/${'ü'.repeat(10)}${'x'.repeat(200)}`,
    })
    const login = await wordy.trigger(owner)
    const prompt = await google.deliveredPrompt(phone)
    expect(prompt.question).toMatch(/…$/)
    const [sent] = await google.messagesTo(phone)
    expect(Buffer.byteLength(JSON.stringify({ message: sent?.message }))).toBeLessThanOrEqual(4096)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await wordy.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is sent to the registration token that the phone has now', async () => {
    const { phone, serial, owner } = await nod.enroll('dora', { pushed: true })
    const before = phone.registrationToken
    const old = await phone.refreshForm(serial, 'an-older-one')
    expect(await phone.refresh(serial, `moved-${before}`)).toBe(true)
    const login = await nod.service.trigger(owner)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    // What was signed before cannot be played back over what was signed since.
    const { url = '' } = phone.tokens.get(serial) ?? {}
    expect(await phone.post(url, old)).toMatchObject({ status: 400, error: { code: 10 } })
    const stranger = (await nod.enroll('mallory')).phone
    const forged = await stranger.refreshForm(serial, 'mallory-has-it')
    expect(await stranger.post(url, forged)).toMatchObject({
      status: 400,
      error: { code: 10, message: 'ERR10: Could not verify signature!' },
    })
    const late = await phone.refreshForm(serial, 'late', new Date(Date.now() - 301_000).toISOString())
    expect(await phone.post(url, late)).toMatchObject({ status: 400, error: { code: 10 } })
    await nod.service.trigger(owner)
    await google.deliveredPrompt(phone)
  })
})

describe('when Google does not take it', () => {
  it('a phone that polls gets the login', async () => {
    const { phone, owner } = await nod.enroll('eve', { pushed: true })
    await google.behave(phone, refuse(404, 'UNREGISTERED'))
    const login = await nod.service.trigger(owner)
    // Not known yet when the service is answered.
    expect(login.message).toBe(CONFIRM)
    expect(await waitUntil(async () => (await google.messagesTo(phone)).length > 0)).toBe(true)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect((await google.messagesTo(phone)).map(({ answered }) => answered)).toEqual([404])
  })

  it('the login after that says so, until a push arrives', async () => {
    await nod.authenticationPolicy({ push_firewall: 'off' }) // it may take more than five logins until Nod has heard
    const { phone, owner } = await nod.enroll('olga', { pushed: true })
    await google.behave(phone, refuse(403, 'SENDER_ID_MISMATCH'))
    const messages = async () => {
      const { detail } = await nod.service.triggerchallenge(owner)
      return [detail.message, detail.multi_challenge?.[0]?.message]
    }
    expect(await messages()).toEqual([CONFIRM, CONFIRM])
    expect(await waitUntil(async () => (await google.messagesTo(phone)).length === 1)).toBe(true)
    expect(await waitUntil(async () => (await messages())[0] === CONFIRM + HINT)).toBe(true)
    expect(await messages()).toEqual([CONFIRM + HINT, CONFIRM + HINT])
    await google.behave(phone, { do: 'answer' })
    // A login waits half a second for Google, and a busy machine may be slower.
    expect(await waitUntil(async () => (await messages())[0] === CONFIRM)).toBe(true)
    expect(await messages()).toEqual([CONFIRM, CONFIRM])
  })

  it('for a moment, it is asked again', async () => {
    const { phone, owner } = await nod.enroll('frida', { pushed: true })
    await google.behave(phone, { ...refuse(503, 'UNAVAILABLE'), retryAfter: 1 }, 1)
    const login = await nod.service.trigger(owner)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect((await google.messagesTo(phone)).map(({ answered }) => answered)).toEqual([503, 200])
  })

  it('and hangs, no service waits for it', async () => {
    const { phone, owner } = await nod.enroll('greta', { pushed: true })
    await google.behave(phone, { do: 'hang' })
    const trigger = () => timed(() => nod.service.trigger(owner))
    let [login, took] = await trigger()
    // A service that waits does so each time; a busy machine is slow now and then.
    for (let more = 0; took > 2000 && more < 3; more++) [login, took] = await trigger()
    expect(took).toBeLessThan(2000)
    const prompts = await phone.poll()
    await phone.accept(prompts.at(-1) ?? only(prompts))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('and hangs, a service that asked for the outcome waits three seconds', async () => {
    const { phone, owner } = await nod.enroll('henri', { pushed: true })
    await google.behave(phone, { do: 'hang' }, 1)
    const [login, took] = await timed(() => nod.service.trigger(owner, { exception: '1' }))
    expect(took).toBeGreaterThan(2000)
    expect(took).toBeLessThan(9000)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('a service that asked for the outcome is told, and no login stays open', async () => {
    const { phone, owner, serial } = await nod.enroll('ines', { pushed: true })
    await google.behave(phone, refuse(403, 'SENDER_ID_MISMATCH'))
    const failed = {
      status: 400,
      value: undefined,
      error: { code: 401, message: 'ERR401: Failed to submit message to push gateway.' },
    }
    expect(await nod.service.triggerchallenge({ ...owner, exception: '1' })).toMatchObject(failed)
    expect(await nod.service.check({ ...owner, pass: '', exception: '1' })).toMatchObject(failed)
    expect(await phone.poll()).toEqual([])
    expect(phone.lastPoll.get(serial)?.value).toEqual([])
    expect(await nod.failures(serial)).toBe(0)
  })

  it('on one of two phones, a service that asked for the outcome is told', async () => {
    const one = await nod.enroll('jana', { pushed: true })
    const other = await nod.enroll('jana', { pushed: true })
    await google.behave(one.phone, refuse(404, 'UNREGISTERED'))
    expect(await nod.service.triggerchallenge({ ...one.owner, exception: '1' })).toMatchObject({
      status: 400,
      error: { code: 401 },
    })
    await other.phone.poll()
    expect(other.phone.lastPoll.get(other.serial)?.value).toEqual([])
  })

  it('a delivery that worked is not reported as an error', async () => {
    const { phone, owner } = await nod.enroll('kim', { pushed: true })
    const login = await nod.service.trigger(owner, { exception: '1' })
    expect(login.message).toBe(CONFIRM)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('and the phone has nowhere to be reached, that is known in time', async () => {
    const { phone, owner } = await nod.enroll('lena', { pushed: true, registrationToken: 'no_firebase_token' })
    const login = await nod.service.trigger(owner)
    expect(login.message).toBe(CONFIRM + HINT)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await nod.service.triggerchallenge({ ...owner, exception: '1' })).toMatchObject({
      status: 400,
      error: { code: 401 },
    })
    expect(await phone.poll()).toEqual([])
  })

  it('takes a new access token, when it took the old one back', async () => {
    const { phone, owner } = await nod.enroll('mona', { pushed: true })
    await google.revokeAccessTokens()
    const login = await nod.service.trigger(owner)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('a phone that is rung too often', () => {
  it('rings no more, and can still be asked to look', async () => {
    const { phone, owner } = await nod.enroll('nina', { pushed: true })
    for (let round = 0; round < 5; round++) expect((await nod.service.trigger(owner)).message).toBe(CONFIRM)
    const silent = await nod.service.trigger(owner)
    expect(silent.message).toBe('Please enter the code displayed on your smartphone.' + HINT)
    expect(await waitUntil(async () => (await google.messagesTo(phone)).length === 5)).toBe(true)
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(5)
    const answers = await Promise.all(prompts.map((prompt) => phone.accept(prompt)))
    const codes = answers.flatMap(({ displayCode }) => (displayCode === undefined ? [] : [displayCode]))
    expect(codes).toHaveLength(1)
    expect(await nod.service.finalize(silent.transactionId)).toBe('REJECT')
    expect(await nod.service.finalize(silent.transactionId, owner, { pass: codes[0] ?? '' })).toBe('ACCEPT')
    // A login that was finished gives the bell back.
    const next = await nod.service.trigger(owner)
    expect(next.message).toBe(CONFIRM)
    expect(await waitUntil(async () => (await google.messagesTo(phone)).length === 6)).toBe(true)
  })
})
