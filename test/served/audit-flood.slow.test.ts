import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { type Reply, fields } from '../simulation/reply.ts'
import { Phone } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import { NodProcess } from './nod-process.ts'

/** Nod's default: 100 an hour for a region, which its two shards divide. */
const BUDGET = 100

const state = mkdtempSync(join(tmpdir(), 'nod-flood-'))
const nod = new NodProcess({
  NOD_STATE: state,
  ADMIN_LOGIN: 'admin',
  ADMIN_PASSWORD: 'adminpw-of-tests',
  SIGNING_KEY_BITS: '2048',
})
let service = new Service({ baseUrl: '' })
let stranger = service

beforeAll(async () => {
  const baseUrl = await nod.url()
  service = new Service({ baseUrl })
  stranger = new Service({ baseUrl })
  await service.auth('admin', 'adminpw-of-tests')
})
afterAll(async () => {
  nod.kill('SIGTERM')
  await nod.ended()
  rmSync(state, { recursive: true, force: true })
})

/** Requests that need no credential, of many routes and reasons. */
const REQUESTS: readonly (() => Promise<Reply>)[] = [
  () => stranger.check({ user: 'nobody', pass: '1' }),
  () => stranger.check({ serial: 'NOSUCH', pass: '1' }),
  () => stranger.check({ transaction_id: '01234567890123456789', pass: '', user: 'nobody' }),
  () => stranger.call('POST', '/validate/triggerchallenge', { form: { user: 'ada' } }),
  () => stranger.call('POST', '/auth', { form: { username: 'nobody', password: 'x' } }),
  () => stranger.call('POST', '/auth', { form: { username: 'nobody@nowhere', password: 'x', realm: 'nowhere' } }),
  () => stranger.call('GET', '/token/'),
  () => stranger.call('GET', '/audit/', { headers: { authorization: 'no.api.token' } }),
  () => stranger.call('POST', '/token/disable/NOSUCH'),
  () => stranger.call('DELETE', '/policy/none'),
  () => stranger.call('POST', '/ttype/push', { form: { serial: 'NOSUCH', nonce: 'x', signature: 'AAAA' } }),
  () =>
    stranger.call('POST', '/ttype/push', {
      form: { serial: 'NOSUCH', fbtoken: 'x', pubkey: 'x', enrollment_credential: 'x' },
    }),
]

const audited = async (query: Record<string, string>) => {
  const reply = await service.call('GET', '/audit/', { query: { page_size: '500', ...query } })
  const { auditdata, count } = fields(reply.value)
  return { lines: auditdata as readonly Record<string, unknown>[], count: Number(count) }
}

it('800 requests of strangers in a second are as many records as the budget allows, and hide no evidence', async () => {
  const phone = new Phone()
  await phone.register(phone.scan((await service.init({ user: 'ada', pin: '1234' })).pushurl?.value ?? ''))
  // Ada's own try, then the flood, in the midst of which somebody guesses an administrator's password.
  await stranger.check({ user: 'ada', pass: 'wrong' })
  const flood = Array.from({ length: 800 }, (_, index) => REQUESTS[index % REQUESTS.length]?.())
  await stranger.call('POST', '/auth', { form: { username: 'admin', password: 'guessed' } })
  const statuses = (await Promise.all(flood)).map((reply) => reply?.status ?? 0)
  expect(statuses.filter((status) => status >= 500)).toEqual([])
  await stranger.check({ user: 'ada', pass: 'wrong again' })
  // Refusals are recorded after their response.
  const wrongPins = { user: 'ada', action: 'POST /validate/check' }
  await waitUntil(async () => (await audited(wrongPins)).count >= 2)

  const evidence = await audited(wrongPins)
  expect(evidence.lines.map(({ info }) => info)).toEqual(['wrong otp pin', 'wrong otp pin'])
  const guessed = await audited({ user: 'admin', action: 'POST /auth' })
  expect(guessed.lines).toHaveLength(1)
  const { count } = await audited({})
  const administration = await audited({ administrator: 'admin' })
  const registered = await audited({ info: 'registered' })
  const strangers = count - administration.count - registered.count - evidence.count - guessed.count
  expect(strangers).toBeGreaterThan(BUDGET / 2)
  expect(strangers).toBeLessThanOrEqual(BUDGET)
})
