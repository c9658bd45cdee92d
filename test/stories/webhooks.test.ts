/** Webhooks: what a receiver hears of logins and keys, and what becomes of receivers that fail. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { Receiver } from '../simulation/receiver.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { openNod, url } from './scene.ts'

const { admin } = inject('served')
let nod: Driver
const receivers: Receiver[] = []
const names: string[] = []

beforeAll(async () => {
  nod = await openNod('hooks')
})
afterEach(async () => {
  await nod.deletePolicies()
  for (const name of names.splice(0)) await nod.service.call('DELETE', `/webhook/${name}`)
  for (const receiver of receivers.splice(0)) await receiver.stop()
})
afterAll(() => nod.close())

const OWN = 'urn:nod:event:'
const COMPROMISE = 'https://schemas.openid.net/secevent/risc/event-type/credential-compromise'
const CREDENTIAL_CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/credential-change'
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'

async function startReceiver(): Promise<Receiver> {
  const one = new Receiver(url)
  await one.start()
  receivers.push(one)
  return one
}

async function add(form: Form): Promise<Reply> {
  const reply = await nod.service.call('POST', '/webhook', { form })
  if (reply.status === 200 && form['name'] !== undefined) names.push(form['name'])
  return reply
}

/** A receiver whose webhook has this name. */
async function hook(name: string, form: Form = {}): Promise<Receiver> {
  const one = await startReceiver()
  expect(await add({ name, url: one.url, ...form })).toMatchObject({ status: 200 })
  return one
}

async function listed(name: string): Promise<Readonly<Record<string, unknown>>> {
  const { value } = await nod.service.call('GET', '/webhook')
  return (Array.isArray(value) ? value.map(fields) : []).find((one) => one['name'] === name) ?? {}
}

const test = async (name: string) => fields((await nod.service.call('POST', `/webhook/${name}/test`)).value)

async function lockOut(user: string, caller = nod.service): Promise<string> {
  const { serial, owner } = await nod.enroll(user, { pin: '1234' })
  for (let tries = 0; tries < 10; tries++) await caller.check({ ...owner, pass: 'wrong' })
  return serial
}

describe('the receiver of a webhook', () => {
  it('hears of a lockout by a token that Nod has signed for it', async () => {
    const siem = await hook('siem', { events: 'lockout' })
    const serial = await lockOut('ada')
    await waitUntil(() => siem.statements(`${OWN}lockout`).length > 0)
    const [token] = siem.received
    expect(token).toMatchObject({
      contentType: 'application/secevent+jwt',
      header: { typ: 'secevent+jwt', alg: 'ES256' },
      claims: {
        iss: url,
        aud: siem.url,
        jti: expect.stringMatching(/^[0-9a-f]{32}\.[0-9a-f]{16}$/),
        iat: expect.any(Number),
        toe: expect.any(Number),
        sub_id: {
          format: 'complex',
          user: { format: 'iss_sub', iss: url, sub: 'ada' },
          tenant: { format: 'opaque', id: nod.realm },
          device: { format: 'opaque', id: serial },
        },
        events: { [`${OWN}lockout`]: { event_timestamp: expect.any(Number) } },
      },
    })
    // A locked token does not become more so.
    await nod.service.check({ user: 'ada', realm: nod.realm, pass: 'wrong' })
    expect(siem.statements(`${OWN}lockout`)).toHaveLength(1)
    expect(token?.text).not.toMatch(/1234|wrong/)
  })

  it('hears of a bypass code that was used, and not of the code', async () => {
    const siem = await hook('siem')
    const { owner } = await nod.enroll('bea')
    const issued = await nod.service.call('POST', '/token/bypass', { form: { ...owner, reason: 'lost phone' } })
    const code = String(fields(issued.value)['code'])
    expect(await nod.service.check({ ...owner, pass: code })).toMatchObject({ authentication: 'ACCEPT' })
    await waitUntil(() => siem.statements(`${OWN}bypass-code-used`).length > 0)
    for (const { text } of siem.received)
      expect(Buffer.from(text.split('.')[1] ?? '', 'base64').toString()).not.toContain(code)
  })

  it('hears of keys that administrators rotate, and who did', async () => {
    const siem = await hook('siem', { events: 'key_rotated' })
    await nod.serviceKey('rotated')
    for (const path of [
      '/deployment/keys/api-token',
      '/deployment/keys/signing',
      '/deployment/keys/webhook',
      '/apikey/hooks-rotated',
    ])
      expect(await nod.service.call('POST', `${path}/rotate`)).toMatchObject({ status: 200 })
    await waitUntil(() => siem.statements(`${OWN}key-rotated`).length === 4)
    const heard = siem.statements(`${OWN}key-rotated`)
    expect(heard.map(({ key }) => String(key)).toSorted()).toEqual(['api_token', 'service', 'signing', 'webhook'])
    expect(heard.every(({ administrator }) => administrator === admin.login)).toBe(true)
    expect(siem.received[0]?.claims['sub_id']).toEqual({ format: 'uri', uri: url })
    await nod.signIn(admin)
  })

  it('hears of administrators: from a new place, to enroll a phone with the password alone, and without the phone', async () => {
    const types = ['administrator_new_place', 'administrator_without_second_factor', 'break_glass_used']
    const siem = await hook('siem', { events: types.join(',') })
    const [login, password] = ['hooks-hedy', 'a password of hers']
    await nod.service.call('POST', '/administrator', { form: { login, password, role: 'admin' } })
    const from = (path: string, form: Form, address = '2001:db8:1::1') =>
      nod.caller().call('POST', path, { form, headers: { 'cf-connecting-ip': address } })
    const heard = (type: string) =>
      siem.received.filter(
        ({ claims }) =>
          fields(fields(claims['sub_id'])['user'])['sub'] === login && `${OWN}${type}` in fields(claims['events']),
      )
    for (const address of ['2001:db8:1::1', '2001:db8:1::2', '2001:db8:2::1'])
      expect(await from('/auth', { username: login, password }, address)).toMatchObject({ status: 200 })
    await waitUntil(() => heard('administrator-new-place').length === 2)
    await nod.service.call('POST', `/administrator/phone-required/${login}`, { form: { required: '1' } })
    expect(await from('/auth', { username: login, password })).toMatchObject({ value: { role: 'enrolling' } })
    await waitUntil(() => heard('administrator-without-second-factor').length === 1)
    const secret = 'the break-glass secret of the tests'
    expect(await from('/auth/break-glass', { username: login, password, secret })).toMatchObject({ status: 200 })
    await waitUntil(() => heard('break-glass-used').length === 1)
    expect(heard('administrator-new-place')).toHaveLength(2)
    for (const { text } of siem.received)
      expect(Buffer.from(text.split('.')[1] ?? '', 'base64').toString()).not.toMatch(
        /break-glass secret|a password of hers/,
      )
    await nod.service.call('DELETE', `/administrator/${login}`)
  })

  it('hears that a user has denied a login, that the PIN is known then, and of a second phone', async () => {
    const siem = await hook('siem', { events: 'not_me,new_phone' })
    const holder = await nod.enroll('ines', { pin: '1234' })
    await nod.service.check({ ...holder.owner, pass: '1234' })
    await holder.phone.decline(await nextPrompt(holder.phone, holder.serial))
    expect(await waitUntil(() => siem.statements(`${OWN}not-me`).length === 1)).toBe(true)
    expect(siem.statements(`${OWN}not-me`)).toMatchObject([{ pin_known: true }])
    expect(siem.statements(COMPROMISE)).toMatchObject([{ credential_type: 'pin' }])
    const second = await nod.enroll('ines')
    expect(await waitUntil(() => siem.statements(CREDENTIAL_CHANGE).length === 1)).toBe(true)
    expect(siem.statements(CREDENTIAL_CHANGE)).toMatchObject([{ credential_type: 'app', change_type: 'create' }])
    const { claims } = siem.received.at(-1) ?? {}
    expect(fields(claims?.['sub_id'])).toMatchObject({ user: { sub: 'ines' }, device: { id: second.serial } })
  })

  it('of a service key hears of logins of that key only', async () => {
    const vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
    const mail = nod.caller({ authorization: await nod.serviceKey('mail') })
    const ofVpn = await hook('vpn', { service: 'hooks-vpn' })
    const ofMail = await hook('mail', { service: 'hooks-mail' })
    const all = await hook('all')
    for (const [user, service] of [
      ['cem', vpn],
      ['dora', mail],
    ] as const) {
      const { owner } = await nod.enroll(user)
      const issued = await nod.service.call('POST', '/token/bypass', { form: { ...owner, reason: 'lost phone' } })
      await service.check({ ...owner, pass: String(fields(issued.value)['code']) })
    }
    await lockOut('emil', vpn)
    await nod.service.call('POST', '/deployment/keys/signing/rotate')
    await waitUntil(() => all.received.length >= 4 && ofVpn.received.length >= 2 && ofMail.received.length >= 1)
    const subjects = (one: Receiver) =>
      one.received.map(({ claims }) => String(fields(fields(claims['sub_id'])['user'])['sub'])).toSorted()
    expect(subjects(ofVpn)).toEqual(['cem', 'emil'])
    expect(subjects(ofMail)).toEqual(['dora'])
    expect(fields(ofVpn.received[0]?.claims['sub_id'])['application']).toEqual({ format: 'opaque', id: 'hooks-vpn' })
    // Without its key it hears of nothing, nor does it hear of a later key of that name.
    await nod.revokeServiceKey('vpn')
    expect(await listed('vpn')).toMatchObject({ active: false })
    await nod.serviceKey('vpn')
    expect(await listed('vpn')).toMatchObject({ active: false })
  })

  it('is not held back by another one that never answers', async () => {
    const dead = await hook('dead', { events: 'lockout' })
    dead.answer = 'never'
    const well = await hook('well', { events: 'lockout' })
    await lockOut('gus')
    await waitUntil(() => dead.received.length > 0)
    await lockOut('hal')
    await waitUntil(() => well.statements(`${OWN}lockout`).length === 2)
    expect(well.statements(`${OWN}lockout`)).toHaveLength(2)
    expect(await listed('dead')).toMatchObject({ waiting: 2 })
  })
})

describe('a test event', () => {
  it('tells the administrator what the receiver has answered', async () => {
    const siem = await hook('siem')
    expect(await test('siem')).toEqual({ accepted: true, status: 202, error: null, failure: null })
    expect(siem.statements(VERIFICATION)).toEqual([{ state: expect.stringMatching(/^[0-9a-f]{32}$/) }])
    siem.answer = { status: 400, body: JSON.stringify({ err: 'invalid_audience', description: '<script>secret' }) }
    expect(await test('siem')).toEqual({
      accepted: false,
      status: 400,
      error: 'invalid_audience',
      failure: 'HTTP 400 where 202 is expected: invalid_audience',
    })
    siem.answer = { status: 400, body: 'the internal page that nobody is to read' }
    expect(await test('siem')).toMatchObject({ error: null, failure: 'HTTP 400 where 202 is expected' })
    siem.answer = { status: 200, body: 'a page' }
    expect(await test('siem')).toMatchObject({ accepted: false, failure: 'HTTP 200 where 202 is expected' })
  })

  it('follows no redirect, and reads no more of an answer than it needs', async () => {
    const [siem, other] = [await hook('siem'), await startReceiver()]
    siem.answer = { status: 307, headers: { Location: other.url } }
    expect(await test('siem')).toMatchObject({ accepted: false, status: 307 })
    expect(other.paths).toEqual([])
    siem.answer = { status: 400, body: `{"err":"invalid_key","padding":"${'x'.repeat(5_000_000)}"}` }
    expect(await test('siem')).toMatchObject({ accepted: false, error: null })
  })

  it('says that nobody is there', async () => {
    const siem = await hook('siem')
    await siem.stop()
    receivers.pop()
    expect(await test('siem')).toEqual({ accepted: false, status: null, error: null, failure: 'no connection' })
  })
})

describe('an administrator', () => {
  it('adds a webhook for public https addresses only, and for receivers of this machine', async () => {
    for (const address of [
      'http://events.example.com/',
      'https://10.0.0.1/',
      'https://[fd00::1]/',
      'https://ada:pw@events.example.com/',
      'https://metadata.google.internal/',
      'file:///etc/passwd',
      'nonsense',
    ]) {
      const reply = await add({ name: 'refused', url: address })
      expect(reply, address).toMatchObject({
        status: 400,
        error: { code: 905, message: expect.stringContaining('parameter url') },
      })
    }
    expect(await add({ name: 'refused', url: 'https://events.example.com/', events: 'lockout,logins' })).toMatchObject({
      status: 400,
    })
    expect(await add({ name: 'refused', url: 'https://events.example.com/', service: 'nobody' })).toMatchObject({
      status: 404,
    })
    expect(await add({ name: '..', url: 'https://events.example.com/' })).toMatchObject({ status: 400 })
    expect(await add({ name: 'taken', url: 'https://events.example.com/' })).toMatchObject({ status: 200 })
    expect(await add({ name: 'taken', url: 'https://other.example.com/' })).toMatchObject({ status: 400 })
    expect(await nod.service.call('DELETE', '/webhook/unknown')).toMatchObject({ status: 404 })
    expect(await nod.service.call('POST', '/webhook/unknown/test')).toMatchObject({ status: 404 })
  })

  it('sees the address without what may be a secret, and so does the audit', async () => {
    await add({ name: 'secret', url: 'https://events.example.com/nod?token=hunter2' })
    expect(await listed('secret')).toMatchObject({
      url: 'https://events.example.com/nod',
      audience: 'https://events.example.com/nod',
    })
    await nod.service.call('DELETE', '/webhook/secret')
    const { value } = await nod.service.call('GET', '/audit/', { query: { action: '*webhook*', page_size: '50' } })
    const audit = JSON.stringify(value)
    expect(audit).toContain('https://events.example.com/nod')
    expect(audit).not.toContain('hunter2')
  })

  it('rotates the key, and receivers know the next one before it signs', async () => {
    const siem = await hook('siem')
    await test('siem')
    const before = siem.received[0]?.header['kid']
    const rotated = fields((await nod.service.call('POST', '/deployment/keys/webhook/rotate')).value)
    expect(Number(rotated['signs_from'])).toBeGreaterThan(Date.now() + 500_000)
    await test('siem')
    expect(siem.received.at(-1)?.header['kid']).toBe(before)
    const response = await fetch(`${url}/.well-known/jwks.json`)
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    const kids = (await siem.keys()).map(({ kid }) => kid)
    expect(kids).toEqual(expect.arrayContaining([before, rotated['id']]))
    expect(JSON.stringify(await siem.keys())).not.toContain('"d"')
    // A key that somebody else knows is published no more, and signs nothing more.
    const fresh = fields(
      (await nod.service.call('POST', '/deployment/keys/webhook/rotate', { form: { compromised: '1' } })).value,
    )
    expect((await siem.keys()).map(({ kid }) => kid)).toEqual([fresh['id']])
    await test('siem')
    expect(siem.received.at(-1)?.header['kid']).toBe(fresh['id'])
  })

  it('is told by the health check of a receiver that fails', async () => {
    const health = async (): Promise<string> => {
      const reply = await nod.service.call('GET', '/healthz', { query: { deep: '1' } })
      const { checks } = fields(reply.body)
      return String((Array.isArray(checks) ? checks.map(fields) : []).find(({ name }) => name === 'webhooks')?.['info'])
    }
    await hook('siem')
    expect(await health()).toMatch(/^1 webhooks, 0 events wait/)
  })
})
