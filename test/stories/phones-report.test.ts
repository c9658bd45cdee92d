import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

const HINT = ' Use the polling feature of your privacyIDEA Authenticator App to check for a new Login request.'

const refuse = (status: number, errorCode: string) => ({ do: 'refuse', status, errorCode })

let nod: Driver
beforeAll(async () => {
  nod = await openNod('report')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

async function report(query: Readonly<Record<string, string>> = {}) {
  const reply = await nod.service.call('GET', '/report/phones', { query: { pagesize: '500', ...query } })
  expect(reply.status).toBe(200)
  const { phones, count, summary, prev, next } = fields(reply.value)
  if (!Array.isArray(phones)) throw new Error('no phones')
  return { phones: phones.map((phone) => fields(phone)), count, summary: fields(summary), prev, next }
}
const lineOf = async (serial: string) => only((await report({ serial, why: '*' })).phones)
const quarantined = (serial: string) => waitUntil(async () => (await lineOf(serial))['why'] === 'quarantined')

describe('a phone whose registration token is dead', () => {
  it('gets no more messages, is reported, can still poll, and is rung again once it sends another registration token', async () => {
    const { phone, serial, owner } = await nod.enroll('ada', { pushed: true })
    await google.behave(phone, refuse(404, 'UNREGISTERED'))
    const first = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(first.transactionId)).toBe('ACCEPT')
    expect(await quarantined(serial)).toBe(true)
    expect(await lineOf(serial)).toMatchObject({
      username: 'ada',
      user_realm: nod.pushedRealm,
      firebase_configuration: 'fb1',
      quarantine_cause: 'unregistered',
      since: expect.stringMatching(/^20\d\d-.*\+00:00$/),
    })
    expect(JSON.stringify(await report())).not.toContain(phone.registrationToken)

    const second = await nod.service.trigger(owner)
    expect(second.message).toContain(HINT)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(second.transactionId)).toBe('ACCEPT')
    expect((await google.messagesTo(phone)).map(({ answered }) => answered)).toEqual([404])
    expect(await nod.service.triggerchallenge({ ...owner, exception: '1' })).toMatchObject({
      status: 400,
      error: { code: 401 },
    })

    expect(await phone.refresh(serial, `anew-${crypto.randomUUID()}`)).toBe(true)
    expect(await lineOf(serial)).toMatchObject({ why: null, since: null, quarantine_cause: null })
    const third = await nod.service.trigger(owner)
    expect(third.message).not.toContain(HINT)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await nod.service.finalize(third.transactionId)).toBe('ACCEPT')
  })

  it('is dead when Google calls it malformed, and not when Google calls the message malformed', async () => {
    const one = await nod.enroll('bob', { pushed: true })
    await google.behave(one.phone, refuse(400, 'INVALID_ARGUMENT'))
    await nod.service.trigger(one.owner)
    expect(await quarantined(one.serial)).toBe(true)
    expect(await lineOf(one.serial)).toMatchObject({ quarantine_cause: 'registration_token_invalid' })

    const other = await nod.enroll('carla', { pushed: true })
    await google.behave(other.phone, refuse(403, 'SENDER_ID_MISMATCH'))
    await nod.service.trigger(other.owner)
    await waitUntil(async () => (await google.messagesTo(other.phone)).length > 0)
    // What Google says of a message that follows has its consequences later.
    const last = await nod.enroll('dana', { pushed: true })
    await google.behave(last.phone, refuse(400, 'INVALID_ARGUMENT'))
    await nod.service.trigger(last.owner)
    expect(await quarantined(last.serial)).toBe(true)
    expect(await lineOf(other.serial)).not.toMatchObject({ why: 'quarantined' })
  })
})

describe('the report', () => {
  it('names why push does not reach a phone', async () => {
    const polled = await nod.enroll('dora')
    const nowhere = await nod.enroll('eve', { pushed: true, registrationToken: 'no_firebase_token' })
    const reached = await nod.enroll('frida', { pushed: true })
    expect(await lineOf(polled.serial)).toMatchObject({ why: 'poll_only', firebase_configuration: 'poll only' })
    expect(await lineOf(nowhere.serial)).toMatchObject({ why: 'no_registration_token' })
    expect(await lineOf(reached.serial)).toMatchObject({ why: null, since: null, active: true })
    const serials = (await report({ realm: nod.pushedRealm, user: 'frida' })).phones
    expect(serials).toEqual([])
    expect((await report({ why: 'poll_only' })).phones.map(({ serial }) => serial)).toContain(polled.serial)
    expect((await report({ why: 'no_registration_token' })).phones.map(({ serial }) => serial)).toContain(
      nowhere.serial,
    )
  })

  it('has no token that no phone holds, or that is revoked', async () => {
    const waiting = await nod.beginEnrollment()
    const { serial } = await nod.enroll('greta')
    await nod.service.call('POST', `/token/revoke/${serial}`)
    const { phones } = await report({ why: '*' })
    for (const name of [waiting.serial, serial]) expect(phones.map((one) => one['serial'])).not.toContain(name)
  })

  it('names the app, as it named itself when it registered, and when it last finalized a login', async () => {
    const { phone, serial, owner } = await nod.enroll('henri')
    const seen = { app: 'privacyIDEA-App/4.8.0', system: 'Android/14', capabilities: ['decline_reason'] }
    expect(await lineOf(serial)).toMatchObject({ ...seen, code_to_phone: 'able' })
    const login = await nod.service.trigger(owner)
    const [prompt] = await phone.poll()
    if (prompt === undefined) throw new Error('no prompt')
    const form = {
      serial,
      nonce: prompt.nonce,
      signature: await phone.sign(`${prompt.nonce}|${serial}`),
    }
    const older = { 'User-Agent': 'privacyIDEA-App/4.6.2 iOS/18.1' }
    await fetch(prompt.url, { method: 'POST', body: new URLSearchParams(form), headers: older })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await waitUntil(async () => (await lineOf(serial))['app'] === 'privacyIDEA-App/4.6.2')).toBe(true)
    expect(await lineOf(serial)).toMatchObject({ system: 'iOS/18.1', code_to_phone: 'unable' })
    const { phones } = await report({ app: 'privacyIDEA-App/4.6*', why: '*', user: 'henri', realm: nod.realm })
    expect(phones.map((one) => one['serial'])).toEqual([serial])
  })

  it('counts them all, whatever the page shows', async () => {
    await nod.enroll('ines', { type: 'edupush' })
    const { phones, count, summary, next, prev } = await report({ pagesize: '1', page: '2' })
    expect([phones.length, prev, next]).toEqual([1, 1, 3])
    const all = await report({ why: '*' })
    const unreached = fields(summary['unreached'])
    const total = Object.values(unreached).reduce<number>((sum, one) => sum + Number(one), 0)
    expect([count, summary['phones']]).toEqual([total, all.count])
    expect(Number(summary['reached']) + total).toBe(all.count)
    const { able, unable, unknown } = fields(summary['code_to_phone'])
    expect(Number(able) + Number(unable) + Number(unknown)).toBe(all.count)
    expect(Number(unable)).toBeGreaterThan(0)
    expect(fields(summary['apps'])).toMatchObject({ 'eduMFA-App/1.0.0': expect.any(Number) })
  })

  it.each([
    ['why', 'gone'],
    ['page', '0'],
    ['serial', `${'x'.repeat(60)}*`],
  ])('takes no %s like %s', async (name, value) => {
    const reply = await nod.service.call('GET', '/report/phones', { query: { [name]: value } })
    expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
  })
})
