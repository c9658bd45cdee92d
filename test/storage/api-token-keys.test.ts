import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect, now as clock } from '../../src/connect.ts'
import { makeApp } from '../../src/http/app.ts'
import { issueApiToken } from '../../src/protocol/administration/api-token.ts'
import { instant, seconds } from '../../src/vocabulary.ts'
import { NOD } from '../objects/http-world.ts'
import { countTrips } from '../objects/counting.ts'
import { auditEntry, valueOf } from './example.ts'

/** An isolate that knows nothing yet. */
const isolate = (settings: Readonly<Record<string, string>> = {}) => connect(Object.assign({}, env, settings))
type Isolate = Awaited<ReturnType<typeof isolate>>

const HOUR = seconds(3600)
const tokenOf = async ({ credentials }: Isolate, lifetime = HOUR) =>
  valueOf(await credentials.issueAdministratorToken(credentials.bootstrap, lifetime))
const rotate = async ({ apiTokenKeys, credentials, now }: Isolate, compromised = false) =>
  valueOf(
    await apiTokenKeys.rotate(await credentials.newApiTokenKey(), compromised, auditEntry('rotate', { at: now() })),
  )
/** `ok`, or the reason for which an isolate refuses an API token. */
const verdict = async ({ credentials }: Isolate, token: string) => {
  const read = await credentials.readApiToken(token)
  return read.ok ? 'ok' : read.refusal.reason
}
const rows = async () => (await env.DB.prepare('SELECT * FROM api_token_keys ORDER BY created_at').all()).results

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM api_token_keys').run()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the key that signs API tokens', () => {
  it('is made once, although five isolates need the first at once, and each reads the tokens of all', async () => {
    const isolates = await Promise.all(Array.from({ length: 5 }, () => isolate()))
    const tokens = await Promise.all(isolates.map((one) => tokenOf(one)))
    expect(await rows()).toMatchObject([{ secret: expect.stringMatching(/^\d\./), retired_at: null }])
    for (const one of isolates) for (const token of tokens) expect(await verdict(one, token)).toBe('ok')
  })

  it('is not written for every API token, only when one is valid longer than those before', async () => {
    const one = await isolate()
    await tokenOf(one)
    await one.deployment.reload()
    const trips = countTrips()
    for (let count = 0; count < 5; count += 1) await tokenOf(one)
    expect(trips).toEqual([])
    await tokenOf(one, seconds(2 * 86_400))
    expect(trips).toHaveLength(1)
    const [row] = await rows()
    expect(Number(row?.['tokens_valid_until'])).toBeGreaterThan(one.now() + 2 * 86_400_000)
  })

  it('is replaced by rotation, and verifies what it signed in isolates that knew it and in new ones', async () => {
    const before = await isolate()
    const old = await tokenOf(before)
    await rotate(before)
    expect(await rows()).toMatchObject([{ retired_at: expect.any(Number) }, { retired_at: null }])
    const after = await isolate()
    const fresh = await tokenOf(after)
    expect(JSON.parse(atob(fresh.split('.')[0] ?? '')).kid).not.toBe(JSON.parse(atob(old.split('.')[0] ?? '')).kid)
    for (const one of [before, after])
      expect([await verdict(one, old), await verdict(one, fresh)]).toEqual(['ok', 'ok'])
  })

  it('that is compromised verifies nothing any more, and neither do those before it', async () => {
    const before = await isolate()
    const first = await tokenOf(before)
    await rotate(before)
    await before.deployment.reload()
    const second = await tokenOf(before)
    await rotate(before, true)
    const fresh = await tokenOf(await isolate())
    expect(await rows()).toHaveLength(1)
    await before.deployment.reload()
    for (const one of [before, await isolate()])
      expect([await verdict(one, first), await verdict(one, second), await verdict(one, fresh)]).toEqual([
        'authorization_undecodable',
        'authorization_undecodable',
        'ok',
      ])
  })

  it('is deleted by a rotation after its last API token has expired, and at once if it signed none', async () => {
    const one = await isolate()
    await tokenOf(one)
    await rotate(one)
    await rotate(one)
    expect(await rows()).toHaveLength(2)
    vi.useFakeTimers({ toFake: ['Date'], now: one.now() + 3 * 86_400_000 })
    await rotate(one)
    expect(await rows()).toHaveLength(1)
  })

  it('that was retired while an isolate signed with it signs nothing: that isolate takes the new one', async () => {
    const slow = await isolate()
    await tokenOf(slow)
    await rotate(await isolate())
    const late = await tokenOf(slow, seconds(5 * 86_400))
    const [old, current] = await rows()
    expect(JSON.parse(atob(late.split('.')[0] ?? '')).kid).toBe(current?.['id'])
    expect(Number(old?.['tokens_valid_until'])).toBeLessThan(slow.now() + 2 * 86_400_000)
  })

  it('that was retired and leaked later cannot sign what outlives all that it signed', async () => {
    const one = await isolate()
    await tokenOf(one)
    await rotate(one)
    const snapshot = valueOf(await one.deployment.reload())
    const retired = [...snapshot.apiTokenKeys.values()].find(({ retiredAt }) => retiredAt !== undefined)
    if (retired?.opened === undefined) throw new Error('no retired key')
    const { key, bootstrapGeneration: generation } = retired.opened
    const claims = { username: 'admin', realm: '', role: 'admin', rights: [], nonce: 'n', generation } as const
    const forged = (lifetime: number) => issueApiToken({ id: retired.id, key }, claims, one.now(), seconds(lifetime))
    expect(await verdict(one, await forged(60))).toBe('ok')
    expect(await verdict(one, await forged(30 * 86_400))).toBe('authorization_undecodable')
  })

  it('that does not open makes no API token wrong', async () => {
    const token = await tokenOf(await isolate())
    const other = await isolate({ MASTER_KEY: btoa('another root secret of 32 bytes!') })
    expect(await verdict(other, token)).toBe('storage_unavailable')
    expect(await other.credentials.issueAdministratorToken(other.credentials.bootstrap, HOUR)).toMatchObject({
      refusal: { reason: 'storage_unavailable' },
    })
  })
})

describe('an isolate', () => {
  it('that read the deployment before a rotation accepts API tokens of the new key at once, also ten at a time', async () => {
    const stale = await isolate()
    await tokenOf(stale)
    const other = await isolate()
    await rotate(other)
    await other.deployment.reload()
    const fresh = await tokenOf(other)
    const trips = countTrips()
    expect(new Set(await Promise.all(Array.from({ length: 10 }, () => verdict(stale, fresh))))).toEqual(new Set(['ok']))
    expect(trips).toHaveLength(1)
  })

  it('reads the deployment once in two seconds for keys that strangers make up, whatever they send meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: instant(Date.now()) })
    const one = await isolate()
    const [header = '', claims, signature] = (await tokenOf(one)).split('.')
    const madeUp = (number: number) => {
      const text = JSON.stringify({ ...JSON.parse(atob(header)), kid: String(number).padStart(16, '0') })
      return `${btoa(text).replace(/=+$/, '')}.${claims}.${signature}`
    }
    const trips = countTrips()
    for (let number = 0; number < 30; number += 1) {
      expect(await verdict(one, madeUp(number))).toBe('authorization_undecodable')
      one.deployment.markOutdated()
    }
    expect(trips).toHaveLength(1)
    vi.setSystemTime(one.now() + 2000)
    await verdict(one, madeUp(30))
    expect(trips).toHaveLength(2)
  })
})

it('at a check that needs a credential, an API token that cannot be verified is no missing one', async () => {
  const token = await tokenOf(await isolate())
  const closed = Object.assign({}, env, { ANONYMOUS_CHECK: 'deny' })
  // The primary and every replica.
  const away = [env.DB, env.DB.withSession('first-unconstrained')].map((one) =>
    vi.spyOn(Object.getPrototypeOf(one) as D1Database, 'batch').mockRejectedValue(new Error('away')),
  )
  const app = makeApp(() => connect(closed), clock)
  const check = async (authorization: string) => {
    const body = new URLSearchParams({ user: 'ada', pass: '', transaction_id: '1' })
    const request = new Request(`${NOD}/validate/check`, { method: 'POST', headers: { authorization }, body })
    return (await app(request, closed, createExecutionContext())).status
  }
  expect([await check(token), await check('')]).toEqual([503, 403])
  for (const one of away) one.mockRestore()
  expect(await check(token)).toBe(200)
})

describe('the generation of the configured administrator', () => {
  const generation = async (settings: Readonly<Record<string, string>> = {}) => {
    const [key] = valueOf(await (await isolate(settings)).deployment.reload()).apiTokenKeys.values()
    return key?.opened?.bootstrapGeneration
  }

  it('is the same in every isolate, and differs with another password, login or key', async () => {
    const one = await isolate()
    await tokenOf(one)
    const first = await generation()
    expect(first).toMatch(/^[\w-]{16}$/)
    expect(await generation()).toBe(first)
    expect(await generation({ ADMIN_PASSWORD: 'changed to another' })).not.toBe(first)
    expect(await generation({ ADMIN_LOGIN: 'root' })).not.toBe(first)
    await rotate(one)
    expect(await generation()).not.toBe(first)
  })
})
