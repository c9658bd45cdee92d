/** What a source costs before and after its limit, with the platform's own binding. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { rateLimits } from '../../src/connect/rate-limits.ts'
import { instant, seconds } from '../../src/vocabulary.ts'
import { inProcess } from '../driver/in-process.ts'
import { waitUntil } from '../driver/waiting.ts'
import type { Service } from '../simulation/service.ts'
import { countCalls, countTrips } from './counting.ts'
import { caller, equip, type Holder, newPhone, openService } from './http-world.ts'
import { ports, reconnect } from './world.ts'

let service: Service
let ada: Holder
beforeAll(async () => {
  service = await openService()
  ada = await equip('ada', 'polled', { pin: '1234' })
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Sends a request from an address, as Cloudflare tells it. */
async function from(address: string, method: string, path: string, form?: Readonly<Record<string, string>>) {
  const headers = { 'CF-Connecting-IP': address, 'Content-Type': 'application/x-www-form-urlencoded' }
  const body = form === undefined ? null : new URLSearchParams(form).toString()
  const response = await inProcess.fetch(new Request(`${inProcess.url}${path}`, { method, headers, body }))
  const text = await response.text()
  const { error } = text.startsWith('{') ? (JSON.parse(text) as { result: { error?: { code: number } } }).result : {}
  return { status: response.status, retryAfter: response.headers.get('Retry-After'), error }
}

let number = 0
const madeUpPoll = () => {
  number += 1
  const timestamp = new Date(ports.now()).toISOString()
  const query = { serial: `PIPUFLOOD${number}`, timestamp, signature: 'AAAAAAAA' }
  return `/ttype/push?${new URLSearchParams(query).toString()}`
}
const signIn = (address: string, username: string) =>
  from(address, 'POST', '/auth', { username, password: 'not this one' })

/** Sends requests until one is refused for their number. Returns how many went through. */
async function exhaust(send: () => Promise<{ readonly status: number }>, most: number): Promise<number> {
  for (let sent = 0; sent < most; sent += 10) {
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await send()).status))
    if (statuses.includes(429)) return sent + statuses.filter((status) => status !== 429).length
  }
  throw new Error(`not limited after ${most} requests`)
}

describe('made-up serials from one address', () => {
  const address = '198.51.100.1'
  it('are looked up one by one until there are 300 in a minute, and then together, once a second', async () => {
    expect(await exhaust(() => from(address, 'GET', madeUpPoll()), 800)).toBeGreaterThanOrEqual(300)
    // The requests before have been recorded.
    await waitUntil(async () => ports.rateLimits.wait('miss', address) > 0)
    const [trips, calls] = [countTrips(), countCalls()]
    const replies = await Promise.all(Array.from({ length: 100 }, () => from(address, 'GET', madeUpPoll())))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([429]))
    expect(trips.flat().filter((sql) => sql.includes('FROM tokens')).length).toBeLessThanOrEqual(1)
    expect(calls.filter((call) => call.startsWith('Phone.'))).toEqual([])
    expect(replies[0]).toMatchObject({
      error: { code: 903 },
      retryAfter: expect.stringMatching(/^[1-9]\d?$/) as string,
    })
  })

  it('are told from a real one by its signature, before its object is called', async () => {
    const calls = countCalls()
    const forged = new URLSearchParams(await signedPoll(ada))
    forged.set('signature', 'AAAAAAAA')
    expect((await from(address, 'GET', `/ttype/push?${forged.toString()}`)).status).toBe(429)
    expect(calls).toEqual([])
  })

  it('limit nobody elsewhere, and no service with a key', async () => {
    expect((await from('198.51.100.2', 'GET', madeUpPoll())).status).toBe(400)
    const { value } = await service.call('POST', '/apikey', { form: { name: 'vpn', role: 'validate' } })
    const { key } = value as { key: string }
    const form = { user: 'nobody-at-all', realm: 'polled', pass: '1' }
    const headers = { 'CF-Connecting-IP': address }
    for (let sent = 0; sent < 20; sent += 1) {
      const reply = await caller(key).call('POST', '/validate/check', { form, headers })
      expect(reply.status).toBe(400)
    }
    // Without the key, the same request from there is not looked up.
    const trips = countTrips()
    expect((await from(address, 'POST', '/validate/check', form)).status).toBe(429)
    expect(trips).toEqual([])
  })

  it('do not keep a phone from registering, nor from answering', async () => {
    const detail = await service.init({ user: 'kay', realm: 'polled' })
    const phone = newPhone({
      fetch: (request) => {
        request.headers.set('CF-Connecting-IP', address)
        return inProcess.fetch(request)
      },
    })
    const { serial } = await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    const { transactionId } = await service.trigger({ user: 'kay', realm: 'polled' })
    const [prompt] = await phone.poll(serial)
    if (prompt === undefined) throw new Error('no prompt')
    await phone.accept(prompt)
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
    const trips = countTrips()
    const registration = { serial, enrollment_credential: 'ab'.repeat(20), fbtoken: '', pubkey: 'x' }
    expect((await from(address, 'POST', '/ttype/push', registration)).status).toBe(429)
    expect(trips).toEqual([])
  })

  it('wake no object while D1 is down, and the phone that shares the address is heard', async () => {
    // This isolate knows its key from now on.
    expect((await from(address, 'GET', `/ttype/push?${await signedPoll(ada)}`)).status).toBe(200)
    const down = vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('D1 is down')
    })
    const calls = countCalls()
    const replies = await Promise.all(Array.from({ length: 50 }, () => from(address, 'GET', madeUpPoll())))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([429]))
    expect(calls.filter((call) => call.startsWith('Phone.'))).toEqual([])
    expect((await from(address, 'GET', `/ttype/push?${await signedPoll(ada)}`)).status).toBe(200)
    expect(calls.filter((call) => call.startsWith('Phone.'))).toEqual(['Phone.poll'])
    down.mockRestore()
  })
})

describe('made-up serials from an address that is not limited yet, while D1 is down,', () => {
  it.each([
    ['polls', '198.51.100.60', () => (address: string) => from(address, 'GET', madeUpPoll())],
    [
      'answers',
      '198.51.100.61',
      () => (address: string) => {
        number += 1
        const form = { serial: `PIPUFLOOD${number}`, nonce: 'A'.repeat(64), signature: 'AAAAAAAA' }
        return from(address, 'POST', '/ttype/push', form)
      },
    ],
  ] as const)('in %s wake objects until there are 300 of them, and none after', async (_, address, make) => {
    const send = make()
    for (let used = 0; used < 250; used += 1) await env.MISS_LIMIT.limit({ key: `miss ${address}` })
    vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('D1 is down')
    })
    vi.spyOn(console, 'log').mockReturnValue()
    const calls = countCalls()
    const phoneCalls = () => calls.filter((call) => call.startsWith('Phone.')).length
    let sent = 0
    while (ports.rateLimits.wait('miss', address) === 0 && sent < 900) {
      await Promise.all(Array.from({ length: 10 }, () => send(address)))
      sent += 10
    }
    expect(ports.rateLimits.wait('miss', address)).toBeGreaterThan(0)
    expect(phoneCalls()).toBeLessThanOrEqual(sent)
    const before = phoneCalls()
    await Promise.all(Array.from({ length: 100 }, () => send(address)))
    expect(phoneCalls()).toBe(before)
  })
})

describe('refused sign-ins', () => {
  it('from one address are refused without a look-up after 30 in a minute, for every name that has not signed in from there', async () => {
    const address = '198.51.100.10'
    const good = { username: 'admin', password: 'adminpw-of-tests' }
    expect((await from(address, 'POST', '/auth', good)).status).toBe(200)
    let name = 0
    const sent = await exhaust(() => signIn(address, `made-up-${(name += 1)}`), 100)
    expect(sent).toBeGreaterThanOrEqual(30)
    const [trips, calls] = [countTrips(), countCalls()]
    expect((await signIn(address, 'made-up')).status).toBe(429)
    expect([trips, calls]).toEqual([[], []])
    expect((await from(address, 'POST', '/auth', good)).status).toBe(200)
    expect((await from('198.51.100.11', 'POST', '/auth', good)).status).toBe(200)
  })
})

describe('one transaction', () => {
  it('is polled 600 times in a minute by one network, and by others all the same', async () => {
    const { transactionId } = await service.trigger(ada.who)
    const poll = (address: string) => from(address, 'GET', `/validate/polltransaction/${transactionId}`)
    expect(await exhaust(() => poll('198.51.100.20'), 1300)).toBeGreaterThanOrEqual(600)
    const calls = countCalls()
    expect((await poll('198.51.100.20')).status).toBe(429)
    expect(calls).toEqual([])
    expect((await poll('198.51.100.21')).status).toBe(200)
  })
})

describe('without an address that somebody vouches for', () => {
  it('nothing is counted, whatever a caller says of itself', async () => {
    const count = vi.spyOn(ports.rateLimits, 'count')
    const headers = { 'X-Forwarded-For': '203.0.113.1', 'X-Real-IP': '203.0.113.1', Forwarded: 'for=203.0.113.1' }
    expect((await service.call('GET', madeUpPoll(), { headers })).status).toBe(400)
    const form = { username: 'made-up', password: 'x' }
    expect((await service.call('POST', '/auth', { headers, form })).status).toBe(401)
    expect(count).not.toHaveBeenCalled()
  })

  it('one that a caller claims beside the real one moves nothing to another network', async () => {
    const count = vi.spyOn(ports.rateLimits, 'count')
    const headers = { 'CF-Connecting-IP': '198.51.100.50', 'X-Forwarded-For': '203.0.113.1' }
    const form = { user: 'nobody-at-all', pass: '1', client: '203.0.113.2' }
    expect((await service.call('POST', '/validate/check', { headers, form })).status).toBe(400)
    await waitUntil(() => count.mock.calls.length > 0)
    expect(count.mock.calls).toEqual([['miss', '198.51.100.50']])
  })
})

describe('without the bindings', () => {
  const world = { now: () => instant(Date.now()), random: ports.random, log: () => undefined }
  it('nothing is limited, and the health report says so', async () => {
    const limits = rateLimits({}, true, world)
    expect(limits.unbound).toEqual(['sign_in', 'enrollment', 'miss'])
    expect(await limits.count('miss', '198.51.100.30')).toBe(false)
    expect(limits.wait('miss', '198.51.100.30')).toBe(0)
  })

  it('a binding that fails limits nobody', async () => {
    const failing = { limit: () => Promise.reject(new Error('away')) }
    const limits = rateLimits({ MISS_LIMIT: failing }, true, world)
    expect(await limits.count('miss', '198.51.100.31')).toBe(false)
    expect(limits.wait('miss', '198.51.100.31')).toBe(seconds(0))
  })

  it('switched off, they are not called', async () => {
    const limit = vi.fn(async () => ({ success: false }))
    const limits = rateLimits({ MISS_LIMIT: { limit } }, false, world)
    expect([limits.status, limits.unbound, await limits.count('miss', '198.51.100.32')]).toEqual(['off', [], false])
    expect(limit).not.toHaveBeenCalled()
  })
})

describe('a new isolate', () => {
  it('learns from one miss that a network is limited', async () => {
    const address = '198.51.100.40'
    do {
      while ((await env.MISS_LIMIT.limit({ key: `miss ${address}` })).success);
      await reconnect()
      expect((await from(address, 'GET', madeUpPoll())).status).toBe(400)
      // Unless a minute began meanwhile.
    } while (!(await waitUntil(() => ports.rateLimits.wait('miss', address) > 0, 1000)))
    expect((await from(address, 'GET', madeUpPoll())).status).toBe(429)
  })
})

const signedPoll = async ({ phone, serial }: Holder): Promise<string> =>
  new URLSearchParams(await phone.phonePollQuery(serial)).toString()
