import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
beforeAll(async () => {
  nod = await openNod('invited')
})
afterAll(() => nod.close())

/** Whoever has the page: without any credential. */
const page = (path: string, form: Readonly<Record<string, string>>) =>
  nod.caller().call('POST', `/invitation/${path}`, { form })

async function invite(user = nod.unique('user'), extra: Readonly<Record<string, string>> = {}) {
  const reply = await nod.service.call('POST', '/invitation', { form: { user, realm: nod.realm, ...extra } })
  expect(reply.status).toBe(200)
  const value = fields(reply.value)
  return { id: String(value['id']), secret: String(value['secret']), serial: String(value['serial']), user, value }
}

async function begin(secret: string) {
  const reply = await page('begin', { secret })
  expect(reply.status).toBe(200)
  const phone = nod.phone()
  return { phone, credential: phone.scan(String(fields(reply.value)['uri'])) }
}

const DEAD = { status: 404, error: { code: 601 } }
const isDead = async (secret: string) => {
  for (const path of ['look', 'begin', 'confirm']) expect(await page(path, { secret }), path).toMatchObject(DEAD)
}

describe('a request that names itself', () => {
  const named = async (key: string, form: Readonly<Record<string, string>>, by = nod.service) => {
    const headers = { 'Idempotency-Key': key }
    const reply = await by.call('POST', '/invitation', { form: { realm: nod.realm, ...form }, headers })
    expect(reply.status).toBe(200)
    return fields(reply.value)
  }
  const audited = async (user: string) =>
    fields((await nod.service.call('GET', '/audit/', { query: { user, action: 'POST /invitation' } })).value)['count']

  it('invites once, however often and at once it comes, and always answers the same secret', async () => {
    const user = nod.unique('user')
    const first = await named('a key', { user, note: 'new' })
    const again = await Promise.all(Array.from({ length: 4 }, () => named('a key', { user, note: 'new' })))
    for (const one of again) expect(one).toEqual(first)
    const open = (await nod.service.call('GET', '/invitation')).value as readonly Readonly<Record<string, unknown>>[]
    expect(open.filter((one) => one['user'] === user)).toHaveLength(1)
    expect(await audited(user)).toBe(1)
  })

  it('that comes five times at once invites once', async () => {
    const user = nod.unique('user')
    const all = await Promise.all(Array.from({ length: 5 }, () => named('at once', { user })))
    expect(new Set(all.map(({ secret }) => secret)).size).toBe(1)
    expect(new Set(all.map(({ serial }) => serial)).size).toBe(1)
    expect(await audited(user)).toBe(1)
  })

  it('is another one under another key, with other words, or of another caller', async () => {
    const user = nod.unique('user')
    const key = nod.caller({ authorization: await nod.serviceKey(nod.unique('inviter'), 'helpdesk') })
    const secrets = [
      await named('one', { user }),
      await named('two', { user }),
      await named('one', { user, note: 'other' }),
      await named('one', { user, minutes: '60' }),
      await named('one', { user }, key),
    ].map(({ secret }) => secret)
    expect(new Set(secrets).size).toBe(secrets.length)
  })

  it('makes another invitation after the first was withdrawn', async () => {
    const user = nod.unique('user')
    const first = await named('again', { user })
    await nod.service.call('DELETE', `/invitation/${String(first['id'])}`)
    const second = await named('again', { user })
    expect(second['serial']).not.toBe(first['serial'])
    expect((await page('look', { secret: String(second['secret']) })).status).toBe(200)
  })
})

describe('an invitation', () => {
  it('lets its user enroll one phone, waits for it, rings it to confirm, and is used up', async () => {
    const { secret, user, serial, value, id } = await invite(undefined, { note: 'starts on Monday' })
    expect(String(value['url'])).toMatch(new RegExp(`#${secret}$`))
    expect((await page('look', { secret })).value).toEqual({
      user,
      realm: nod.realm,
      invited_by: expect.any(String),
      expires_at: expect.any(Number),
      state: 'open',
    })
    expect(await page('confirm', { secret })).toMatchObject(DEAD)
    const { phone, credential } = await begin(secret)
    expect(fields((await page('look', { secret })).value)['state']).toBe('begun')
    const waiting = page('look', { secret, wait: '20' })
    await phone.register(credential)
    expect(fields((await waiting).value)['state']).toBe('registered')
    expect(await page('begin', { secret })).toMatchObject(DEAD)

    const confirmed = fields((await page('confirm', { secret })).value)
    expect(confirmed['phones']).toMatchObject([{ serial }])
    await phone.accept(only(await phone.poll()))
    const transactionId = String(confirmed['transaction_id'])
    const polled = await nod.service.call('GET', '/validate/polltransaction', {
      query: { transaction_id: transactionId },
    })
    expect(polled.detail['challenge_status']).toBe('accept')
    // Nobody gets in by it.
    const check = await nod.service.check({ user, realm: nod.realm, pass: '', transaction_id: transactionId })
    expect(check.authentication).not.toBe('ACCEPT')

    const listed = (await nod.service.call('GET', '/invitation')).value
    expect(listed).toContainEqual(expect.objectContaining({ id, state: 'registered', note: 'starts on Monday' }))
    expect(JSON.stringify(listed)).not.toContain(secret)
    const audit = await nod.service.call('GET', '/audit/', { query: { serial } })
    expect(JSON.stringify(audit.value)).toContain('invited by ')
    expect(JSON.stringify(audit.value)).not.toContain(secret)
  })

  it('shown twice enrolls the same token, and the later code counts', async () => {
    const { secret, serial } = await invite()
    const [first, second] = [await begin(secret), await begin(secret)]
    await expect(first.phone.register(first.credential)).rejects.toThrow()
    expect((await second.phone.register(second.credential)).serial).toBe(serial)
  })

  it('opened by many at once enrolls one phone', async () => {
    const { secret, serial, user } = await invite()
    const replies = await Promise.all(Array.from({ length: 5 }, () => page('begin', { secret })))
    const outcomes = await Promise.allSettled(
      replies
        .filter(({ status }) => status === 200)
        .map((reply) => {
          const phone = nod.phone()
          return phone.register(phone.scan(String(fields(reply.value)['uri'])))
        }),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
    const { value } = await nod.service.call('GET', '/token/', { query: { user, realm: nod.realm } })
    expect(fields(value)).toMatchObject({ count: 1, tokens: [{ serial }] })
  })

  it('is dead at once when it is withdrawn, and a code that nobody has scanned is void', async () => {
    const { secret, id } = await invite()
    const { phone, credential } = await begin(secret)
    expect((await nod.service.call('DELETE', `/invitation/${id}`)).value).toBe(true)
    await isDead(secret)
    await expect(phone.register(credential)).rejects.toThrow()
    expect(await nod.service.call('DELETE', `/invitation/${id}`)).toMatchObject({ error: { code: 601 } })
  })

  it('is dead when its token was deleted or its user was', async () => {
    const one = await invite()
    await begin(one.secret)
    await nod.service.call('DELETE', `/token/${one.serial}`)
    await isDead(one.secret)
    const other = await invite()
    await nod.service.call('POST', '/user/', { form: { user: other.user, realm: nod.realm } })
    await nod.service.call('DELETE', `/user/nod/${other.user}`, { query: { realm: nod.realm } })
    await isDead(other.secret)
  })

  it('rings its phone once in ten seconds, however often whoever has the secret asks', async () => {
    const { secret } = await invite()
    const { phone, credential } = await begin(secret)
    await phone.register(credential)
    const logins = new Set<unknown>()
    for (let asked = 0; asked < 8; asked++)
      logins.add(fields((await page('confirm', { secret })).value)['transaction_id'])
    // The next ten seconds may begin meanwhile.
    expect(logins.size).toBeLessThanOrEqual(2)
    expect((await phone.poll()).length).toBe(logins.size)
  })

  it('is made for at most a week, for a realm that exists', async () => {
    const forms: readonly Readonly<Record<string, string>>[] = [
      { user: 'x', realm: nod.realm, minutes: '10081' },
      { user: 'x', realm: nod.realm, minutes: '0' },
      { user: 'x', realm: 'no-such-realm' },
    ]
    for (const form of forms) expect((await nod.service.call('POST', '/invitation', { form })).status).toBe(400)
  })
})

describe('somebody without the secret', () => {
  it('learns nothing by guessing', async () => {
    await isDead('a'.repeat(28))
    const { secret } = await invite()
    await isDead(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)
    expect(fields((await page('look', { secret })).value)['state']).toBe('open')
  })

  it('is told when the secret stands in a URL', async () => {
    const { secret } = await invite()
    for (const path of ['look', 'begin', 'confirm'])
      expect(await nod.caller().call('POST', `/invitation/${path}`, { query: { secret } })).toMatchObject({
        status: 400,
        error: { code: 905 },
      })
  })
})
