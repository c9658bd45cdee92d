/** Users move here from another server, live: the plugins and phones of both know one address. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { idOf, MovingWorld } from './moving-world.ts'

let world: MovingWorld

beforeAll(async () => {
  world = await MovingWorld.open()
})
afterAll(() => world.close())
beforeEach(() => world.begin())

describe('a user whom Nod does not know', () => {
  it('logs in as before: the request goes on as it came, and the answer comes back', async () => {
    const user = world.newName()
    world.old.add(user, { serial: `TOTP-${user}`, type: 'totp', otps: ['755224'] })
    const challenged = await world.check({ user, pass: '1234' })
    expect(challenged).toMatchObject({ authentication: 'CHALLENGE', detail: { type: 'totp' } })
    expect(await world.check({ user, pass: '755224', transaction_id: idOf(challenged) })).toMatchObject({
      authentication: 'ACCEPT',
      detail: { serial: `TOTP-${user}` },
    })
    const [first] = world.old.seen('/validate/check')
    expect(first).toMatchObject({ method: 'POST', body: `realm=own&user=${user}&pass=1234` })
    expect(first?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-gate': 'open' })
    expect(first?.headers).not.toHaveProperty('nod-own-request')
  })

  it('is unknown if the upstream does not know them either', async () => {
    const unknown = await world.check({ user: world.newName(), pass: '1234' })
    expect(unknown).toMatchObject({ status: 400, error: { code: 904 } })
  })

  it('is rung by an application that triggers, with Nod’s account and never with a credential of Nod’s', async () => {
    const user = world.newName()
    world.old.add(user, { serial: `TOTP-${user}`, type: 'totp' })
    const key = await world.nod.driver.serviceKey('plugin')
    const reply = await world.nod.driver.caller({ authorization: key }).triggerchallenge({ user, realm: 'own' })
    expect(reply).toMatchObject({ value: 1, detail: { type: 'totp' } })
    const [triggered] = world.old.seen('/validate/triggerchallenge')
    expect(triggered?.headers.authorization).toMatch(/^eyJ/)
    expect(JSON.stringify(world.old.requests)).not.toContain(key)
    await world.nod.driver.revokeServiceKey('plugin')
  })
})

describe('an application that triggers for a user with a phone on both', () => {
  it('rings the phone through Nod alone, and offers the one-time password as well', async () => {
    const { owner, phone, serial } = await world.withBoth()
    world.old.add(owner.user, { serial, type: 'push' })
    const reply = await world.nod.driver.service.triggerchallenge({ ...owner })
    expect(reply).toMatchObject({ value: 2 })
    const triggered = world.old.seen('/validate/triggerchallenge').map(({ body }) => body)
    expect(triggered).toEqual([`serial=TOTP-${owner.user}`])
    await phone.accept((await phone.poll())[0] ?? expect.unreachable())
    expect(await world.check({ ...owner, pass: '', transaction_id: idOf(reply) })).toMatchObject({
      authentication: 'ACCEPT',
    })
  })

  it('triggers nothing there for a user who has only phones', async () => {
    const owner = { user: world.newName(), realm: 'own' }
    const { serial } = await world.nod.driver.enroll(owner.user, { realm: 'own' })
    world.old.add(owner.user, { serial, type: 'push' })
    expect(await world.nod.driver.service.triggerchallenge(owner)).toMatchObject({ value: 1 })
    expect(world.old.seen('/validate/triggerchallenge')).toEqual([])
  })
})

describe('the cut-over', () => {
  it('leaves a user to the upstream until their realm is moved, moves them, and moves them back', async () => {
    const { owner, phone } = await world.withBoth()
    const { user } = owner
    await world.cutOver('own', 0)
    expect(await world.check({ user, pass: '1234' })).toMatchObject({ detail: { serial: `TOTP-${user}` } })
    await world.cutOver('own', 100)
    const opened = await world.check({ user, pass: '1234' })
    expect(opened.detail.multi_challenge).toHaveLength(2)
    await world.cutOver('own', 0)
    // What was opened here is finished here.
    await phone.accept((await phone.poll())[0] ?? expect.unreachable())
    expect(await world.check({ user, pass: '', transaction_id: idOf(opened) })).toMatchObject({
      authentication: 'ACCEPT',
    })
    expect((await world.check({ user, pass: '1234' })).detail.multi_challenge).toHaveLength(1)
  })

  it('is in the audit with the earlier share, and is refused to administrators who may not change settings', async () => {
    await world.cutOver('own', 40)
    const query = { action: '*upstream*', page_size: '1' }
    const { value } = await world.nod.driver.service.call('GET', '/audit/', { query })
    expect(JSON.stringify(value)).toContain('POST /deployment/upstream/realms/<realm>')
    const form = { share: '0' }
    const path = '/deployment/upstream/realms/own'
    expect(await world.nod.driver.caller().call('POST', path, { form })).toMatchObject({ status: 401 })
    expect(await world.nod.driver.service.call('POST', path, { form: { share: '101' } })).toMatchObject({ status: 400 })
    expect(await world.nod.driver.service.call('POST', path, { form: {} })).toMatchObject({ status: 400 })
  })
})

describe('a user with a phone here and a one-time password there', () => {
  it('is offered both in one answer, under one transaction id', async () => {
    const { owner, serial } = await world.withBoth()
    const { detail, authentication } = await world.check({ ...owner, pass: '1234' })
    const id = detail.transaction_id
    expect({ authentication, detail }).toMatchObject({
      authentication: 'CHALLENGE',
      detail: {
        serial,
        type: 'push',
        message: 'please enter otp: , Please confirm the authentication on your mobile device!',
        messages: ['please enter otp: ', 'Please confirm the authentication on your mobile device!'],
        transaction_ids: [id, id],
        attributes: { hideResponseInput: false },
        preferred_client_mode: 'interactive',
        multi_challenge: [
          { serial: `TOTP-${owner.user}`, type: 'totp', client_mode: 'interactive', transaction_id: id },
          { serial, type: 'push', client_mode: 'poll', transaction_id: id },
        ],
      },
    })
    expect(world.old.seen('/validate/check')[0]?.headers).toMatchObject({ 'nod-own-request': '1' })
  })

  it('finishes with the phone', async () => {
    const { owner, phone } = await world.withBoth()
    const id = idOf(await world.check({ ...owner, pass: '1234' }))
    expect(await world.nod.driver.caller().status(id)).toBe('pending')
    await phone.accept((await phone.poll())[0] ?? expect.unreachable())
    expect(await world.nod.driver.caller().status(id)).toBe('accept')
    expect(await world.check({ ...owner, pass: '', transaction_id: id })).toMatchObject({ authentication: 'ACCEPT' })
    expect(await world.check({ ...owner, pass: '', transaction_id: id })).toMatchObject({ authentication: 'REJECT' })
  })

  it('finishes with the one-time password, and the phone stops asking', async () => {
    const { owner, phone } = await world.withBoth()
    const id = idOf(await world.check({ ...owner, pass: '1234' }))
    const second = { ...owner, pass: '755224', state: id }
    expect(await world.check(second)).toMatchObject({
      authentication: 'ACCEPT',
      detail: { serial: `TOTP-${owner.user}` },
    })
    expect(await phone.poll()).toEqual([])
    expect(await world.check(second)).toMatchObject({ authentication: 'REJECT' })
    // The password is no code of the phone's.
    expect(await world.nod.driver.failures(phone.tokens.keys().next().value ?? '')).toBe(0)
  })

  it('logs in with PIN and one-time password in one go, which is no wrong PIN', async () => {
    const { owner, serial } = await world.withBoth(['755224', '287082'])
    for (const otp of ['755224', '287082'])
      expect(await world.check({ ...owner, pass: `1234${otp}` })).toMatchObject({ authentication: 'ACCEPT' })
    expect(await world.nod.driver.failures(serial)).toBe(0)
    expect(await world.check({ ...owner, pass: '1234000000' })).toMatchObject({ authentication: 'REJECT' })
    await waitUntil(async () => (await world.nod.driver.failures(serial)) === 1)
  })

  it('who has declined is let in by nothing in this login, and by the one-time password in the next', async () => {
    const { owner, phone } = await world.withBoth()
    const id = idOf(await world.check({ ...owner, pass: '1234' }))
    await phone.decline((await phone.poll())[0] ?? expect.unreachable(), { reason: 'unknown_trigger' })
    expect(await world.nod.driver.caller().status(id)).toBe('declined')
    expect(await world.check({ ...owner, pass: '755224', transaction_id: id })).toMatchObject({
      authentication: 'REJECT',
    })
    expect(world.old.challenges.size).toBeGreaterThan(0)
    expect(await world.check({ ...owner, pass: '1234755224' })).toMatchObject({ authentication: 'ACCEPT' })
  })

  it('is asked for the phone alone where the realm has nothing else there', async () => {
    const { owner } = await world.withBoth()
    await world.cutOver('own', 100, { other_tokens: '0' })
    expect((await world.check({ ...owner, pass: '1234' })).detail.multi_challenge).toHaveLength(1)
    expect(world.old.requests).toEqual([])
    await world.cutOver('own', 100, { other_tokens: '1' })
  })
})

describe('a phone', () => {
  it('that is registered at the upstream goes on there: registration, poll, answer', async () => {
    const user = world.newName()
    const serial = `PIPU-${user}`
    world.old.add(user, { serial, type: 'push', credential: 'c0ffee' })
    const phone = world.nod.driver.phone()
    const url = world.nod.driver.phoneUrl()
    const register = { serial, enrollment_credential: 'c0ffee', fbtoken: 'x', pubkey: 'y' }
    expect(await phone.post(url, register)).toMatchObject({ value: true, detail: { serial } })
    const prompt = { nonce: 'ABC', url, serial, question: '?', title: 't', sslverify: '1', signature: 'AAAA' }
    world.old.prompts.set(serial, [prompt])
    expect((await phone.get(url, await phone.phonePollQuery(serial))).value).toEqual([prompt])
    const answer = { serial, nonce: 'ABC', signature: await phone.sign(`ABC|${serial}`) }
    expect(await phone.post(url, answer)).toMatchObject({ value: true })
    expect(await phone.post(url, answer)).toMatchObject({ value: false })
  })

  it('that both know sees the prompts of both, and its new registration token reaches both', async () => {
    const { owner, phone, serial } = await world.withBoth()
    world.old.add(owner.user, { serial, type: 'push' })
    const prompt = { nonce: 'ABC', url: 'u', serial, question: '?', title: 't', sslverify: '1', signature: 'AAAA' }
    world.old.prompts.set(serial, [prompt, { nonce: 'bad' }])
    await world.check({ ...owner, pass: '1234' })
    await phone.poll()
    expect(phone.lastPoll.get(serial)?.value).toMatchObject([{ serial }, prompt])
    expect(await phone.refresh(serial, 'another registration token')).toBe(true)
    await waitUntil(async () => world.old.seen('/ttype/push').some(({ body }) => body.includes('new_fb_token')))
  })
})

describe('a bypass code of a user whose phone is lost', () => {
  it('logs in also where only the upstream has opened the login, and never goes there, right or mistyped', async () => {
    const { owner, serial } = await world.withBoth()
    const { service } = world.nod.driver
    await service.call('POST', `/token/disable/${serial}`)
    const made = await service.call('POST', `/token/bypass`, { form: { ...owner, reason: 'lost' } })
    const { code } = made.value as { readonly code: string }
    const challenged = await world.check({ ...owner, pass: '1234' })
    expect(challenged).toMatchObject({ authentication: 'CHALLENGE', detail: { type: 'totp' } })
    const id = idOf(challenged)
    const mistyped = `${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`
    expect(await world.check({ ...owner, pass: mistyped, transaction_id: id })).toMatchObject({ value: false })
    expect(await world.check({ ...owner, pass: code, transaction_id: id })).toMatchObject({ authentication: 'ACCEPT' })
    expect(world.old.requests.map(({ body }) => body).filter((body) => body.includes(code.slice(0, 14)))).toEqual([])
  })

  it('does not go there with a login that both have opened, though it is mistyped', async () => {
    const { owner } = await world.withBoth()
    const opened = await world.check({ ...owner, pass: '1234' })
    const mistyped = '7K2M-9QXA-C4TN-0PWE'
    await world.check({ ...owner, pass: mistyped, transaction_id: idOf(opened) })
    expect(JSON.stringify(world.old.requests)).not.toContain('7K2M')
  })
})

describe('somebody who makes up requests', () => {
  it('has Nod’s account trigger for the user whom Nod has authorized, and for nobody else whom the request names', async () => {
    const user = world.withOtp()
    const other = world.withOtp()
    const key = await world.nod.driver.serviceKey('narrow')
    const caller = world.nod.driver.caller({ authorization: key })
    const path = `/validate/triggerchallenge?user=${other}&user=${user}&realm=own`
    expect(await caller.call('POST', path, { form: { resolver: 'x' } })).toMatchObject({ value: 1 })
    const triggered = world.old.seen('/validate/triggerchallenge')
    expect(triggered.map(({ url, body }) => [url, body])).toEqual([
      ['/validate/triggerchallenge', `user=${user}&realm=own`],
    ])
    await world.nod.driver.revokeServiceKey('narrow')
  })

  it('does not have Nod ask the upstream by a transaction id whose first part is not Nod’s', async () => {
    const made = '01234567890123456789199'
    const reply = await world.nod.driver.caller().call('GET', '/validate/polltransaction', {
      query: { transaction_id: made },
    })
    expect(reply).toMatchObject({ value: false })
    const [polled] = world.old.seen('/validate/polltransaction')
    expect(polled?.headers).not.toHaveProperty('nod-own-request')
    expect(polled?.url).toContain(made)
  })

  it('adds nothing to the headers by which the upstream knows Nod', async () => {
    await fetch(new URL('/container/', world.nod.url), { headers: { 'x-gate': 'shut' } })
    expect(world.old.seen('/container/')[0]?.headers).toMatchObject({ 'x-gate': 'open' })
  })
})

describe('the upstream lies', () => {
  it('about a user whom it knows by another name as well: a token that Nod has lets nobody in there', async () => {
    const { owner, serial } = await world.withBoth()
    await world.settled()
    // To Nod somebody else, whom the upstream serves; the upstream finds the user whom Nod serves by their mail address.
    const alias = { user: `${owner.user}@example.com`, realm: 'elsewhere' }
    world.old.mischief = { lies: serial }
    expect(await world.check({ ...alias, pass: '1234' })).toMatchObject({ authentication: 'REJECT' })
    const second = { ...alias, pass: '755224', transaction_id: '12345678901234567890' }
    expect(await world.check(second)).toMatchObject({ authentication: 'REJECT' })
    world.old.mischief = { lies: `TOTP-${owner.user}` }
    expect(await world.check(second)).toMatchObject({ authentication: 'ACCEPT' })
  })

  it('and accepts in the name of a token that Nod has: nobody is let in', async () => {
    const { owner, serial } = await world.withBoth()
    world.old.mischief = { lies: serial }
    expect(await world.check({ ...owner, pass: 'wrong' })).toMatchObject({ authentication: 'REJECT' })
    const foreign = { ...owner, pass: '', transaction_id: '12345678901234567890' }
    // As a policy does for a user who has no token there, also right after the cut-over.
    world.old.mischief = { lies: undefined }
    expect(await world.check(foreign)).toMatchObject({ authentication: 'REJECT' })
    world.old.mischief = { lies: serial }
    await world.settled()
    expect(await world.check(foreign)).toMatchObject({ authentication: 'REJECT' })
    world.old.mischief = { lies: undefined }
    expect(await world.check({ ...owner, pass: 'wrong' })).toMatchObject({ authentication: 'REJECT' })
    expect(await world.check(foreign)).toMatchObject({ authentication: 'REJECT' })
  })

  it('about a token that was imported and has been deleted here since', async () => {
    const { owner, serial } = await world.withBoth()
    await world.settled()
    await world.nod.query(`INSERT INTO imported_tokens (serial, source, realm, login, imported_at, revision, digest)
      VALUES ('${serial}', 'privacyidea', 'own', '${owner.user}', 1, 1, '')`)
    await world.nod.driver.service.call('DELETE', `/token/${serial}`)
    world.old.mischief = { lies: serial }
    expect(await world.check({ ...owner, pass: '1234' })).toMatchObject({ authentication: 'REJECT' })
    await world.cutOver('own', 0)
    expect(await world.check({ ...owner, pass: '1234' })).toMatchObject({ authentication: 'ACCEPT' })
  })
})

describe('the upstream is away', () => {
  it('and a user of Nod’s logs in by phone all the same; those whom it serves are refused in words', async () => {
    const { owner, phone } = await world.withBoth()
    world.old.mischief = 'drops'
    const opened = await world.check({ ...owner, pass: '1234' })
    expect(opened.detail.multi_challenge).toHaveLength(1)
    await phone.accept((await phone.poll())[0] ?? expect.unreachable())
    expect(await world.check({ ...owner, pass: '', transaction_id: idOf(opened) })).toMatchObject({
      authentication: 'ACCEPT',
    })
    const refused = await world.check({ user: world.newName(), realm: 'elsewhere', pass: '1234' })
    expect(refused).toMatchObject({ status: 503, error: { code: 903 } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    // On any JSON the app takes the prompt off its screen.
    const answer = { serial: 'PIPU1', nonce: 'ABC', signature: 'AAAAAAAA' }
    const told = await world.nod.driver.phone().post(world.nod.driver.phoneUrl(), answer)
    expect({ status: told.status, body: told.body }).toEqual({ status: 503, body: undefined })
  })
})
