import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { type Driver, nextPrompt, type Owner } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openConnection, openNod, url } from './scene.ts'

let nod: Driver
let vpn: Service
let mail: Service

beforeAll(async () => {
  nod = await openNod('repeats')
  vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
  mail = nod.caller({ authorization: await nod.serviceKey('mail') })
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const KEY = { 'Idempotency-Key': '2f1c7c1e-66b1-4d5e-8c1e-1d0f0b4f8a11' }
const check = (
  service: Service,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = KEY,
) => service.call('POST', '/validate/check', { form, headers })
const idOf = ({ detail }: Reply) => detail.transaction_id

describe('a service that repeats its request under the same Idempotency-Key', () => {
  it('gets the same answer again, and the phone shows one prompt', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('ada', { pin: '1234' })
    const form = { ...owner, pass: '1234' }
    const [first, again] = [await check(vpn, form), await check(vpn, form)]
    expect(again.detail).toEqual(first.detail)
    expect(first).toMatchObject({ authentication: 'CHALLENGE' })
    const prompt = only(await phone.poll())
    await phone.accept(prompt, { presence: String(first.detail['presence_answer']) })
    expect(await vpn.finalize(String(idOf(first)), owner)).toBe('ACCEPT')
    // The login is used up, and what repeats it gets no other.
    expect(idOf(await check(vpn, form))).toBe(idOf(first))
    expect(await vpn.finalize(String(idOf(first)), owner)).toBe('REJECT')
  })

  it('opens one login however often it asks at once', async () => {
    const { phone, owner } = await nod.enroll('bob', { pin: '1234', pushed: true })
    const form = { ...owner, pass: '1234' }
    const replies = await Promise.all(Array.from({ length: 8 }, () => check(vpn, form)))
    expect(new Set(replies.map(idOf)).size).toBe(1)
    await phone.accept(await google.deliveredPrompt(phone))
    expect(only(await Promise.all(replies.slice(0, 1).map((reply) => vpn.finalize(String(idOf(reply)), owner))))).toBe(
      'ACCEPT',
    )
  })

  it('may trigger logins in that way as well', async () => {
    const { phone, owner } = await nod.enroll('carla')
    const trigger = () => vpn.call('POST', '/validate/triggerchallenge', { form: owner, headers: KEY })
    expect(idOf(await trigger())).toBe(idOf(await trigger()))
    expect(await phone.poll()).toHaveLength(1)
  })

  it('is told again that a phone is not reached, when it asks for the outcome', async () => {
    const { phone, owner } = await nod.enroll('dana', { pin: '1234', pushed: true })
    await google.behave(phone, 400)
    const form = { ...owner, pass: '1234', exception: '1' }
    for (const _ of [1, 2]) expect(await check(vpn, form)).toMatchObject({ status: 400, error: { code: 401 } })
  })

  it('has a wrong PIN counted once', async () => {
    const { serial, owner } = await nod.enroll('dora', { pin: '1234' })
    const form = { ...owner, pass: '9999' }
    for (const _ of [1, 2, 3]) expect(await check(vpn, form)).toMatchObject({ authentication: 'REJECT' })
    expect(await nod.failures(serial)).toBe(1)
  })
})

describe('a service that waits, and repeats its request under the same Idempotency-Key', () => {
  it('is let in by one yes, however often it asks at once', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner } = await nod.enroll('wanda', { pin: '1234' })
    const outcomes: string[] = []
    const replies = Array.from({ length: 12 }, async () => {
      const { status, authentication } = await check(vpn, { ...owner, pass: '1234' })
      outcomes.push(`${status} ${authentication}`)
    })
    const prompt = await nextPrompt(phone)
    // Eight may wait for one login.
    expect(await waitUntil(async () => outcomes.length === 4)).toBe(true)
    await phone.accept(prompt)
    await Promise.all(replies)
    expect(outcomes.toSorted()).toEqual([...Array(8).fill('200 ACCEPT'), ...Array(4).fill('503 undefined')])
  })

  it('is let in though its first connection broke off', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner } = await nod.enroll('willi', { pin: '1234' })
    const other = await nod.enroll('xenia', { pin: '1234' })
    const authorization = await nod.serviceKey('cut')
    const begin = async (user: Owner, ...headers: readonly string[]) => {
      const connection = await openConnection(url)
      const query = new URLSearchParams({ ...user, pass: '1234' })
      const head = ['Host: nod', `Authorization: ${authorization}`, ...headers].join('\r\n')
      connection.write(`GET /validate/check?${query} HTTP/1.1\r\n${head}\r\n\r\n`)
      return connection
    }
    const connections = [await begin(owner, `Idempotency-Key: ${KEY['Idempotency-Key']}`), await begin(other.owner)]
    const prompt = await nextPrompt(phone)
    await nextPrompt(other.phone)
    for (const connection of connections) connection.resetAndDestroy()
    // A login that nobody may ask for again is withdrawn: once that has happened, Nod knows that both have left.
    const isWithdrawn = async () => {
      await other.phone.poll()
      return JSON.stringify(other.phone.lastPoll.get(other.serial)?.value) === '[]'
    }
    expect(await waitUntil(isWithdrawn)).toBe(true)
    const again = nod
      .caller({ authorization })
      .call('GET', '/validate/check', { query: { ...owner, pass: '1234' }, headers: KEY })
    await phone.accept(prompt)
    expect(await again).toMatchObject({ authentication: 'ACCEPT', detail: { serial } })
  })
})

describe('another login is opened by', () => {
  const form = { user: 'eve', realm: 'repeats', pass: '1234' }
  let first: Reply

  beforeAll(async () => {
    await nod.enroll('eve', { pin: '1234' })
    await nod.enroll('finn', { pin: '1234' })
    first = await check(vpn, form)
  })

  it.each<[string, () => Promise<Reply>]>([
    ['another service under the same key', () => check(mail, form)],
    ['whoever has no credential, which anybody could be', () => check(nod.caller(), form)],
    ['the same service under another key', () => check(vpn, form, { 'Idempotency-Key': 'another' })],
    ['the same service without a key', () => check(vpn, form, {})],
    ['a request for somebody else', () => check(vpn, { ...form, user: 'finn' })],
    ['a request to another end', () => vpn.call('POST', '/validate/triggerchallenge', { form, headers: KEY })],
    ['a request that differs in one parameter', () => check(vpn, { ...form, exception: '1' })],
  ])('%s', async (_, ask) => {
    const reply = await ask()
    expect(reply).toMatchObject({ status: 200, authentication: 'CHALLENGE' })
    expect(idOf(reply)).not.toBe(idOf(first))
  })

  it('a request with the right Idempotency-Key and a wrong PIN', async () => {
    const reply = await check(vpn, { ...form, pass: '4321' })
    expect(reply).toMatchObject({ authentication: 'REJECT' })
    expect(idOf(reply)).toBeUndefined()
  })
})

describe('a service that is believed about where its users are', () => {
  let proxied: Service

  beforeAll(async () => {
    await nod.service.call('POST', '/system/setConfig', { form: { OverrideAuthorizationClient: '127.0.0.1' } })
    proxied = nod.caller({ authorization: await nod.serviceKey('proxied') })
  })
  afterAll(() => nod.service.call('DELETE', '/system/OverrideAuthorizationClient'))

  const from = (client: string, form: Readonly<Record<string, string>>, service = proxied) =>
    check(service, { ...form, client }, {})

  /** Riders: `riding.test.ts`. */
  const joining = { join_repeated_requests: 'repeats-proxied' }

  it('opens one login for the same request from the same place within ten seconds, where policy lets it join', async () => {
    await nod.authenticationPolicy(joining)
    const { phone, serial, owner } = await nod.enroll('gina', { pin: '1234' })
    const form = { ...owner, pass: '1234' }
    const [first, again] = [await from('198.51.100.7', form), await from('198.51.100.7', form)]
    expect(idOf(again)).toBe(idOf(first))
    expect(again.detail).toEqual(first.detail)
    await phone.accept(only(await phone.poll()))
    expect(await proxied.finalize(String(idOf(first)), owner)).toBe('ACCEPT')
    expect(await nod.failures(serial)).toBe(0)
    // That login is over: the same once more is another.
    expect(idOf(await from('198.51.100.7', form))).not.toBe(idOf(first))
  })

  it('opens as many as it has named, wherever they come from', async () => {
    const { phone, owner } = await nod.enroll('gabi', { pin: '1234' })
    const named = (key: string) =>
      check(proxied, { ...owner, pass: '1234', client: '198.51.100.11' }, { 'Idempotency-Key': key })
    const replies = [await named('one'), await named('two'), await named('one'), await named('two')]
    const [one, two] = replies.map(idOf)
    expect(replies.map(idOf)).toEqual([one, two, one, two])
    expect(one).not.toBe(two)
    expect(await phone.poll()).toHaveLength(2)
  })

  it('has one failed attempt counted on each phone, where policy counts rings', async () => {
    await nod.authenticationPolicy({ increase_failcounter_on_challenge: true, ...joining })
    const one = await nod.enroll('gerd', { pin: '1234' })
    const other = await nod.enroll('gerd', { pin: '1234' })
    const form = { ...one.owner, pass: '1234' }
    const ask = () => from('198.51.100.12', form)
    const replies = [await ask(), ...(await Promise.all([ask(), ask(), ask()]))]
    expect(new Set(replies.map(idOf)).size).toBe(1)
    expect([await nod.failures(one.serial), await nod.failures(other.serial)]).toEqual([1, 1])
    for (let again = 0; again < 2; again++) await check(proxied, form)
    expect([await nod.failures(one.serial), await nod.failures(other.serial)]).toEqual([2, 2])
  })

  it('opens one however often it asks at once, where policy lets it join', async () => {
    await nod.authenticationPolicy(joining)
    const { phone, owner } = await nod.enroll('hugo', { pin: '1234' })
    const replies = await Promise.all(Array.from({ length: 6 }, () => from('198.51.100.8', { ...owner, pass: '1234' })))
    expect(new Set(replies.map(idOf)).size).toBe(1)
    expect(await phone.poll()).toHaveLength(1)
  })

  it.each<[string, (form: Readonly<Record<string, string>>) => Promise<Reply>]>([
    ['from another place', (form) => from('198.51.100.10', form)],
    ['of another service', (form) => from('198.51.100.9', form, vpn)],
    ['that differs in a parameter', (form) => from('198.51.100.9', { ...form, exception: '1' })],
    ['that tells of no place', (form) => check(proxied, form, {})],
    [
      'that a proxy before it has seen come from another place',
      (form) => check(proxied, { ...form, client: '198.51.100.9' }, { 'X-Forwarded-For': '203.0.113.66' }),
    ],
  ])('opens another for a request %s', async (name, ask) => {
    await nod.authenticationPolicy({ join_repeated_requests: 'repeats-proxied repeats-vpn' })
    const { owner } = await nod.enroll(`ines ${name}`, { pin: '1234' })
    const form = { ...owner, pass: '1234' }
    const first = await from('198.51.100.9', form)
    const other = await ask(form)
    expect(other).toMatchObject({ authentication: 'CHALLENGE' })
    expect(idOf(other)).not.toBe(idOf(first))
  })

  it('is followed by policies and by what the phone shows', async () => {
    await nod.authenticationPolicy({ push_text_on_mobile: 'From {client_ip}?' }, { client: ['203.0.113.0/24'] })
    const { phone, owner } = await nod.enroll('jens')
    await from('203.0.113.5', { ...owner, pass: '' })
    expect(only(await phone.poll()).question).toBe('From 203.0.113.5?')
  })

  it('is followed by the audit of what was refused, and by what policy hides of it', async () => {
    const { owner } = await nod.enroll('kira', { pin: '1234' })
    await nod.service.setPolicy(
      'repeats-silence',
      'authorization',
      { no_detail_on_fail: true },
      { client: ['203.0.113.7'] },
    )
    expect((await from('203.0.113.7', { ...owner, pass: '9999' })).detail).toEqual({})
    expect((await from('203.0.113.8', { ...owner, pass: '9999' })).detail.message).toBe('wrong otp pin')
    await nod.service.deletePolicy('repeats-silence')
    const places = async () => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { ...owner, action: '*check' } })
      return (fields(value)['auditdata'] as readonly Record<string, unknown>[]).map(({ client }) => client)
    }
    expect(await waitUntil(async () => (await places()).length === 2)).toBe(true)
    expect(await places()).toEqual(['203.0.113.8', '203.0.113.7'])
  })

  it('is followed by the audit of a login that it uses', async () => {
    const { phone, owner } = await nod.enroll('kurt', { pin: '1234' })
    const id = String(idOf(await from('203.0.113.7', { ...owner, pass: '1234' })))
    await phone.accept(only(await phone.poll()))
    expect(await from('203.0.113.7', { ...owner, pass: '', transaction_id: id })).toMatchObject({
      authentication: 'ACCEPT',
    })
    const { value } = await nod.service.call('GET', '/audit/', { query: { ...owner, action: '*check' } })
    const places = (fields(value)['auditdata'] as readonly Record<string, unknown>[]).map(({ client }) => client)
    expect(places).toEqual(['203.0.113.7', '203.0.113.7'])
  })

  it('passes on what its callers say of themselves no farther than it is believed', async () => {
    await nod.authenticationPolicy({ push_text_on_mobile: 'From {client_ip}?' })
    const ask = async (user: string) => {
      const { phone, owner } = await nod.enroll(user)
      const form = { ...owner, pass: '', client: '203.0.113.5' }
      await check(proxied, form, { 'X-Forwarded-For': '192.0.2.1, 10.9.9.9' })
      return only(await phone.poll()).question
    }
    expect(await ask('karl')).toBe('From 10.9.9.9?')
    const ways = '127.0.0.1 > 10.9.9.9 > 192.0.2.1 > 0.0.0.0/0'
    await nod.service.call('POST', '/system/setConfig', { form: { OverrideAuthorizationClient: ways } })
    expect(await ask('lena')).toBe('From 203.0.113.5?')
  })
})
