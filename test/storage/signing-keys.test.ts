import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { compilePolicies } from '../../src/rules/policy/policy-set.ts'
import { deployment } from '../../src/storage/deployment.ts'
import { sealer } from '../../src/storage/seal.ts'
import { signing } from '../../src/storage/signing-keys.ts'
import { type Bytes, type Epoch, revision } from '../../src/vocabulary.ts'
import { add, auditEntry, failOnLog, newToken, now, random, ringOf, storage, valueOf } from './example.ts'

const sealing = async (fill: number) => sealer(await ringOf(fill), random)

const snapshotsOf = ({ db = env.DB, log = failOnLog }: { db?: D1Database; log?: typeof failOnLog } = {}) =>
  deployment(
    db,
    log,
    compilePolicies,
    { login: 'grace', role: 'admin', disabled: false, phoneRequired: false },
    () => now,
    () => Promise.resolve([]),
  )

/** A token that has the key. */
const token = { revision: revision(7) }

/** The signing of a separate isolate. The public key stays SPKI, so that the tests can import it. */
const isolate = async (
  more: { db?: D1Database; fill?: number; log?: typeof failOnLog; snapshots?: ReturnType<typeof snapshotsOf> } = {},
) =>
  signing({
    db: more.db ?? env.DB,
    log: more.log ?? failOnLog,
    deployment: more.snapshots ?? snapshotsOf(more),
    sealer: await sealing(more.fill ?? 1),
    resealOnUse: () => undefined,
    bits: 2048,
    now: () => now,
    pkcs1FromSpki: (spki) => spki,
  })

async function verifies(signature: Bytes, text: string, id = 'k2048-1'): Promise<boolean> {
  const row = await env.DB.prepare('SELECT public_key FROM signing_keys WHERE id = ?').bind(id).first<{
    public_key: string
  }>()
  const spki = Uint8Array.from(atob(row?.public_key ?? ''), (char) => char.charCodeAt(0))
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, key, signature, utf8(text))
}

/** D1 that counts how often a key is read, and can be made to fail. */
function watched() {
  const state = { read: 0, away: false }
  const db = new Proxy(env.DB, {
    get: (target, property) => {
      if (state.away) throw new Error('D1 is away')
      if (property === 'batch') return target.batch.bind(target)
      return (sql: string) => {
        // The snapshot of the deployment has the newest keys besides.
        if (sql.startsWith('SELECT private_key')) state.read += 1
        return target.prepare(sql)
      }
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
    const signatures = await Promise.all(isolates.map((each) => each.sign('k2048-1', 'a prompt', token)))
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
    await Promise.all(Array.from({ length: 10 }, (_, index) => warm.sign('k2048-1', `prompt ${index}`, token)))
    await warm.sign('k2048-1', 'one more', token)
    await warm.current()
    await warm.current()
    expect(state.read).toBe(1)
  })

  it('is not read apart by an isolate that has read the deployment', async () => {
    await (await isolate()).current()
    const { state, db } = watched()
    const each = await isolate({ db })
    expect(await each.current()).toEqual({ ok: true, value: 'k2048-1' })
    expect(await verifies(valueOf(await each.sign('k2048-1', 'a prompt', token)), 'a prompt')).toBe(true)
    expect(state.read).toBe(0)
  })

  it('is read again after D1 did not answer', async () => {
    await (await isolate()).current()
    const { state, db } = watched()
    const log = vi.fn<typeof failOnLog>()
    const each = await isolate({ db, log })
    state.away = true
    expect(await each.sign('k2048-1', 'x', token)).toMatchObject({
      ok: false,
      refusal: { reason: 'storage_unavailable' },
    })
    expect(await each.current()).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
    state.away = false
    expect(await each.sign('k2048-1', 'x', token)).toMatchObject({ ok: true })
    expect(await each.current()).toEqual({ ok: true, value: 'k2048-1' })
  })

  describe('that is replaced by another one of its name', () => {
    const replaceBy = (row: Readonly<Record<string, unknown>>) =>
      env.DB.batch([
        env.DB.prepare('DELETE FROM signing_keys WHERE id = ?').bind(row['id']),
        env.DB.prepare('INSERT INTO signing_keys VALUES (?, ?, ?, ?, ?)').bind(
          ...['id', 'bits', 'private_key', 'public_key', 'created_at'].map((column) => row[column]),
        ),
      ])
    /** Makes another key under this name, and puts back what was there. Returns the other. */
    async function anotherKey() {
      const kept = await env.DB.prepare('SELECT * FROM signing_keys').first()
      await env.DB.prepare('DELETE FROM signing_keys').run()
      await (await isolate()).current()
      const other = await env.DB.prepare('SELECT * FROM signing_keys').first()
      await env.DB.prepare('DELETE FROM signing_keys').run()
      if (kept !== null) await replaceBy(kept)
      return other ?? never()
    }

    it('by a restore signs no more once the isolate has read the deployment again', async () => {
      const snapshots = snapshotsOf()
      const each = await isolate({ snapshots })
      await each.current()
      const signs = async () => verifies(valueOf(await each.sign('k2048-1', 'x', token)), 'x')
      expect(await signs()).toBe(true)
      await replaceBy(await anotherKey())
      await snapshots.reload()
      expect(await signs()).toBe(true)
    })

    it('by a restore signs no more in another epoch, also where the isolate has not read the deployment again', async () => {
      const each = await isolate()
      await each.current()
      const signs = async (epoch: number) =>
        verifies(valueOf(await each.sign('k2048-1', 'x', { ...token, epoch: epoch as Epoch })), 'x')
      expect(await signs(1)).toBe(true)
      await replaceBy(await anotherKey())
      expect(await signs(1_799_000_000_000)).toBe(true)
    })

    it('by a restore signs no more in another epoch, also where the snapshot lacks it', async () => {
      const { state, db } = watched()
      const each = await isolate({ db })
      await (await isolate()).current()
      const signs = async (epoch?: number) =>
        verifies(valueOf(await each.sign('k2048-1', 'x', { ...token, ...(epoch && { epoch: epoch as Epoch }) })), 'x')
      expect([await signs(), await signs()]).toEqual([true, true])
      await replaceBy(await anotherKey())
      expect([await signs(1_795_000_000_000), await signs(1_795_000_000_000)]).toEqual([true, true])
      expect(state.read).toBe(2)
    })
  })

  it('is refused, with a line in the log, when it is missing or was sealed with another master key', async () => {
    await (await isolate()).current()
    const log = vi.fn<typeof failOnLog>()
    const stranger = await isolate({ fill: 9, log })
    expect(await stranger.sign('k2048-1', 'x', token)).toMatchObject({ ok: false })
    expect(await stranger.sign('k9999-1', 'x', token)).toMatchObject({ ok: false })
    expect(log.mock.calls).toEqual([
      ['signing_key_unreadable', { id: 'k2048-1', why: 'key_unknown', key: (await ringOf(1)).all[0].id }],
      ['signing_key_unreadable', { id: 'k9999-1', why: 'missing' }],
    ])
  })
})

describe('rotation of the signing key', () => {
  const table = () => storage().signingKeys
  const rotated = async (each: Awaited<ReturnType<typeof isolate>>, snapshotOf = snapshot) => {
    const key = await each.generateNext(await snapshotOf())
    return valueOf(await table().add(key, auditEntry('rotate')))
  }
  const snapshot = async () => valueOf(await snapshotsOf().reload())

  beforeEach(async () => {
    await env.DB.batch(
      ['signing_keys', 'deleted_signing_keys', 'tokens'].map((name) => env.DB.prepare(`DELETE FROM ${name}`)),
    )
  })

  it('gives new tokens another key, while the one before goes on signing', async () => {
    const [each, other] = [await isolate(), await isolate()]
    expect(await each.current()).toEqual({ ok: true, value: 'k2048-1' })
    expect(await rotated(each)).toBe(true)
    expect(await (await isolate()).current()).toEqual({ ok: true, value: 'k2048-2' })
    const [old, fresh] = [
      valueOf(await other.sign('k2048-1', 'x', token)),
      valueOf(await other.sign('k2048-2', 'x', token)),
    ]
    expect([await verifies(old, 'x'), await verifies(fresh, 'x')]).toEqual([true, false])
    expect(await verifies(fresh, 'x', 'k2048-2')).toBe(true)
  })

  it('happens once when two ask for it at once', async () => {
    const [each, other] = [await isolate(), await isolate()]
    await each.current()
    const seen = await snapshot()
    const outcomes = await Promise.all([each, other].map((one) => rotated(one, () => Promise.resolve(seen))))
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect((await snapshot()).signingKeys.toSorted()).toEqual(['k2048-1', 'k2048-2'])
  })

  it('takes the tenth key for newer than the ninth', async () => {
    const each = await isolate()
    await each.current()
    for (let count = 2; count <= 10; count += 1)
      await env.DB.prepare(
        'INSERT INTO signing_keys SELECT ?, bits, private_key, public_key, 0 FROM signing_keys LIMIT 1',
      )
        .bind(`k2048-${count}`)
        .run()
    expect(await (await isolate()).current()).toEqual({ ok: true, value: 'k2048-10' })
    expect((await each.generateNext(await snapshot())).id).toBe('k2048-11')
  })

  it('lists how many tokens have each key, and deletes only one that none has, for good', async () => {
    const each = await isolate()
    await each.current()
    await rotated(each)
    await add('ROTATED-1')
    const remove = async (id: string) => valueOf(await table().delete(id, auditEntry('delete')))
    expect(valueOf(await table().list()).map(({ id, tokens }) => [id, tokens])).toEqual([
      ['k2048-2', 0],
      ['k2048-1', 1],
    ])
    expect([await remove('k2048-1'), await remove('k2048-7')]).toEqual(['in_use', 'unknown'])
    await env.DB.prepare('DELETE FROM tokens').run()
    expect([await remove('k2048-1'), await remove('k2048-1')]).toEqual(['deleted', 'unknown'])
    // A request that read it as the current key before the rotation stores no token with it.
    const late = await storage().tokens.add(newToken('ROTATED-2'), auditEntry('POST /token/init'))
    expect(late).toEqual({ ok: true, value: false })
    const again = { id: 'k2048-1', bits: 2048, privateKey: '', publicKey: '' }
    expect(valueOf(await table().add(again, auditEntry('rotate')))).toBe(false)
  })

  it('never gives an isolate of another key size the name of a deleted key', async () => {
    await (await isolate()).current()
    await env.DB.prepare("DELETE FROM signing_keys WHERE id = 'k2048-1'").run()
    await env.DB.prepare("INSERT INTO deleted_signing_keys (id, deleted_at) VALUES ('k2048-1', 0)").run()
    expect(await (await isolate()).current()).toEqual({ ok: true, value: 'k2048-2' })
  })
})

function never(): never {
  throw new Error('there is always a first')
}
