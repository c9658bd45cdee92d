import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { sealer } from '../../src/storage/seal.ts'
import { signing } from '../../src/storage/signing-keys.ts'
import type { Bytes } from '../../src/vocabulary.ts'
import { failOnLog, now, random, ringOf, valueOf } from './example.ts'

const sealing = async (fill: number) => sealer(await ringOf(fill), random)

/** The signing of a separate isolate. The public key stays SPKI, so that the tests can import it. */
const isolate = async (more: { db?: D1Database; fill?: number; log?: typeof failOnLog } = {}) =>
  signing({
    db: more.db ?? env.DB,
    log: more.log ?? failOnLog,
    sealer: await sealing(more.fill ?? 1),
    bits: 2048,
    now: () => now,
    pkcs1FromSpki: (spki) => spki,
  })

async function verifies(signature: Bytes, text: string): Promise<boolean> {
  const row = await env.DB.prepare("SELECT public_key FROM signing_keys WHERE id = 'k2048-1'").first<{
    public_key: string
  }>()
  const spki = Uint8Array.from(atob(row?.public_key ?? ''), (char) => char.charCodeAt(0))
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, key, signature, utf8(text))
}

/** D1 that counts its queries, and can be made to fail. */
function watched() {
  const state = { prepared: 0, away: false }
  const db = new Proxy(env.DB, {
    get: () => (sql: string) => {
      state.prepared += 1
      if (state.away) throw new Error('D1 is away')
      return env.DB.prepare(sql)
    },
  })
  return { state, db }
}

describe('the signing key', () => {
  beforeEach(async () => {
    await env.DB.prepare('DELETE FROM signing_keys').run()
  })

  it('is one key, although five isolates need the first at once', async () => {
    const isolates = await Promise.all(Array.from({ length: 5 }, () => isolate()))
    const ids = await Promise.all(isolates.map((each) => each.current()))
    expect(ids.map(valueOf)).toEqual(Array.from({ length: 5 }, () => 'k2048-1'))
    const { results } = await env.DB.prepare('SELECT id, bits, created_at FROM signing_keys').all()
    expect(results).toEqual([{ id: 'k2048-1', bits: 2048, created_at: now }])
    const signatures = await Promise.all(isolates.map((each) => each.sign('k2048-1', 'a prompt')))
    for (const signature of signatures) expect(await verifies(valueOf(signature), 'a prompt')).toBe(true)
    expect(await verifies(valueOf(signatures[0] ?? never()), 'another')).toBe(false)
  })

  it('is stored sealed under its own name', async () => {
    await (await isolate()).current()
    const row = await env.DB.prepare('SELECT private_key FROM signing_keys').first<{ private_key: string }>()
    const seal = await sealing(1)
    expect(row?.private_key).toMatch(/^2\.[0-9a-f]{12}\./)
    expect(await seal.open('signing-key:k2048-1', row?.private_key ?? '')).toBeDefined()
    expect(await seal.open('signing-key:k2048-2', row?.private_key ?? '')).toBeUndefined()
  })

  it('is read and imported once by an isolate, however many requests sign at once', async () => {
    await (await isolate()).current()
    const { state, db } = watched()
    const warm = await isolate({ db })
    await Promise.all(Array.from({ length: 10 }, (_, index) => warm.sign('k2048-1', `prompt ${index}`)))
    await warm.sign('k2048-1', 'one more')
    await warm.current()
    await warm.current()
    expect(state.prepared).toBe(2)
  })

  it('is read again after D1 did not answer', async () => {
    await (await isolate()).current()
    const { state, db } = watched()
    const log = vi.fn<typeof failOnLog>()
    const each = await isolate({ db, log })
    state.away = true
    expect(await each.sign('k2048-1', 'x')).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
    expect(await each.current()).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
    state.away = false
    expect(await each.sign('k2048-1', 'x')).toMatchObject({ ok: true })
    expect(await each.current()).toEqual({ ok: true, value: 'k2048-1' })
  })

  it('is refused, with a line in the log, when it is missing or was sealed with another master key', async () => {
    await (await isolate()).current()
    const log = vi.fn<typeof failOnLog>()
    const stranger = await isolate({ fill: 9, log })
    expect(await stranger.sign('k2048-1', 'x')).toMatchObject({ ok: false })
    expect(await stranger.sign('k9999-1', 'x')).toMatchObject({ ok: false })
    expect(log.mock.calls).toEqual([
      ['signing_key_unusable', { id: 'k2048-1', why: 'key_unknown', key: (await ringOf(1)).all[0].id }],
      ['signing_key_unusable', { id: 'k9999-1', why: 'missing' }],
    ])
  })
})

function never(): never {
  throw new Error('there is always a first')
}
