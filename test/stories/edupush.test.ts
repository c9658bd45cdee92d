/** eduMFA's app beside privacyIDEA's, in one deployment. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../simulation/phone.ts'
import { generateCurveKeys } from '../simulation/phone/signing.ts'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('edupush')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const SIX_AND_SIGNATURE = ['nonce', 'question', 'serial', 'signature', 'sslverify', 'title', 'url']
const CONFIRM = 'Please confirm the authentication on your mobile device!'

/** What the last poll of this phone brought, as it came. */
const polled = (phone: Phone): Readonly<Record<string, unknown>> => {
  const value = phone.lastPoll.get([...phone.tokens.keys()][0] ?? '')?.value
  return fields(Array.isArray(value) ? value[0] : undefined)
}

describe('GET /ttype/edupush/info', () => {
  it('tells what policies may say of these tokens', async () => {
    const { value } = await nod.caller().call('GET', '/ttype/edupush/info')
    expect(value).toMatchObject({
      type: 'edupush',
      policy: {
        enrollment: { edupush_ttl: { type: 'int', group: 'EDUPUSH', default: '10' } },
        authentication: { edupush_title_on_mobile: { type: 'str', default: 'eduMFA' } },
      },
    })
    expect(JSON.stringify(value)).not.toMatch(/"push_/)
  })
})

describe('an eduMFA phone', () => {
  it('is enrolled by a URI of its own, whatever the case of the type', async () => {
    const { serial, detail, credential, phone } = await nod.beginEnrollment('esra', {
      type: 'edupush',
      parameters: { type: 'EduPush', serial: '', tokenissuer: '' },
    })
    expect(serial).toMatch(/^EDUP[A-Z0-9]{8}$/)
    expect(detail.pushurl?.description).toBe('URL for eduMFA Push Token')
    const { protocol, host, pathname, searchParams } = new URL(detail.pushurl?.value ?? '')
    expect([protocol, host, pathname]).toEqual(['edumfa-push:', 'edumfa', `/${serial}`])
    expect([...searchParams.keys()]).toEqual([
      'url',
      'ttl',
      'issuer',
      'enrollment_credential',
      'v',
      'serial',
      'sslverify',
    ])
    expect(credential).toMatchObject({ url: `${url}/ttype/edupush`, issuer: 'eduMFA' })
    await phone.register(credential)
    expect(await nod.token(serial)).toMatchObject({
      tokentype: 'edupush',
      active: true,
      rollout_state: 'enrolled',
      info: { edupush_firebase_configuration: 'poll only' },
    })
  })

  it.each(['RSA', 'P-256', 'P-384'] as const)('holds a key of its own: %s', async (kind) => {
    const keys = kind === 'RSA' ? {} : { keys: await generateCurveKeys(kind) }
    const { phone, serial, owner } = await nod.enroll(`holds-${kind}`, { type: 'edupush', ...keys })
    const login = await nod.service.trigger(owner)
    expect(login.reply.detail).toMatchObject({ type: 'edupush', client_mode: 'poll', message: CONFIRM })
    const prompt = only(await phone.poll())
    expect(prompt).toMatchObject({ title: 'eduMFA', question: 'Do you want to confirm the login?' })
    expect(Object.keys(polled(phone)).toSorted()).toEqual(SIX_AND_SIGNATURE)

    const early = await nod.service.check(nod.service.finalizeForm(login.transactionId))
    expect(early.detail).toMatchObject({ message: 'Response did not match the challenge.', serial, type: 'edupush' })
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: true })
    expect(await nod.service.status(login.transactionId)).toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await phone.refresh(serial, 'a new registration token')).toBe(true)
  })

  it('is rung by Google, with the six fields and their signature', async () => {
    const keys = await generateCurveKeys()
    const { phone, owner } = await nod.enroll('rung', { type: 'edupush', pushed: true, keys })
    const login = await nod.service.trigger(owner)
    const prompt = await google.deliveredPrompt(phone)
    const [message] = await google.messagesTo(phone)
    expect(Object.keys(message?.data ?? {}).toSorted()).toEqual(SIX_AND_SIGNATURE)
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('says no, and can give no reason', async () => {
    const { phone, owner } = await nod.enroll('declines', { type: 'edupush', keys: await generateCurveKeys() })
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const { nonce, serial } = prompt
    const signature = await phone.sign(`${nonce}|${serial}|decline`)
    const form = { nonce, serial, signature, decline: '1', decline_reason: 'cancelled' }
    expect(await phone.answer(prompt, form)).toMatchObject({ taken: true })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    // A no stays a no, whatever comes after it.
    expect(await phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
  })

  it('counts once: the same answer again gets the same reply, and the login is finalized once', async () => {
    const { phone, owner } = await nod.enroll('repeats', { type: 'edupush', keys: await generateCurveKeys() })
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const { nonce, serial } = prompt
    const form = { nonce, serial, signature: await phone.sign(`${nonce}|${serial}`) }
    for (let times = 0; times < 2; times++) expect(await phone.answer(prompt, form)).toMatchObject({ taken: true })
    // ECDSA draws anew: the same words under another signature are another answer, and too late.
    expect(await phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await phone.answer(prompt, form)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('has to name the nonce it answers', async () => {
    const { phone, owner } = await nod.enroll('nameless', { type: 'edupush' })
    await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const { nonce, serial, url: address } = prompt
    const signature = await phone.sign(`${nonce}|${serial}`)
    const without = await phone.post(address, { serial, signature })
    expect(without).toMatchObject({ status: 400, error: { code: 905, message: 'ERR905: Missing parameter: nonce' } })
    const other = await phone.post(address, { serial, nonce: 'A'.repeat(64), signature })
    expect(other).toMatchObject({ status: 200, value: false })
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
  })

  it('may be waited for, where its own policy says so', async () => {
    await nod.authenticationPolicy({ edupush_wait: '10', push_wait: '0' })
    const { phone, serial, owner } = await nod.enroll('waited', { type: 'edupush' })
    const waiting = nod.service.check({ ...owner, pass: '' })
    for (let prompts = await phone.poll(); ; prompts = await phone.poll()) {
      const [prompt] = prompts
      if (prompt === undefined) continue
      await phone.decline(prompt)
      break
    }
    const { authentication, detail } = await waiting
    expect([authentication, detail.challenge_status, detail.serial, detail.type]).toEqual([
      'DECLINED',
      'declined',
      serial,
      'edupush',
    ])
  })
})

describe('an owner of both', () => {
  it('is rung on both, each in its own words', async () => {
    await nod.authenticationPolicy({
      push_text_on_mobile: 'Push {tokentype}?',
      edupush_text_on_mobile: 'Edu {tokentype}?',
      edupush_title_on_mobile: 'Campus',
      push_challenge_text: 'Look at your phone',
    })
    const { phone, serial, owner } = await nod.enroll('both')
    const edu = await nod.enroll('both', { type: 'edupush', keys: await generateCurveKeys() })
    const login = await nod.service.trigger(owner)
    const told = login.reply.detail.multi_challenge?.map((one) => [one.serial, one.type, one.message])
    expect(told).toEqual([
      [edu.serial, 'edupush', CONFIRM],
      [serial, 'push', 'Look at your phone'],
    ])
    expect(login.message).toBe(`${CONFIRM}, Look at your phone`)
    expect(only(await phone.poll())).toMatchObject({ title: 'privacyIDEA', question: 'Push push?' })
    const prompt = only(await edu.phone.poll())
    expect(prompt).toMatchObject({ title: 'Campus', question: 'Edu edupush?' })
    expect(await edu.phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is asked to open both apps when Google reaches neither phone', async () => {
    const nowhere = { pushed: true, registrationToken: 'no_firebase_token' }
    await nod.enroll('unreached', nowhere)
    await nod.enroll('unreached', { ...nowhere, type: 'edupush' })
    const { message } = await nod.service.trigger({ user: 'unreached', realm: nod.pushedRealm })
    const hint = (app: string): string =>
      ` Use the polling feature of your ${app} Authenticator App to check for a new Login request.`
    expect(message).toBe(CONFIRM + hint('eduMFA') + hint('privacyIDEA'))
  })

  it('taps a number on the one and just confirms on the other; no wait of the other puts the number out', async () => {
    await nod.authenticationPolicy({ push_require_presence: true, edupush_wait: '5' })
    const { phone, owner } = await nod.enroll('numbers')
    const edu = await nod.enroll('numbers', { type: 'edupush' })
    const login = await nod.service.triggerWithPin(owner, '')
    expect(login.presence).toMatch(/^[A-Z]$/)
    const presences = login.reply.detail.multi_challenge?.map((one) => [one.type, one.presence_answer])
    expect(presences).toEqual([
      ['edupush', undefined],
      ['push', login.presence],
    ])
    expect(only(await edu.phone.poll()).options).toBeUndefined()
    const prompt = only(await phone.poll())
    expect(prompt.options).toHaveLength(3)
    expect(await phone.accept(prompt, { presence: login.presence ?? '' })).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may type a code from the one', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, owner } = await nod.enroll('codes')
    await nod.enroll('codes', { type: 'edupush' })
    const login = await nod.service.trigger(owner)
    expect(login.reply.detail).toMatchObject({
      preferred_client_mode: 'interactive',
      attributes: { hideResponseInput: false },
      multi_challenge: [
        { type: 'edupush', client_mode: 'poll' },
        { type: 'push', client_mode: 'interactive' },
      ],
    })
    const { displayCode = '' } = await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId, undefined, { pass: displayCode })).toBe('ACCEPT')
  })

  it('is rung on the one alone under a profile that the other falls short of', async () => {
    await nod.authenticationPolicy({ push_profile: 'nist-63b4' })
    const { serial, owner } = await nod.enroll('profile')
    const edu = await nod.enroll('profile', { type: 'edupush' })
    expect((await nod.service.trigger(owner)).serials).toEqual([serial])
    const alone = await nod.service.triggerchallenge({ serial: edu.serial })
    expect(alone).toMatchObject({ status: 403, error: { code: 303 } })
    expect(alone.error?.message).toContain('a token of type edupush, whose app shows no code')
  })

  it('may poll with the one and not with the other', async () => {
    await nod.authenticationPolicy({ edupush_allow_polling: 'deny' })
    const { phone, owner } = await nod.enroll('polls')
    const edu = await nod.enroll('polls', { type: 'edupush' })
    await nod.service.trigger(owner)
    expect(await phone.poll()).toHaveLength(1)
    expect(await edu.phone.poll()).toEqual([])
    expect(edu.phone.lastPoll.get(edu.serial)).toMatchObject({
      status: 403,
      error: { message: 'Polling not allowed!' },
    })
  })
})
