/** What a monitoring reads, and what is sent to those who pay for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { google, openNod, url } from './scene.ts'

let nod: Driver
let vpn: Service
let key: string
const service = 'metrics-vpn'

beforeAll(async () => {
  nod = await openNod('metrics')
  vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
  key = await nod.serviceKey('prometheus', 'metrics')
})
afterAll(async () => {
  await nod.revokeServiceKey('vpn')
  await nod.revokeServiceKey('prometheus')
  await nod.close()
})

const scrape = (headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}`, ...headers } })
const sample = async (name: string): Promise<number> => {
  await nod.service.call('POST', '/deployment/audit/flush')
  const line = (await (await scrape()).text()).split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? 0 : Number(line.slice(name.length + 1))
}
const logins = (outcome: string, mode = 'standard') =>
  sample(`nod_logins_total{outcome="${outcome}",service="${service}",mode="${mode}"}`)

describe('metrics', () => {
  it('count the logins of a service once each, with how long they took', async () => {
    const { owner, phone } = await nod.enroll('ada', { pushed: true })
    for (let count = 1; count <= 2; count++) {
      const { transactionId } = await vpn.trigger(owner)
      await phone.accept(await google.deliveredPrompt(phone))
      expect(await vpn.finalize(transactionId, owner)).toBe('ACCEPT')
      expect(await waitUntil(async () => (await logins('accepted')) === count)).toBe(true)
    }
    await vpn.call('POST', '/validate/check', { form: { ...owner, pass: 'wrong' } })
    expect(await waitUntil(async () => (await logins('refused', '')) === 1)).toBe(true)
    expect([await logins('accepted'), await logins('not_me')]).toEqual([2, 0])
    expect(await sample('nod_deliveries_total{firebase="fb1",result="delivered"}')).toBeGreaterThanOrEqual(2)
    const text = await (await scrape()).text()
    expect(text).toMatch(/^nod_login_step_seconds_bucket\{step="system",region="\w+",le="\+Inf"\} [1-9]/m)
    expect(text).toMatch(/^nod_login_refusals_total\{reason="pin_wrong"\} [1-9]/m)
    expect(text).toMatch(/^nod_shards_behind \d/m)
    // Nobody's name is in them.
    expect(text).not.toContain(owner.user)
  })

  it('are OpenMetrics, or what an older program asks for', async () => {
    const response = await scrape()
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'no-cache',
    ])
    expect((await response.text()).endsWith('\n# EOF\n')).toBe(true)
    const older = await scrape({ accept: 'text/plain' })
    expect(older.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('are for a key of their own, which opens no login and lists nothing', async () => {
    const prometheus = nod.caller({ authorization: key })
    const tries = [
      await prometheus.call('GET', '/token/'),
      await prometheus.call('GET', '/report/slo'),
      await prometheus.call('GET', '/auth/rights'),
      await prometheus.call('POST', '/validate/triggerchallenge', { form: { user: 'ada', realm: nod.realm } }),
      await vpn.call('GET', '/metrics'),
    ]
    expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    const stranger = await fetch(`${url}/metrics`)
    expect(stranger.status).toBe(401)
    expect((await fetch(`${url}/s/${key}/metrics`)).status).toBe(401)
  })
})

describe('the report of the service level', () => {
  it('tells which share of the logins took at most a second, and why others failed', async () => {
    const { status, value } = await nod.service.call('GET', '/report/slo', { query: { days: '1', service } })
    expect(status).toBe(200)
    expect(value).toMatchObject({
      within_ms: 1000,
      system: { count: 2, within: expect.any(Number), before: { count: 0, share: null } },
      logins: { total: 3, accepted: 2 },
      services: [{ service, logins: 3, accepted: 2, count: 2 }],
      regions: [{ count: 2 }],
      failures: [{ outcome: 'refused', count: 1 }],
      refusals: [{ reason: 'pin_wrong', count: 1, text: 'The PIN was wrong.', advice: expect.stringContaining('PIN') }],
    })
    const { share, count, within } = fields(fields(value)['system']) as Record<string, number>
    expect(share).toBe(Math.floor(((within ?? 0) / (count ?? 1)) * 10_000) / 10_000)
  })

  it('is a page to print, in German for Germans, without script', async () => {
    const month = new Date().toISOString().slice(0, 7)
    const response = await fetch(`${url}/report/slo?month=${month}&service=${service}&outform=html`, {
      headers: { authorization: nod.service.token ?? '', 'accept-language': 'de' },
    })
    const page = await response.text()
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).toContain('<html lang="de">')
    expect(page).toContain('Anmeldungen per Telefon')
    expect(page).toContain('Die PIN war falsch.')
    expect(page).not.toMatch(/<script|undefined|\[object/)
  })

  it('refuses a time that is none', async () => {
    const ask = async (query: Readonly<Record<string, string>>) =>
      (await nod.service.call('GET', '/report/slo', { query })).status
    expect([await ask({ days: '401' }), await ask({ month: '2026-13' }), await ask({ days: '0' })]).toEqual([
      400, 400, 400,
    ])
  })
})
