/** Nod on an address that others reach, as `HOST=0.0.0.0 npm start` serves it: callers there are strangers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { Phone } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import { NodProcess, stillRunning } from './nod-process.ts'

const PUBLIC_HOST = 'nod.example'
let folder = ''
const started: NodProcess[] = []

/** Starts a Nod on all addresses of this machine. Returns the administrator's script. */
async function expose(name: string, settings: Record<string, string> = {}): Promise<Service> {
  const state = join(folder, name)
  const nod = new NodProcess({
    HOST: '0.0.0.0',
    NOD_STATE: state,
    ADMIN_PASSWORD: 'adminpw-of-tests',
    SIGNING_KEY_BITS: '2048',
    ...settings,
  })
  started.push(nod)
  const service = new Service({ baseUrl: await nod.url() })
  await service.auth('admin', 'adminpw-of-tests')
  return service
}

/** Sends a request with any headers, also those that `fetch` sets itself. */
const send = (url: string, headers: Record<string, string>, form?: Record<string, string>) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const body = form === undefined ? '' : new URLSearchParams(form).toString()
    const sent = request(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }), ...headers },
    })
    sent.on('error', reject).on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text })).on('error', reject)
    })
    sent.end(body)
  })

let nod: Service
let behindProxy: Service
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nod-exposed-'))
  ;[nod, behindProxy] = await Promise.all([
    expose('plain'),
    expose('proxy', {
      ADDRESS_HEADER: 'X-Forwarded-For',
      PUBLIC_URL: `https://${PUBLIC_HOST}`,
      ANONYMOUS_CHECK: 'allow',
    }),
  ])
})
afterAll(async () => {
  for (const one of started.splice(0)) {
    one.kill('SIGTERM')
    await one.ended()
  }
  rmSync(folder, { recursive: true, force: true })
})

/** The addresses of refused sign-ins, as the audit has them. Whom they named it does not say. */
async function addressesOf(service: Service): Promise<string[]> {
  const { auditdata } = (await service.call('GET', '/audit/', { query: { action: 'POST /auth', success: '0' } }))
    .value as {
    auditdata: { client: string }[]
  }
  return auditdata.map(({ client }) => client)
}

describe('on an address that others reach', () => {
  it('nobody may check a PIN without a key', async () => {
    const reply = await new Service({ baseUrl: nod.baseUrl }).call('POST', '/validate/check', {
      form: { user: 'ada', pass: '1' },
    })
    expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
  })

  it('a caller cannot say where it comes from', async () => {
    for (const name of ['CF-Connecting-IP', 'X-Nod-Address', 'X-Real-IP', 'True-Client-IP']) {
      const form = { username: 'mallory', password: 'guess' }
      expect((await send(`${nod.baseUrl}/auth`, { [name]: '203.0.113.9' }, form)).status).toBe(401)
    }
    await waitUntil(async () => (await addressesOf(nod)).length === 4)
    expect(new Set(await addressesOf(nod))).toEqual(new Set(['127.0.0.1']))
  })

  it('a proxy may, where ADDRESS_HEADER names its header, and what stands before its own word does not count', async () => {
    const form = { username: 'mallory', password: 'guess' }
    await send(`${behindProxy.baseUrl}/auth`, { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' }, form)
    await send(`${behindProxy.baseUrl}/auth`, { 'CF-Connecting-IP': '203.0.113.9' }, form)
    await waitUntil(async () => (await addressesOf(behindProxy)).length === 2)
    expect((await addressesOf(behindProxy)).toSorted()).toEqual(['127.0.0.1', '198.51.100.7'])
  })

  it('sign-ins are limited by the address that a trusted proxy tells, and by none where nobody tells one', async () => {
    const guess = async (service: Service, turn: number, headers: Record<string, string>) =>
      (await send(`${service.baseUrl}/auth`, headers, { username: `guess-${turn}`, password: 'x' })).status
    const guesses = async (service: Service, most: number, headers: (turn: number) => Record<string, string>) => {
      const statuses: number[] = []
      // A minute may begin meanwhile.
      while (statuses.length < most && !statuses.includes(429))
        statuses.push(await guess(service, statuses.length, headers(statuses.length)))
      return statuses
    }
    const limited = await guesses(behindProxy, 62, (turn) => ({ 'X-Forwarded-For': `203.0.113.${turn}, 198.51.100.8` }))
    expect(limited.length).toBeGreaterThan(30)
    expect(limited.at(-1)).toBe(429)
    expect(await guess(behindProxy, 0, { 'X-Forwarded-For': '198.51.100.9' })).toBe(401)
    expect(await guesses(nod, 31, () => ({ 'X-Forwarded-For': '198.51.100.8' }))).not.toContain(429)
    expect(await guesses(behindProxy, 31, () => ({}))).not.toContain(429)
    const info = async (service: Service) => {
      const { text } = await service.call('GET', '/healthz', { query: { deep: '1' } })
      const { checks } = JSON.parse(text) as { checks: { name: string; ok: boolean; info: string }[] }
      return checks.find(({ name }) => name === 'rate_limits')
    }
    expect(await info(behindProxy)).toMatchObject({ ok: true, info: expect.stringMatching(/^on/) })
    expect(await info(nod)).toMatchObject({ ok: true, info: expect.stringMatching(/^off/) })
  })

  it('headers that steer the runtime are dropped, and its tools are not served', async () => {
    const steering: readonly Record<string, string>[] = [
      { 'MF-CF-Blob': '{broken' },
      { 'MF-CF-Blob': '{"continent":"AS","longitude":"139"}' },
      { 'MF-Original-URL': 'https://evil.example/docs' },
      { 'MF-Proxy-Shared-Secret': 'guess' },
      { 'MF-Route-Override': 'nod' },
      { 'MF-Disable-Pretty-Error': '1' },
      { 'X-Forwarded-Proto': 'https' },
    ]
    for (const headers of steering) {
      const { status, body } = await send(`${nod.baseUrl}/auth/rights`, headers)
      expect({
        headers,
        status,
        code: (JSON.parse(body) as { result: { error: { code: number } } }).result.error.code,
      }).toEqual({
        headers,
        status: 401,
        code: 4033,
      })
    }
    for (const path of [
      '/cdn-cgi/handler/scheduled',
      '/cdn-cgi/mf/scheduled',
      '/cdn-cgi/platform-proxy',
      '/cdn-cgi/explorer',
    ]) {
      expect((await send(nod.baseUrl + path, {})).status).toBe(404)
    }
  })

  it('a token is enrolled where phones reach Nod, and nowhere that the caller names', async () => {
    const enroll = async (service: Service, host: string) => {
      const form = { type: 'push', genkey: '1', user: 'ada' }
      const headers = { Host: host, Authorization: service.token ?? '' }
      const { status, body } = await send(`${service.baseUrl}/token/init`, headers, form)
      return {
        status,
        body: JSON.parse(body) as { result: { error?: { message: string } }; detail?: { pushurl: { value: string } } },
      }
    }
    const refused = await enroll(nod, 'evil.example')
    expect(refused).toMatchObject({
      status: 400,
      body: { result: { error: { code: 905, message: expect.stringContaining('Set PUBLIC_URL') } } },
    })
    // A phone that scans this one asks itself.
    expect((await enroll(nod, '127.0.0.1:8787')).status).toBe(200)
    const enrolled = await enroll(behindProxy, 'evil.example')
    expect(enrolled.status).toBe(200)
    const address = new URL(enrolled.body.detail?.pushurl.value ?? '').searchParams.get('url')
    expect(address).toBe(`https://${PUBLIC_HOST}/ttype/push`)
  })

  it('says at its start that phones cannot be enrolled without PUBLIC_URL', async () => {
    const [plain, proxied] = started
    await waitUntil(() => (plain?.output ?? '').includes('set PUBLIC_URL'))
    expect(plain?.output).toContain('only from this machine: set PUBLIC_URL')
    expect(proxied?.output).not.toContain('set PUBLIC_URL')
  })

  it('a login goes through from trigger to finalize, a waiting caller included', async () => {
    await nod.setPolicy('reach', 'enrollment', {
      push_registration_url: `${nod.baseUrl}/ttype/push`,
      push_firebase_configuration: 'poll only',
    })
    const phone = new Phone()
    await phone.register(phone.scan((await nod.init({ user: 'grace', pin: '1234' })).pushurl?.value ?? ''))
    const login = await nod.trigger('grace')
    const waiting = nod.call('GET', `/validate/polltransaction/${login.transactionId}`, { query: { wait: '30' } })
    for (const prompt of await phone.poll()) await phone.accept(prompt)
    expect((await waiting).detail).toMatchObject({ challenge_status: 'accept' })
    const key = (await nod.call('POST', '/apikey', { form: { name: 'vpn', role: 'validate' } })).value as {
      key: string
    }
    const vpn = new Service({ baseUrl: nod.baseUrl, authorization: key.key })
    expect(await vpn.finalize(login.transactionId, 'grace')).toBe('ACCEPT')
  })

  it('a body that is too large is refused, and the next request is answered', async () => {
    const large = { username: 'x'.repeat(200_000), password: 'x' }
    expect((await send(`${nod.baseUrl}/auth`, {}, large)).status).toBe(413)
    expect((await send(`${nod.baseUrl}/healthz`, {})).status).toBe(200)
  })

  it('Nod is reached again after its runtime has crashed', async () => {
    const [plain] = started
    const runtime = plain?.children().find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd')
    if (runtime === undefined) throw new Error('no runtime')
    process.kill(runtime, 'SIGKILL')
    await waitUntil(() => stillRunning([runtime]).length === 0)
    expect(await waitUntil(async () => (await send(`${nod.baseUrl}/healthz`, {})).status === 200)).toBe(true)
  })

  it('a request that names another host in its target is refused', async () => {
    const answered = await new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(nod.baseUrl)
      request({ hostname, port, path: 'http://evil.example/healthz' })
        .on('error', reject)
        .on('response', (response) => resolve(response.resume().statusCode ?? 0))
        .end()
    })
    expect(answered).toBe(400)
  })
})
