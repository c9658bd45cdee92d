/** Floods from one network, what the attacker got, and who noticed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FreeRadius } from '../clients/freeradius.ts'
import { Keycloak } from '../clients/keycloak-java.ts'
import { PamPython } from '../clients/pam-python.ts'
import { PhpClient } from '../clients/php-client.ts'
import { PrivacyideaPam } from '../clients/privacyidea-pam.ts'
import { nextPrompt, type Driver, type EnrolledUser } from '../driver/driver.ts'
import { Phone, RegistrationRefused } from '../simulation/phone.ts'
import { fields, readReply, type Reply } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import { fetchFrom, openWayFrom } from './from-address.ts'
import { openNod, url } from './scene.ts'

/** The limits of wrangler.toml. */
const MISSES = 300
const SIGN_INS = 30

let nod: Driver
beforeAll(async () => {
  nod = await openNod('floods')
})
afterAll(() => nod.close())

const callerFrom = (address: string, authorization?: string): Service =>
  nod.caller({ fetch: fetchFrom(address), ...(authorization === undefined ? {} : { authorization }) })

const phoneFrom = (address: string): Phone => new Phone({ fetch: fetchFrom(address) })

/** How many requests are on their way at a time. */
const IN_FLIGHT = 25

/** Sends so many requests and returns the replies. */
async function flood(count: number, send: (index: number) => Promise<Reply>): Promise<readonly Reply[]> {
  const replies: Reply[] = []
  for (let sent = 0; sent < count; sent += IN_FLIGHT)
    replies.push(
      ...(await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count - sent) }, (_, turn) => send(sent + turn)))),
    )
  return replies
}

/** Floods until the network is refused. A minute may begin meanwhile, so it may take twice the limit. */
async function floodUntilRefused(limit: number, send: (index: number) => Promise<Reply>): Promise<readonly Reply[]> {
  const replies = [...(await flood(limit, send))]
  while (!replies.some(({ status }) => status === 429)) {
    if (replies.length > limit * 3) throw new Error(`not refused after ${replies.length} requests`)
    replies.push(...(await flood(20, (turn) => send(replies.length + turn))))
  }
  return replies
}

const madeUpPoll = (service: Service, index: number, headers: Form = {}): Promise<Reply> => {
  const query = { serial: `PIPUFLOOD${index}`, timestamp: new Date().toISOString(), signature: 'AAAAAAAA' }
  return service.call('GET', '/ttype/push', { query, headers })
}

const serviceKey = async (name: string): Promise<string> => {
  const { value } = await nod.service.call('POST', '/apikey', { form: { name, role: 'validate' } })
  return String(fields(value)['key'])
}

/** Does a whole login. */
async function logIn(service: Service, { owner, phone, serial }: EnrolledUser): Promise<string> {
  const { transactionId } = await service.trigger(owner)
  await phone.accept(await nextPrompt(phone, serial))
  return service.finalize(transactionId)
}

describe('made-up serials from one network', () => {
  const address = '203.0.113.10'

  it('with another X-Forwarded-For each are 300 answers, and then refusals that cost nothing', async () => {
    const attacker = callerFrom(address)
    const spoof = (index: number) => ({ 'X-Forwarded-For': `198.18.${index >> 8}.${index & 255}` })
    const replies = await floodUntilRefused(MISSES, (index) => madeUpPoll(attacker, index, spoof(index)))
    expect(replies.filter(({ status }) => status === 400).length).toBeGreaterThanOrEqual(MISSES - 20)
    const refused = replies.find(({ status }) => status === 429)
    expect(refused?.error).toEqual({
      code: 903,
      message: 'ERR903: Too many requests came from your network. Try again later.',
    })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    // Those whose addresses were claimed notice nothing.
    expect((await madeUpPoll(callerFrom('198.18.0.1'), 1)).status).toBe(400)
  })

  it('are one record of the audit once they are refused, and say from where', async () => {
    const audit = async () => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { client: address, page_size: '500' } })
      return fields(value)['auditdata'] as readonly Readonly<Record<string, unknown>>[]
    }
    const attacker = callerFrom(address)
    await madeUpPoll(attacker, 1)
    const before = (await audit()).length
    await flood(40, (index) => madeUpPoll(attacker, index))
    expect((await audit()).length - before).toBeLessThanOrEqual(1)
  })

  it('do not keep the phones behind the same address from enrolling, polling and answering', async () => {
    const phone = phoneFrom(address)
    const pending = await nod.beginEnrollment('victim', { phone })
    await phone.register(pending.credential)
    expect(phone.lastPoll.get(pending.serial)?.status).not.toBe(429)
    expect(await logIn(nod.service, pending)).toBe('ACCEPT')
    expect(phone.lastPoll.get(pending.serial)?.status).toBe(200)
    expect((await madeUpPoll(callerFrom(address), 1)).status).toBe(429)
  })

  it('do not keep a service with a key at the same address from logging users in', async () => {
    const holder = await nod.enroll('customer', { pin: '1234' })
    const service = callerFrom(address, await serviceKey('flooded-vpn'))
    const { transactionId } = await service.triggerWithPin(holder.owner, '1234')
    await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
    expect(await service.status(transactionId)).toBe('accept')
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
  })

  it('do not keep an administrator with an API token from administering there', async () => {
    const administrator = callerFrom(address, nod.service.token)
    expect((await administrator.call('GET', '/token/')).status).toBe(200)
    expect((await callerFrom(address, `nod_${'x'.repeat(40)}`).call('GET', '/token/')).status).toBe(429)
    expect((await callerFrom(address).call('GET', '/token/')).status).toBe(429)
  })

  it('are refused to the store app in a way that it can use', async () => {
    const { credential } = await nod.beginEnrollment('late')
    const forged = { ...credential, enrollmentCredential: 'ab'.repeat(20), credential: 'ab'.repeat(20) }
    const refused = await phoneFrom(address)
      .register(forged)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RegistrationRefused)
    expect(String(refused)).toMatch(/Too many requests/)
    // An answer that is refused stays on the screen: any JSON would take it away.
    const reply = await readReply(
      await fetchFrom(address)(
        new Request(`${url}/ttype/push`, {
          method: 'POST',
          body: new URLSearchParams({ serial: 'PIPUNOBODY', nonce: 'A'.repeat(64), signature: 'AAAAAAAA' }),
        }),
      ),
    )
    expect([reply.status, reply.body]).toEqual([429, undefined])
  })

  it('are refused to plugins without a key in words that each of them understands', async () => {
    const way = await openWayFrom(address, url)
    const { realm } = nod
    try {
      const service = { url: way.url, realm }
      expect(await new Keycloak(service).login('nobody', { pin: '1' })).toMatch(/^error: ERR903: Too many requests/)
      const radius = new FreeRadius({ url: `${way.url}/validate/check`, realm })
      expect((await radius.access({ userName: 'nobody', userPassword: '1' })).code).toBe('fail')
      expect(
        await new PrivacyideaPam({ ...service, first: 'sendPassword' }).authenticate({
          user: 'nobody',
          password: '1',
          ask: () => '1',
        }),
      ).toBe('PAM_AUTH_ERR')
      expect(await new PamPython(service).authenticate({ user: 'nobody', ask: () => '1' })).not.toBe('PAM_SUCCESS')
      expect(await new PhpClient(service).validateCheck('nobody', '1')).toMatchObject({ value: false })
    } finally {
      way.close()
    }
    const byStatus = await callerFrom(address).call('POST', '/validate/radiuscheck', {
      form: { user: 'nobody', realm, pass: '1' },
    })
    expect([byStatus.status, byStatus.text]).toEqual([429, ''])
    expect(Number(byStatus.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('a service', () => {
  it('with a key, whose users type names that nobody has, goes on without end', async () => {
    const service = callerFrom('203.0.113.20', await serviceKey('popular'))
    const form = (index: number) => ({ user: `typo-${index}`, realm: nod.realm, pass: '1' })
    const replies = await flood(MISSES + 25, (index) => service.check(form(index)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]))
    const holder = await nod.enroll('regular', { pin: '1' })
    const { transactionId } = await service.triggerWithPin(holder.owner, '1')
    await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
  })

  it('without a key is limited for them, but not for those who have logged in there', async () => {
    const service = callerFrom('203.0.113.21')
    const holder = await nod.enroll('local', { pin: '1' })
    const open = async () => {
      const { transactionId } = await service.triggerWithPin(holder.owner, '1')
      await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
      return service.finalize(transactionId)
    }
    expect(await open()).toBe('ACCEPT')
    const form = (index: number) => ({ user: `typo-${index}`, realm: nod.realm, pass: '1' })
    await floodUntilRefused(MISSES, (index) => service.check(form(index)))
    expect(await open()).toBe('ACCEPT')
  })
})

describe('guesses at the sign-in from one network', () => {
  it('are 30 a minute over all names, and keep out nobody who signs in elsewhere, or has there before', async () => {
    const address = '203.0.113.30'
    const attacker = callerFrom(address)
    await callerFrom(address).auth('admin', 'adminpw-of-tests')
    const guess = (index: number) =>
      attacker.call('POST', '/auth', { form: { username: `guess-${index}`, password: 'x' } })
    const replies = await floodUntilRefused(SIGN_INS, guess)
    expect(replies.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(SIGN_INS * 2 + 20)
    await callerFrom(address).auth('admin', 'adminpw-of-tests')
    await callerFrom('203.0.113.31').auth('admin', 'adminpw-of-tests')
    expect(
      (await callerFrom(address).call('GET', '/token/', { headers: { Authorization: nod.service.token ?? '' } }))
        .status,
    ).toBe(200)
  })
})

describe('a flood against one transaction', () => {
  it('is refused to the network it comes from, and its service and phone go on', async () => {
    const holder = await nod.enroll('target')
    const login = await nod.service.trigger(holder.owner)
    const attacker = callerFrom('203.0.113.40')
    const poll = () => attacker.call('GET', `/validate/polltransaction/${login.transactionId}`)
    await floodUntilRefused(600, poll)
    const finalize = { transaction_id: login.transactionId, ...holder.owner, pass: '' }
    expect((await attacker.check(finalize)).status).toBe(429)
    await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
    expect(await nod.service.status(login.transactionId)).toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('enrollments in a login by callers without a key', () => {
  it('are 30 a minute from one network, and none is stored beyond that', async () => {
    await nod.withPolicy(
      'authentication',
      { passOnNoToken: true, enroll_via_multichallenge: 'PUSH' },
      { realm: [nod.realm], confirm: 'anonymous_enrollment' },
      async () => {
        const attacker = callerFrom('203.0.113.50')
        await nod.service.call('POST', '/user/', { form: { user: 'colleague', realm: nod.realm } })
        const open = () => attacker.check({ user: 'colleague', realm: nod.realm, pass: '' })
        const replies = await floodUntilRefused(30, open)
        expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10)
        const elsewhere = await callerFrom('203.0.113.51').check({ user: 'colleague', realm: nod.realm, pass: '' })
        expect(elsewhere.status).toBe(200)
      },
    )
  })
})
