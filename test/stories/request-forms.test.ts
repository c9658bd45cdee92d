import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Service } from '../simulation/service.ts'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let holder: EnrolledUser

let holders = 0

beforeAll(async () => {
  nod = await openNod('spellings')
})
beforeEach(async () => {
  holder = await nod.enroll(`ada${++holders}`, { pin: '1 2' })
})
afterAll(() => nod.close())

const challenged = { status: 200, authentication: 'CHALLENGE' }

/** Accepts every open prompt. */
async function accept(): Promise<void> {
  for (const prompt of await holder.phone.poll()) await holder.phone.accept(prompt)
}

describe('a user', () => {
  it('whose login name is a mail address can be named with the realm before or after it', async () => {
    const { owner } = await nod.enroll('ada@example.org', { pin: '1234' })
    for (const user of [`${owner.realm}\\${owner.user}`, `${owner.user}@${owner.realm}`])
      expect(await nod.caller().check({ user, pass: '1234' }), user).toMatchObject(challenged)
  })
})

describe('a caller', () => {
  it('can send an API token or a service key in PI-Authorization or Authorization, with or without Bearer', async () => {
    const jwt = nod.service.token ?? ''
    const key = await nod.serviceKey('anywhere')
    const ways = [
      { authorization: jwt },
      { 'pi-authorization': jwt },
      { authorization: `Bearer ${jwt}` },
      { 'pi-authorization': jwt, authorization: 'Basic of a proxy' },
      { authorization: key },
      { 'pi-authorization': key },
      { authorization: `Bearer ${key}` },
    ] as const
    for (const headers of ways) {
      const reply = await nod.caller().call('POST', '/validate/triggerchallenge', { form: holder.owner, headers })
      expect(reply, JSON.stringify(Object.keys(headers))).toMatchObject(challenged)
    }
    await accept()
    await nod.revokeServiceKey('anywhere')
  })

  it('is told why its credential is refused', async () => {
    const trigger = (headers: Record<string, string>) =>
      nod.caller().call('POST', '/validate/triggerchallenge', { form: holder.owner, headers })
    expect(await trigger({})).toMatchObject({ status: 401, error: { code: 4033 }, detail: {} })
    expect(await trigger({ authorization: 'nonsense' })).toMatchObject({ status: 401, error: { code: 4304 } })
    expect(await trigger({ authorization: 'nod_unknown' })).toMatchObject({ status: 401, error: { code: 4304 } })
    const [head = '', body = ''] = (nod.service.token ?? '').split('.')
    expect(await trigger({ authorization: `${head}.${body}.AAAA` })).toMatchObject({
      status: 401,
      error: { code: 4304 },
    })
    expect(await holder.phone.poll()).toEqual([])
  })

  it('can sign in with a form, multipart or JSON', async () => {
    const login = { username: 'admin', password: 'adminpw-of-tests' }
    for (const body of [{ form: login }, { multipart: login }, { json: login }]) {
      const reply = await nod.caller().call('POST', '/auth', body)
      expect(reply).toMatchObject({
        status: 200,
        authentication: 'ACCEPT',
        value: { role: 'admin', realm: '', auth: true },
      })
      const payload = (reply.value as { token: string }).token.split('.')[1] ?? ''
      // The Java client decodes this with the standard base64 alphabet.
      expect(payload).not.toMatch(/[-_]/)
      expect(JSON.parse(atob(payload))).toMatchObject({ username: 'admin', role: 'admin', exp: expect.any(Number) })
    }
    const wrong = { ...login, password: 'wrong' }
    expect(await nod.caller().call('POST', '/auth', { form: wrong })).toMatchObject({
      status: 401,
      error: { code: 4031 },
    })
    expect(await nod.caller().call('POST', '/auth', { form: { password: 'x' } })).toMatchObject({
      status: 401,
      error: { code: 4032 },
    })
  })

  it('can send trigger and check as form, multipart, JSON or query, by POST or GET', async () => {
    const { service } = nod
    // More logins than a phone is rung for.
    await nod.authenticationPolicy({ push_firewall: 'off' })
    const trigger = { ...holder.owner }
    const check = { ...holder.owner, pass: '1 2' }
    const ways = (fields: Record<string, string>) =>
      [
        ['POST', { form: fields }],
        ['POST', { multipart: fields }],
        ['POST', { json: fields }],
        ['POST', { query: fields }],
        ['GET', { query: fields }],
      ] as const
    for (const [method, sent] of ways(trigger)) {
      const reply = await service.call(method, '/validate/triggerchallenge', sent)
      expect(reply, `${method} ${Object.keys(sent)}`).toMatchObject(challenged)
    }
    for (const [method, sent] of ways(check)) {
      const reply = await service.call(method, '/validate/check', sent)
      expect(reply, `${method} ${Object.keys(sent)}`).toMatchObject(challenged)
      await accept()
      const { transaction_id = '' } = reply.detail
      const finalize = service.finalizeForm(transaction_id, holder.owner)
      const used = await service.call(
        method,
        '/validate/check',
        ways(finalize).find(([, way]) => Object.keys(way)[0] === Object.keys(sent)[0])?.[1] ?? {},
      )
      expect(used).toMatchObject({ value: true, authentication: 'ACCEPT' })
    }
  })

  it('can omit the content type of a body, or send a wrong one', async () => {
    const headers = { 'content-type': 'text/plain' }
    const send = (body: string, type?: string) =>
      fetch(`${url}/validate/check`, {
        method: 'POST',
        body,
        headers: type === undefined ? headers : { 'content-type': type },
      })
    const json = JSON.stringify({ ...holder.owner, pass: '1 2' })
    expect(await (await send(json)).json()).toMatchObject({ result: { authentication: 'CHALLENGE' } })
    expect(await (await send(new URLSearchParams({ ...holder.owner, pass: '1 2' }).toString())).json()).toMatchObject({
      result: { authentication: 'CHALLENGE' },
    })
    const broken = await send('{"user": ', 'application/json')
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({ result: { status: false, error: { code: 905 } } })
    await accept()
  })

  it('can double the slashes of a path, and end it with one', async () => {
    for (const path of ['//validate/check', '/validate//check', '/validate/check/', '///validate///check//']) {
      const reply = await nod.service.call('POST', path, { form: { ...holder.owner, pass: '1 2' } })
      expect(reply, path).toMatchObject(challenged)
    }
    await accept()
    expect(await nod.service.call('GET', '/token')).toMatchObject({ status: 200 })
    expect(await nod.service.call('GET', '/token/')).toMatchObject({ status: 200 })
    const { transactionId } = await nod.service.trigger(holder.owner)
    const status = await nod.service.call('GET', `//validate/polltransaction/${transactionId}/`)
    expect(status).toMatchObject({
      status: 200,
      value: false,
      authentication: 'REJECT',
      detail: { challenge_status: 'pending' },
    })
    await accept()
  })

  it('known to encode twice is decoded twice; the PINs of other callers are not', async () => {
    const { service } = nod
    const odd = await nod.enroll('a@b', { pin: '50%41 +' })
    const twice = Object.fromEntries(
      Object.entries({ ...odd.owner, pass: '50%41 +' }).map(([name, value]) => [name, encodeURIComponent(value)]),
    )
    for (const userAgent of ['privacyIDEA-Keycloak/1.8.0 Keycloak/26.0', 'entraid-via-keycloak/1', 'FreeRADIUS']) {
      const keycloak = nod.caller({ userAgent })
      expect(await keycloak.check(twice), userAgent).toMatchObject(challenged)
    }
    const php = nod.caller({ userAgent: 'simpleSAMLphp/1' })
    expect(await php.check(twice)).toMatchObject({ status: 400, error: { code: 905 } })
    const pam = nod.caller({ userAgent: 'PAM/1.1.0' })
    expect(await pam.check({ ...odd.owner, pass: '50%41 +' })).toMatchObject(challenged)
    expect(await pam.check({ ...odd.owner, pass: '50A +' })).toMatchObject({ authentication: 'REJECT' })
    await service.call('POST', `/token/reset/${odd.serial}`)
  })

  it('can write the realm before or after the user, in any case', async () => {
    const { user, realm } = holder.owner
    const names = [`${user}@${realm}`, `${user}@${realm.toUpperCase()}`, `${realm}\\${user}`, `  ${user}@${realm} `]
    for (const name of names) {
      const login = await nod.service.triggerWithPin(name, '1 2')
      await accept()
      expect(await nod.service.finalize(login.transactionId, holder.owner), name).toBe('ACCEPT')
    }
    // Login names are case-sensitive.
    expect(await nod.service.check({ user: user.toUpperCase(), realm, pass: '1 2' })).toMatchObject({
      error: { code: 904 },
    })
  })

  it('that repeats a parameter is read by the last one, and the query wins over the body', async () => {
    const { user, realm } = holder.owner
    const body = `user=nobody&user=${user}&realm=${realm}&pass=wrong&pass=1+2`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const last = await fetch(`${url}/validate/check`, { method: 'POST', body, headers })
    expect(await last.json()).toMatchObject({ result: { authentication: 'CHALLENGE' } })
    const query = await fetch(`${url}/validate/check?user=nobody`, { method: 'POST', body, headers })
    expect(await query.json()).toMatchObject({ result: { error: { code: 904 } } })
    await accept()
  })
})

describe('a plugin that cannot send a header', () => {
  it('logs a user in with its service key in the base address', async () => {
    const key = await nod.serviceKey('path')
    const plugin = new Service({ baseUrl: `${url}/s/${key}` })
    const login = await plugin.trigger(holder.owner)
    await accept()
    expect(await plugin.status(login.transactionId)).toBe('accept')
    // Nobody else can finalize a login that a service key opened.
    expect(await nod.caller().finalize(login.transactionId, holder.owner)).toBe('REJECT')
    expect(await plugin.finalize(login.transactionId)).toBe('ACCEPT')

    const checked = await plugin.triggerWithPin(holder.owner, '1 2')
    await accept()
    expect(await plugin.finalize(checked.transactionId)).toBe('ACCEPT')
    await nod.revokeServiceKey('path')
  })

  it('with a wrong key in the address is refused, even with a valid header', async () => {
    const plugin = new Service({ baseUrl: `${url}/s/nod_wrong`, authorization: nod.service.token ?? '' })
    expect(await plugin.triggerchallenge(holder.owner)).toMatchObject({ status: 401, error: { code: 4304 } })
    expect(await plugin.check({ ...holder.owner, pass: '1 2' })).toMatchObject({ status: 403, error: { code: 303 } })
    expect(only([...(await holder.phone.poll()), 'nothing'])).toBe('nothing')
  })
})
