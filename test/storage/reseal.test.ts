import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import type { KeyRing } from '../../src/storage/key-ring.ts'
import { resealer, resealing } from '../../src/storage/reseal.ts'
import { SEALED_COLUMNS } from '../../src/storage/sealed-columns.ts'
import { queryRunner } from '../../src/storage/run-query.ts'
import { sealer, sealWith } from '../../src/storage/seal.ts'
import { failOnLog, now, random, ringOf, valueOf } from './example.ts'

const runQuery = queryRunner(env.DB, failOnLog)
const plain = utf8('a secret')
let old: KeyRing
let both: KeyRing
let [newId, oldId] = ['', '']

const add = (id: string, sealed: string) =>
  env.DB.prepare("INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES (?, 2048, ?, '', ?)")
    .bind(id, sealed, now)
    .run()
const values = async () =>
  (
    await env.DB.prepare('SELECT id, private_key AS sealed FROM signing_keys ORDER BY id').all<{
      id: string
      sealed: string
    }>()
  ).results

/** Goes through all parts, as the command does. Returns how many values were sealed anew, and in how many parts. */
async function resealAll(table = resealing(runQuery, both, random)) {
  let [resealed, parts] = [0, 0]
  let next: string | undefined
  do {
    const part = valueOf(await table.resealPart(newId, next))
    resealed += part.resealed
    parts += 1
    next = part.next
  } while (next !== undefined)
  return { resealed, parts }
}

beforeEach(async () => {
  old = await ringOf(1)
  both = await ringOf(2, 1)
  ;[newId, oldId] = [both.all[0].id, old.all[0].id]
  await env.DB.batch(
    ['signing_keys', 'api_token_keys', 'administrators', 'tokens'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
})

describe('values that are sealed anew', () => {
  it('are all that name another key or none, in parts of a bounded size, and open with the new key alone', async () => {
    for (let index = 0; index < 450; index += 1) {
      const id = `k${String(index).padStart(4, '0')}`
      await add(id, await sealWith(old.all[0], `signing-key:${id}`, plain, random, index % 2 === 0))
    }
    const table = resealing(runQuery, both, random)
    expect(valueOf(await table.remaining(newId))).toMatchObject({ signing_keys: 450, tokens: 0 })
    expect(await resealAll()).toEqual({ resealed: 450, parts: 2 + SEALED_COLUMNS.length })
    const alone = sealer(await ringOf(2), random)
    for (const { id, sealed } of await values()) expect(await alone.open(`signing-key:${id}`, sealed)).toEqual(plain)
    expect(valueOf(await table.remaining(newId))).toMatchObject({ signing_keys: 0 })
    expect(await resealAll()).toMatchObject({ resealed: 0 })
  })

  it('are sealed anew once, if several callers go through them at once', async () => {
    for (let index = 0; index < 50; index += 1)
      await add(`k${index}`, await sealWith(old.all[0], `signing-key:k${index}`, plain, random))
    const all = await Promise.all(Array.from({ length: 4 }, () => resealAll()))
    expect(all.reduce((sum, { resealed }) => sum + resealed, 0)).toBe(50)
  })

  it('leave alone what somebody changes meanwhile', async () => {
    await add('k1', await sealWith(old.all[0], 'signing-key:k1', plain, random))
    const changed = await sealWith(old.all[0], 'signing-key:k1', utf8('changed'), random)
    // The change arrives between reading and writing.
    const db = new Proxy(env.DB, {
      get: (target, property) =>
        property === 'batch'
          ? async (statements: D1PreparedStatement[]) => {
              await env.DB.prepare('UPDATE signing_keys SET private_key = ?').bind(changed).run()
              return target.batch(statements)
            }
          : (Reflect.get(target, property) as (sql: string) => unknown).bind(target),
    })
    expect(await resealAll(resealing(queryRunner(db, failOnLog), both, random))).toMatchObject({ resealed: 0 })
    expect((await values())[0]?.sealed).toBe(changed)
    expect(await resealAll()).toMatchObject({ resealed: 1 })
  })

  it('do not hide what opens with neither key', async () => {
    await add('k1', await sealWith(old.all[0], 'signing-key:another', plain, random))
    await add('k2', `2.${oldId}.AAAA`)
    await add('k3', 'no sealed value')
    await add('k4', await sealWith(old.all[0], 'signing-key:k4', plain, random))
    const table = resealing(runQuery, both, random)
    expect(valueOf(await table.rest(newId))).toMatchObject({ openable: 1, isTooMany: false })
    expect(await resealAll()).toMatchObject({ resealed: 1 })
    expect(valueOf(await table.rest(newId))).toEqual({
      openable: 0,
      unreadable: ['signing-key:k1', 'signing-key:k2', 'signing-key:k3'],
      isTooMany: false,
    })
  })
})

describe('a value that is sealed anew when it is used', () => {
  it('is written if nobody has changed it, and not again', async () => {
    const before = await sealWith(old.all[0], 'signing-key:k1', plain, random)
    await add('k1', before)
    const reseal: ReturnType<typeof resealer>['reseal'] = (...value) =>
      resealer(runQuery, both, random).reseal(...value)
    const resealed = valueOf(await reseal('signing_keys', { name: 'k1', sealed: before }, newId))
    expect((await values())[0]).toEqual({ id: 'k1', ...(resealed as object) })
    expect(valueOf(await reseal('signing_keys', { name: 'k1', sealed: before }, newId))).toBe('changed')
    const [{ sealed } = { sealed: '' }] = await values()
    expect(valueOf(await reseal('signing_keys', { name: 'k1', sealed }, newId))).toBe('current')
  })

  it('stays as it is where this isolate does not have the new key', async () => {
    const before = await sealWith(old.all[0], 'signing-key:k1', plain, random)
    await add('k1', before)
    const outcome = await resealer(runQuery, old, random).reseal('signing_keys', { name: 'k1', sealed: before }, newId)
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
    expect((await values())[0]?.sealed).toBe(before)
  })
})
