import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { connect, disconnect } from '../../src/connect.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done } from '../../src/refusal.ts'
import { deriveKeys } from '../../src/storage/derived-keys.ts'
import type { Nonce, Serial } from '../../src/vocabulary.ts'

const [serial, shard] = ['PIPU0001' as Serial, { region: 'weur', number: 1 }] as const
const key = (name: string): string => btoa(`${name} root secret, of 32 bytes`.padEnd(32, '!').slice(0, 32))
const [A, B, C] = ['one', 'another', 'a third'].map(key) as [string, string, string]
const idOf = async (base64: string): Promise<string> =>
  (await deriveKeys(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))).id

/** A new isolate with these secrets. */
const isolate = (current: string, previous?: string): Promise<Ports> =>
  connect({ ...env, MASTER_KEY: current, ...(previous === undefined ? {} : { MASTER_KEY_PREVIOUS: previous }) })

const faultOf = (ports: Ports) => ports.masterKeys.fault((work) => void work)
const run = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
/** What `npm run nod -- rotate` writes when a key becomes current. */
async function makeCurrent(id: string): Promise<void> {
  await run('UPDATE deployment SET master_key = ?', id)
  await run('UPDATE master_keys SET current_since = ? WHERE id = ?', Date.now(), id)
}
const known = async () =>
  (
    await env.DB.prepare(
      'SELECT id, current_since IS NOT NULL AS used FROM master_keys ORDER BY first_seen, used DESC',
    ).all()
  ).results

/** Whether another isolate accepts what this one makes: a PIN, an id, a nonce. The id has its own seed, because one in 65,536 fits
 *  another key by chance. */
async function accepts(reader: Ports, { pins, identifiers }: Ports): Promise<readonly boolean[]> {
  const sealed = await pins.seal(serial, '1234')
  const id = await identifiers.draw(shard, Uint8Array.of(1, 2, 3, 4, 5))
  const nonce: Nonce = await identifiers.nonceFor(id, new Uint8Array(32))
  const opened = await reader.pins.open(serial, sealed, async () => done(sealed))
  return [
    opened.ok && (await reader.pins.matches(opened.value, '1234')),
    (await reader.identifiers.locate(id)) !== undefined,
    (await reader.identifiers.transactionOf(nonce))?.id === id,
  ]
}
const [ALL, NONE] = [
  [true, true, true],
  [false, false, false],
]

beforeEach(async () => {
  disconnect()
  await env.DB.batch(
    ['UPDATE deployment SET master_key = NULL', 'DELETE FROM master_keys', 'DELETE FROM signing_keys'].map((sql) =>
      env.DB.prepare(sql),
    ),
  )
})

describe('the first key', () => {
  it('of a new database is taken, once, however many isolates start with it', async () => {
    const isolates = await Promise.all(Array.from({ length: 5 }, () => isolate(A)))
    expect(await Promise.all(isolates.map(faultOf))).toEqual(Array.from({ length: 5 }, () => undefined))
    expect(await known()).toEqual([{ id: await idOf(A), used: 1 }])
  })

  it('of a new database is one, if isolates with different keys start at once', async () => {
    const faults = await Promise.all([faultOf(await isolate(A)), faultOf(await isolate(B))])
    expect(faults.filter((fault) => fault === undefined)).toHaveLength(1)
    expect(await known()).toHaveLength(1)
  })

  it('of a database of the version before is the one that opens its values, and any other is refused', async () => {
    await sealedBefore(A)
    expect(await faultOf(await isolate(B))).toMatch(
      /^MASTER_KEY: does not open what is sealed in this database; set MASTER_KEY/,
    )
    expect(await known()).toEqual([])
    expect(await faultOf(await isolate(A))).toBeUndefined()
    expect(await known()).toEqual([{ id: await idOf(A), used: 1 }])
  })

  it('of a database of the version before whose key is being changed is the previous one: objects may have no other', async () => {
    await sealedBefore(A)
    const changing = await isolate(B, A)
    expect(await faultOf(changing)).toBeUndefined()
    expect(await known()).toEqual([
      { id: await idOf(A), used: 1 },
      { id: await idOf(B), used: 0 },
    ])
    expect(await changing.pins.seal(serial, '1234')).toMatch(/^1\./)
    expect(await accepts(await isolate(A), changing)).toEqual(ALL)
  })
})

/** A signing key as the version before sealed it. */
async function sealedBefore(base64: string): Promise<void> {
  const { sealing } = await deriveKeys(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
  const iv = new Uint8Array(12)
  const additionalData = new TextEncoder().encode('signing-key:k1-1')
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, sealing, iv))
  const text = btoa(String.fromCharCode(...iv, ...sealed))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  await run(
    "INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES ('k1-1', 1, ?, '', 0)",
    `1.${text}`,
  )
}

describe('while a key is changed', () => {
  it('new isolates seal and sign with the key before, so that isolates and objects with the old secrets read it', async () => {
    const before = await isolate(A)
    await faultOf(before)
    const during = await isolate(B, A)
    await faultOf(during)
    expect(await accepts(before, during)).toEqual(ALL)
    expect(await accepts(during, before)).toEqual(ALL)
    expect(await during.pins.seal(serial, '1')).toContain(await idOf(A))
  })

  it('they use the new key as soon as it is current, and read what the old one made', async () => {
    const before = await isolate(A)
    await faultOf(before)
    const during = await isolate(B, A)
    await faultOf(during)
    await makeCurrent(await idOf(B))
    await during.deployment.reload()
    expect(await during.pins.seal(serial, '1')).toContain(await idOf(B))
    expect(await accepts(during, before)).toEqual(ALL)
    expect(await accepts(before, during)).toEqual(NONE)
  })

  it('an isolate whose snapshot is old reads it again before it seals', async () => {
    const during = await isolate(A, B)
    await faultOf(during)
    await run(
      'INSERT INTO master_keys (id, check_value, first_seen) SELECT ?, check_value, 0 FROM master_keys',
      await idOf(B),
    )
    await makeCurrent(await idOf(B))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3000 })
    try {
      expect(await during.pins.seal(serial, '1')).toContain(await idOf(B))
    } finally {
      vi.useRealTimers()
    }
  })

  it('the ids of a key that somebody else knows are accepted until another key is current', async () => {
    const before = await isolate(A)
    await faultOf(before)
    const during = await isolate(B, A)
    await faultOf(during)
    await run('UPDATE master_keys SET compromised_at = 1 WHERE id = ?', await idOf(A))
    await during.deployment.reload()
    expect((await accepts(during, before))[1]).toBe(true)
    await makeCurrent(await idOf(B))
    await during.deployment.reload()
    expect(await accepts(during, before)).toEqual([true, false, false])
  })
})

describe('Nod refuses to serve', () => {
  it('with a key that is not the database’s, and writes nothing down', async () => {
    await faultOf(await isolate(A))
    const fault = await faultOf(await isolate(B))
    expect(fault).toBe(
      `MASTER_KEY: this database is sealed with the key ${await idOf(A)}, and the configured one is ${await idOf(B)}; ` +
        `set MASTER_KEY to ${await idOf(A)}, or set MASTER_KEY_PREVIOUS to it while you change to ${await idOf(B)}`,
    )
    expect(await known()).toHaveLength(1)
  })

  it('without the key before while something may be sealed with it, and serves when it may go', async () => {
    await faultOf(await isolate(A))
    await faultOf(await isolate(B, A))
    await makeCurrent(await idOf(B))
    const alone = await isolate(B)
    expect(await faultOf(alone)).toContain(
      `MASTER_KEY_PREVIOUS: values may still be sealed with the key ${await idOf(A)}`,
    )
    await run('UPDATE master_keys SET unused_since = 1 WHERE id = ?', await idOf(A))
    // It looks again by itself, two seconds later.
    expect(await faultOf(alone)).toBeDefined()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3000 })
    expect(await faultOf(alone)).toBeUndefined()
    vi.useRealTimers()
  })

  it('with a third key while the change from the first to the second has not ended', async () => {
    await faultOf(await isolate(A))
    await faultOf(await isolate(B, A))
    await makeCurrent(await idOf(B))
    expect(await faultOf(await isolate(C, B))).toContain(
      `MASTER_KEY: the rotation from the key ${await idOf(A)} to the key ${await idOf(B)} has not ended`,
    )
    expect(await faultOf(await isolate(C))).toContain(`half rotated from the key ${await idOf(A)}`)
  })

  it('with a database whose check value was changed', async () => {
    await faultOf(await isolate(A))
    await run("UPDATE master_keys SET check_value = '2.000000000000.AAAA'")
    disconnect()
    expect(await faultOf(await isolate(A))).toContain('check value')
  })
})

it('while D1 does not answer, requests are served, and D1 is not asked by each of them', async () => {
  const batch = vi.fn<() => Promise<never>>(() => Promise.reject(new Error('D1 is away')))
  const ports = await connect({ ...env, DB: { prepare: () => ({}), batch } as unknown as D1Database })
  for (let request = 0; request < 5; request++) expect(await faultOf(ports)).toBeUndefined()
  expect(batch).toHaveBeenCalledTimes(1)
})

describe('the first read of an isolate', () => {
  /** A D1 whose replica says this, and that counts what its primary is asked. */
  function withReplica(replica: () => Promise<D1Result[]>): { readonly DB: D1Database; readonly asked: string[] } {
    const asked: string[] = []
    const DB = new Proxy(env.DB, {
      get(db, name) {
        const own: unknown = Reflect.get(db, name)
        if (name === 'withSession')
          return (how: string) =>
            how === 'first-unconstrained'
              ? { prepare: (sql: string) => db.prepare(sql), batch: replica }
              : db.withSession(how)
        if (name === 'batch') asked.push('batch')
        return typeof own === 'function' ? (own.bind(db) as unknown) : own
      },
    })
    return { DB, asked }
  }
  /** What D1 says now, as a replica goes on saying it. */
  async function recorded(): Promise<() => Promise<D1Result[]>> {
    let said: Promise<D1Result[]> = Promise.resolve([])
    const DB = new Proxy(env.DB, {
      get(db, name) {
        const own: unknown = Reflect.get(db, name)
        if (name === 'batch') return (statements: D1PreparedStatement[]) => (said = db.batch(statements))
        return typeof own === 'function' ? (own.bind(db) as unknown) : own
      },
    })
    await (await connect({ ...env, DB })).deployment.reload()
    const results = await said
    return async () => results
  }
  const startWith = async (DB: D1Database, current: string, previous?: string): Promise<Ports> =>
    connect({ ...env, DB, MASTER_KEY: current, ...(previous === undefined ? {} : { MASTER_KEY_PREVIOUS: previous }) })

  it('is of the nearest replica, and the primary is not asked, where that knows the keys', async () => {
    await faultOf(await isolate(A))
    const { DB, asked } = withReplica(await recorded())
    const ports = await startWith(DB, A)
    expect([await faultOf(ports), await faultOf(ports), asked]).toEqual([undefined, undefined, []])
    expect(ports.deployment.cached()?.masterKeys.current).toBe(await idOf(A))
    // What it seals rests on what the primary says.
    await ports.pins.seal(serial, '1234')
    expect(asked).not.toEqual([])
  })

  it('of a replica that is late refuses nobody: the primary is asked', async () => {
    await faultOf(await isolate(A))
    const late = await recorded()
    await faultOf(await isolate(B, A))
    await makeCurrent(await idOf(B))
    await run('UPDATE master_keys SET unused_since = 1 WHERE id = ?', await idOf(A))
    const { DB, asked } = withReplica(late)
    const ports = await startWith(DB, B)
    expect(await faultOf(ports)).toBeUndefined()
    expect(asked).not.toEqual([])
    expect(ports.deployment.cached()?.masterKeys.current).toBe(await idOf(B))
  })

  it('of a replica that is late refuses nobody while the primary does not answer', async () => {
    await faultOf(await isolate(A))
    const late = await recorded()
    const { DB } = withReplica(late)
    const away = new Proxy(DB, {
      get: (db, name) =>
        name === 'batch' ? () => Promise.reject(new Error('D1 is away')) : (Reflect.get(db, name) as unknown),
    })
    const ports = await startWith(away, B)
    for (let request = 0; request < 3; request++) expect(await faultOf(ports)).toBeUndefined()
  })
})
