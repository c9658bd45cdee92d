import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { instant, type Owner } from '../../src/vocabulary.ts'
import type { TokenFilter, TokenField } from '../../src/vocabulary/tokens.ts'
import { add, auditEntry, enroll, list, now, revisions, serial, storage, valueOf } from './example.ts'

const serials = async (...asked: Parameters<typeof list>) => (await list(...asked)).tokens.map((token) => token.serial)

/** Inserts `count` tokens of mixed kinds. */
async function fill(prefix: string, count: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO tokens (serial, type, revision, realm, login, description, state, active, firebase, registration_url,
       phone_key, max_attempts, created_at)
     WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < ?2)
     SELECT ?1 || printf('%08X', (n * 2654435761) % 4294967296), iif(n % 10 = 0, 'edupush', 'push'), 1,
       iif(n % 7 = 0, NULL, 'realm' || (n % 3)), iif(n % 7 = 0, NULL, 'user' || n), 'phone ' || n,
       iif(n % 13 = 0, 'clientwait', 'enrolled'), n % 11 <> 0 AND n % 13 <> 0, 'poll only', 'https://nod.example/ttype/push', 'key', 10, ?3 + n
     FROM counted`,
  )
    .bind(prefix, count, now)
    .run()
}

/** The serials in order, read one by one. */
async function walked(where: string): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(`SELECT serial FROM tokens WHERE ${where} ORDER BY serial`).all<{
    serial: string
  }>()
  return results.map((row) => row.serial)
}

const FILTERS: readonly (readonly [TokenFilter, string])[] = [
  [{}, 'true'],
  [{ beginning: 'T3' }, `serial GLOB 'T3*'`],
  [{ beginning: 'TFFF' }, `serial GLOB 'TFFF*'`],
  [{ beginning: 'Z' }, 'false'],
  [{ active: false }, 'active = 0'],
  [{ assigned: true }, 'login IS NOT NULL'],
  [{ assigned: false }, 'login IS NULL'],
  [{ state: 'clientwait' }, `state = 'clientwait'`],
  [{ types: ['edupush'] }, `type = 'edupush'`],
  [
    { types: ['push'], active: true, state: 'enrolled', assigned: true },
    `type = 'push' AND active AND login IS NOT NULL`,
  ],
  [{ realms: ['realm1'] }, `realm = 'realm1'`],
  [{ realms: ['realm1', 'realm2'], active: false }, `realm IN ('realm1', 'realm2') AND active = 0`],
  [{ realms: ['realm0'], beginning: 'T7' }, `realm = 'realm0' AND serial GLOB 'T7*'`],
  [{ realms: ['nowhere'] }, 'false'],
]

describe('a page of tokens that the tallies answer', () => {
  it('has the tokens that reading one by one finds, on every page, upwards and downwards', async () => {
    await fill('T', 2000)
    for (const [filter, where] of FILTERS) {
      const all = await walked(where)
      for (const ascending of [true, false]) {
        const order = ascending ? all : all.toReversed()
        for (const offset of new Set([
          0,
          1,
          199,
          Math.floor(all.length / 2),
          all.length - 16,
          all.length - 1,
          all.length,
        ])) {
          if (offset < 0) continue
          const page = await list(filter, { ascending, offset })
          const what = `${where}, ${ascending ? 'up' : 'down'}, ${offset}`
          expect(
            page.tokens.map((token) => token.serial),
            what,
          ).toEqual(order.slice(offset, offset + 15))
          expect(page.count, what).toBe(all.length)
        }
      }
    }
  })

  it('may be larger than two ranges', async () => {
    await fill('B', 1500)
    const all = await walked('true')
    expect(await serials({}, { offset: 333, limit: 500 })).toEqual(all.slice(333, 833))
    expect(await serials({ active: false }, { limit: 500 })).toEqual((await walked('active = 0')).slice(0, 500))
  })

  it('follows every change of a token', async () => {
    const owner: Owner = { login: 'lena', realm: 'pages' }
    const name = await enroll('PAGES1', owner)
    const counted = async () => ({
      all: (await list({})).count,
      theirs: (await list({ realms: ['pages'] })).count,
      active: (await list({ active: true })).count,
      waiting: (await list({ state: 'clientwait' })).count,
    })
    const before = await counted()
    expect(before.theirs).toBe(1)
    await add('PAGES2', { ...owner, realm: 'Pages' })
    expect(await counted()).toEqual({ ...before, all: before.all + 1, theirs: 2, waiting: before.waiting + 1 })
    await storage().tokens.change(name, { kind: 'active', active: false }, auditEntry('disable'))
    expect(await counted()).toMatchObject({ active: before.active - 1, theirs: 2 })
    for (const one of [name, serial('PAGES2')])
      await storage().tokens.change(one, { kind: 'deleted' }, auditEntry('delete'))
    expect(await counted()).toEqual({ ...before, all: before.all - 1, theirs: 0, active: before.active - 1 })
    const { results } = await env.DB.prepare(`SELECT * FROM token_tallies WHERE realm = 'pages'`).all()
    expect(results).toEqual([])
  })

  it('counts correctly after many tokens were added and deleted at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, number) => add(`RACE${number}`, { login: 'race', realm: 'race' })))
    expect((await list({ realms: ['race'] })).count).toBe(20)
    await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        storage().tokens.change(serial(`RACE${number % 20}`), { kind: 'deleted' }, auditEntry('delete')),
      ),
    )
    expect((await list({ realms: ['race'] })).count).toBe(0)
  })

  it('costs a login nothing: copying counters writes one row', async () => {
    await enroll('COPIED1', { login: 'copied', realm: 'pages' })
    const { meta } = await env.DB.prepare(
      `UPDATE tokens SET attempts = 3, successes = 4, last_use = 5 WHERE serial = 'COPIED1'`,
    ).run()
    expect(meta.rows_written).toBe(1)
    const before = await revisions()
    expect(
      valueOf(await storage().tokens.copyCounters(serial('COPIED1'), { attempts: 1, failures: 1, successes: 2 })),
    ).toBeUndefined()
    expect(await revisions()).toEqual(before)
  })
})

describe('a page of tokens that has to be searched for', () => {
  it('finds tokens by their texts', async () => {
    for (const name of ['FIND-A', 'FIND-B', 'LOST-A']) await add(name, { login: 'find', realm: 'find' })
    await storage().tokens.change(
      serial('FIND-B'),
      { kind: 'set', settings: { description: "50% Bob's" } },
      auditEntry('d'),
    )
    const saying = (text: TokenField, pattern: string) => serials({ realms: ['find'], texts: [{ text, pattern }] })
    expect(await saying('serial', '*-A')).toEqual(['FIND-A', 'LOST-A'])
    expect(await saying('serial', '*-a')).toEqual([])
    expect(await saying('description', '50%*')).toEqual(['FIND-B'])
    expect(await saying('description', '*PHONE')).toEqual(['FIND-A', 'LOST-A'])
    expect(await saying('description', '_ phone')).toEqual([])
    expect(await saying('creation_date', '2026-10-20T09:00:00+00:00')).toHaveLength(3)
    expect(await saying('polling_allowed', '*')).toEqual([])
    await storage().tokens.copyCounters(serial('FIND-A'), {
      attempts: 0,
      failures: 1,
      successes: 2,
      lastUse: instant(now + 7),
    })
    expect(await saying('last_auth', '2026-10-20 09:00:00.007000+0000')).toEqual(['FIND-A'])
    expect(await saying('count_auth_success', '2')).toEqual(['FIND-A'])
    expect(await saying('count_auth', '3')).toEqual(['FIND-A'])
    const settings = { maxUses: 7, maxSuccesses: 5, validFrom: now, validUntil: instant(now + 60_000) }
    await storage().tokens.change(serial('LOST-A'), { kind: 'set', settings }, auditEntry('d'))
    for (const [text, pattern] of [
      ['count_auth_max', '7'],
      ['count_auth_success_max', '5'],
      ['validity_period_start', '2026-10-20T09:00+0000'],
      ['validity_period_end', '2026-10-20T09:01+0000'],
    ] as const)
      expect(await saying(text, pattern), text).toEqual(['LOST-A'])
    expect(await saying('assignment_date', '2026-10-20T09:00:00+00:00')).toHaveLength(3)
  })

  it('finds tokens by their info entries', async () => {
    for (const name of ['NOTE-A', 'NOTE-B']) await add(name, { login: 'note', realm: 'note' })
    const note = { kind: 'info', key: 'inventory', value: 'A-17' } as const
    await storage().tokens.change(serial('NOTE-B'), note, auditEntry('n'))
    const noting = (key: string, pattern: string) => serials({ realms: ['note'], texts: [{ note: key, pattern }] })
    expect(await noting('inventory', 'A-17')).toEqual(['NOTE-B'])
    expect(await noting('inventory', 'a-*')).toEqual(['NOTE-B'])
    expect(await noting('inventory', 'A')).toEqual([])
    expect(await noting("' OR 1=1 --", '*')).toEqual([])
  })

  it('finds tokens by owner, and by serials', async () => {
    await add('LISTOWNED001', { login: 'olga', realm: 'Lab' })
    await add('LISTOWNED002', { login: 'olga', realm: 'defrealm' })
    expect(await serials({ login: 'olga', realms: ['lab'] })).toEqual(['LISTOWNED001'])
    expect(await serials({ login: 'olga', realms: ['lab', 'defrealm'], beginning: 'LIST' })).toHaveLength(2)
    expect(await serials({ serials: ['LISTOWNED002', 'NOSUCH', "' OR 1=1 --"] })).toEqual(['LISTOWNED002'])
    expect(await serials({ serials: ['LISTOWNED001', 'LISTOWNED002'], active: true })).toEqual([])
  })

  it('is sorted by a column, and by serial within it', async () => {
    for (const name of ['SORT-1', 'SORT-2', 'SORT-3']) await enroll(name, { login: 'sort', realm: 'sort' })
    await storage().tokens.copyCounters(serial('SORT-2'), { attempts: 3, failures: 3, successes: 0 })
    const sorted = (ascending: boolean, offset = 0) =>
      serials({ realms: ['sort'] }, { by: 'attempts', ascending, offset, limit: 2 })
    expect(await sorted(true)).toEqual(['SORT-1', 'SORT-3'])
    expect(await sorted(true, 2)).toEqual(['SORT-2'])
    expect(await sorted(false)).toEqual(['SORT-2', 'SORT-3'])
    expect(await sorted(false, 3)).toEqual([])
  })

  it('refuses a pattern longer than D1 takes, instead of failing on it', async () => {
    const filter: TokenFilter = { texts: [{ text: 'description', pattern: `${'é'.repeat(25)}*` }] }
    const query = { filter, order: { field: 'serial', ascending: true }, offset: 0, limit: 15 } as const
    expect(await storage().tokens.list(query)).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid' } })
  })
})
