import * as fc from 'fast-check'
import { CompactSign } from 'jose'
import { describe, expect, it } from 'vitest'
import { type FindKey, issueApiToken, readApiToken } from '../../../src/protocol/administration/api-token.ts'
import { done, refuse } from '../../../src/refusal.ts'
import { instant, type Instant, addSeconds, seconds } from '../../../src/vocabulary.ts'
import { exchange, recording } from '../recordings.ts'

const keyOf = (fill: number) =>
  crypto.subtle.importKey('raw', new Uint8Array(32).fill(fill), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
const key = { id: '0123456789abcdef', key: await keyOf(1) }
const previous = { id: 'fedcba9876543210', key: await keyOf(2) }
/** Finds these keys by their ids. */
const among =
  (...keys: readonly (typeof key & { readonly tokensValidUntil?: Instant })[]): FindKey =>
  (id) =>
    Promise.resolve(done(keys.find((one) => one.id === id)))
const now = instant(1_764_000_000_500)
const hour = seconds(3600)
const ada = { username: 'ada', realm: '', role: 'admin', generation: 'g4711' } as const
const claims = { ...ada, rights: ['enable', 'disable'], nonce: '5d2ed5c046edb4164c4c4234773baabb4c17f7cf' }

const sign = (payload: string, alg = 'HS256') =>
  new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg, kid: key.id }).sign(key.key)

function partsOf(text: string): Record<string, unknown>[] {
  return text
    .split('.')
    .slice(0, 2)
    .map((part) => {
      const read: Record<string, unknown> = JSON.parse(Buffer.from(part, 'base64url').toString())
      return read
    })
}

describe('an API token', () => {
  it('names its holder until it expires', async () => {
    const text = await issueApiToken(key, claims, now, hour)
    const value = {
      ...ada,
      nonce: claims.nonce,
      keyId: key.id,
      expiresAt: Math.floor(addSeconds(now, hour) / 1000) * 1000,
    }
    expect(await readApiToken(among(key), text, now)).toEqual({ ok: true, value })
    expect(await readApiToken(among(previous, key), text, addSeconds(now, seconds(3599)))).toEqual({ ok: true, value })
    expect(await readApiToken(among(key), text, addSeconds(now, hour))).toEqual({
      ok: false,
      refusal: { reason: 'authorization_expired' },
    })
  })

  it('is refused from the second of its end on, and a fraction of a second after its issue does not count', async () => {
    const text = await issueApiToken(key, claims, now, hour)
    const end = Date.UTC(2025, 10, 24, 17)
    expect(await readApiToken(among(key), text, instant(end - 1))).toMatchObject({
      ok: true,
      value: { expiresAt: end },
    })
    expect(await readApiToken(among(key), text, instant(end))).toMatchObject({
      ok: false,
      refusal: { reason: 'authorization_expired' },
    })
  })

  it('of a user names the token of the phone that approved the sign-in', async () => {
    const user = { username: 'ada', realm: 'sales', role: 'user', generation: '4711', serial: 'PIPU1' } as const
    const text = await issueApiToken(key, { ...claims, ...user }, now, hour)
    expect(await readApiToken(among(key), text, now)).toMatchObject({ ok: true, value: user })
    expect(partsOf(text)[1]).toMatchObject({ authtype: 'pi', role: 'user', serial: 'PIPU1' })
  })

  it('has the header and claims of a recorded one', async () => {
    const value = exchange('01-auth', 'admin ok (form)').response.json?.result.value
    const recorded = typeof value === 'object' && 'token' in value ? (value.token ?? '') : ''
    const [header, payload = {}] = partsOf(await issueApiToken(key, claims, now, hour))
    const [recordedHeader, recordedPayload = {}] = partsOf(recorded)
    // One more than recorded in each: the key's id, and the generation.
    expect(header).toEqual({ ...recordedHeader, kid: key.id })
    expect(Object.keys(payload)).toEqual([...Object.keys(recordedPayload), 'generation'])
    expect(payload).toMatchObject({ role: 'admin', authtype: 'password', exp: 1_764_003_600 })
  })

  it('can be decoded with either alphabet of base64, whatever its holder is called', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(2), async (name, shift) => {
        const username = `${'x'.repeat(shift)}${name}~>?\u007f~>?ÿþ`.toWellFormed()
        const text = await issueApiToken(key, { ...claims, username }, now, hour)
        const payload = text.split('.')[1] ?? ''
        expect(payload).not.toMatch(/[-_]/)
        expect(Buffer.from(payload, 'base64').toString('latin1')).toMatch(/^[\x20-\x7d]*$/)
        expect(await readApiToken(among(key), text, now)).toMatchObject({ ok: true, value: { username } })
      }),
      { numRuns: 60 },
    )
  })

  it.each(['garbage token', 'token with wrong signature'])('is refused in the recorded words: %s', async (label) => {
    const { request, response } = exchange('01-auth', label)
    const read = await readApiToken(among(key), request.headers['Authorization'] ?? '', now)
    const why = response.json?.result.error?.message.split(': ').at(-1)
    expect(read).toEqual({ ok: false, refusal: { reason: 'authorization_undecodable', why } })
  })

  it('is refused when its header is none', async () => {
    const bearer = recording('01-auth').exchanges.find((one) => one.label === 'Bearer prefix')
    for (const text of [bearer?.request.headers['Authorization'] ?? '', 'a.b.c', '..', 'bnVsbA.e30.AA']) {
      expect(await readApiToken(among(key), text, now)).toEqual({
        ok: false,
        refusal: { reason: 'authorization_undecodable', why: 'Invalid header padding' },
      })
    }
  })

  it('is refused when its header names another algorithm, or none', async () => {
    const payload = Buffer.from('{}').toString('base64url')
    for (const alg of ['none', 'HS512', 'RS256', '', undefined, ['HS256']]) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url')
      expect(await readApiToken(among(key), `${header}.${payload}.`, now)).toMatchObject({
        ok: false,
        refusal: { why: 'The specified alg value is not allowed' },
      })
    }
  })

  it('is refused when another key signed it, or its payload was changed', async () => {
    const [header, , signature] = (await issueApiToken(key, claims, now, hour)).split('.')
    const forged = Buffer.from(JSON.stringify({ ...ada, exp: 2_000_000_000 })).toString('base64url')
    const failed = { ok: false, refusal: { reason: 'authorization_undecodable', why: 'Signature verification failed' } }
    expect(await readApiToken(among(key), `${header}.${forged}.${signature}`, now)).toEqual(failed)
    expect(await readApiToken(among(key), await issueApiToken(previous, claims, now, hour), now)).toEqual(failed)
    expect(await readApiToken(among(), await issueApiToken(key, claims, now, hour), now)).toEqual(failed)
  })

  it('is verified by the key that its header names, and by no other', async () => {
    const failed = { ok: false, refusal: { reason: 'authorization_undecodable', why: 'Signature verification failed' } }
    const impostor = await issueApiToken({ ...previous, id: key.id }, claims, now, hour)
    expect(await readApiToken(among(key, previous), impostor, now)).toEqual(failed)
    const asked: string[] = []
    const find: FindKey = (id) => {
      asked.push(id)
      return Promise.resolve(done(key))
    }
    const body = Buffer.from(JSON.stringify({ ...ada, exp: 2_000_000_000 })).toString('base64url')
    for (const kid of [undefined, '', 7, ['0123456789abcdef'], "' OR 1=1", 'A'.repeat(16), '0'.repeat(4000)]) {
      const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid })).toString('base64url')
      expect(await readApiToken(find, `${header}.${body}.AA`, now)).toEqual(failed)
    }
    expect(asked).toEqual([])
  })

  it('of a retired key is valid until its own end, but none that would end after all that the key signed', async () => {
    const text = await issueApiToken(key, claims, now, hour)
    const end = instant(Date.UTC(2025, 10, 24, 17))
    expect(await readApiToken(among({ ...key, tokensValidUntil: end }), text, now)).toMatchObject({ ok: true })
    expect(await readApiToken(among({ ...key, tokensValidUntil: instant(end - 1) }), text, now)).toMatchObject({
      refusal: { why: 'Signature verification failed' },
    })
  })

  it('is not called wrong when its key cannot be looked up', async () => {
    const unavailable = refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })
    const text = await issueApiToken(key, claims, now, hour)
    expect(await readApiToken(() => Promise.resolve(unavailable), text, now)).toEqual(unavailable)
  })

  it('is refused when it is signed but lacks a claim, or has one that it cannot have', async () => {
    const payloads = [
      'not JSON',
      '[]',
      '{}',
      JSON.stringify({ ...ada, role: 'user', exp: 2_000_000_000 }),
      JSON.stringify({ ...ada, serial: 'PIPU1', exp: 2_000_000_000 }),
      JSON.stringify({ ...ada, role: 'root', exp: 2_000_000_000 }),
      JSON.stringify({ ...ada, exp: '2000000000' }),
      JSON.stringify({ ...ada, exp: null }),
      JSON.stringify(ada),
      JSON.stringify({ ...ada, generation: undefined, exp: 2_000_000_000 }),
    ]
    for (const payload of payloads) {
      expect(await readApiToken(among(key), await sign(payload), now)).toMatchObject({
        ok: false,
        refusal: { reason: 'authorization_undecodable', why: 'Invalid payload' },
      })
    }
  })
})
