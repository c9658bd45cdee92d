import { env } from 'cloudflare:workers'
import { afterEach, expect, it } from 'vitest'
import { MIGRATIONS, schemaCheck, schemaFault } from '../../src/storage/schema.ts'
import { type Instant, instant } from '../../src/vocabulary.ts'

let now = instant(1_792_486_800_000)
const clock = (): Instant => now
const silent = () => undefined
const pass = (seconds: number) => (now = instant(now + seconds * 1000))

afterEach(async () => {
  await env.DB.prepare(`DELETE FROM d1_migrations WHERE name LIKE '9999%'`).run()
})

it('this version names the migrations that there are', () => {
  expect(env.TEST_MIGRATIONS.map(({ name }) => name.replace(/\.sql$/, ''))).toEqual([...MIGRATIONS])
})

it('a migrated database has no fault, nor has one of a later version', async () => {
  const check = schemaCheck(env.DB, silent, clock)
  expect(await check.fault()).toBeUndefined()
  await env.DB.prepare(`INSERT INTO d1_migrations (name) VALUES ('9999_later.sql')`).run()
  pass(61)
  expect(await check.fault()).toBeUndefined()
})

it('missing migrations are named, and the fault ends when they are applied', async () => {
  const [last] = MIGRATIONS.slice(-1)
  await env.DB.prepare('UPDATE d1_migrations SET name = ? WHERE name = ?').bind('9998_away', `${last}.sql`).run()
  const check = schemaCheck(env.DB, silent, clock)
  expect(await check.fault()).toMatch(
    new RegExp(`^The database is older than this version of Nod\\. It lacks ${last}: .*npm run deploy`),
  )
  await env.DB.prepare('UPDATE d1_migrations SET name = ? WHERE name = ?').bind(`${last}.sql`, '9998_away').run()
  // It is not read for each probe.
  expect(await check.fault()).toBeDefined()
  pass(2)
  expect(await check.fault()).toBeUndefined()
})

it('a database without any migration lacks them all', async () => {
  expect(schemaFault([])).toContain(MIGRATIONS.join(', '))
  const ask = () => Promise.reject(new Error('D1_ERROR: no such table: d1_migrations: SQLITE_ERROR'))
  const statement = { bind: () => statement, all: ask }
  expect(await schemaCheck({ prepare: () => statement } as unknown as D1Database, silent, clock).fault()).toBe(
    schemaFault([]),
  )
})

it('a database that does not answer is not called outdated', async () => {
  const ask = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'))
  const statement = { bind: () => statement, all: ask }
  expect(
    await schemaCheck({ prepare: () => statement } as unknown as D1Database, silent, clock).fault(),
  ).toBeUndefined()
})
