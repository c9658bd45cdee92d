import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'

const folder = resolve(import.meta.dirname, '../migrations')
const files = readdirSync(folder).toSorted()

const TOKENS = `INSERT INTO tokens (serial, type, revision, realm, login, state, active, firebase, registration_url, phone_key,
    max_attempts, created_at)
  WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 32000)
  SELECT printf('PIPU%08X', (n * 2654435761) % 4294967296), iif(n % 9, 'push', 'edupush'), 1, iif(n % 5, 'realm' || (n % 3), NULL),
    iif(n % 5, 'user' || n, NULL), 'enrolled', n % 4 > 0, 'poll only', 'https://nod.example/ttype/push', 'key', 10, 0 FROM counted`

/** A database with the migrations before this one, and a function that applies the others. */
function databaseBefore(migration: string) {
  const db = new DatabaseSync(':memory:')
  const first = files.findIndex((name) => name.startsWith(migration))
  const apply = (names: readonly string[]) => names.forEach((name) => db.exec(readFileSync(join(folder, name), 'utf8')))
  apply(files.slice(0, first))
  return { db, migrate: () => apply(files.slice(first)) }
}

/** For every range of serials: the tally, and the number of tokens. */
const tallied = `SELECT realm, level, first, kind, count FROM token_tallies`
const there = `SELECT scope AS realm, level, (
    SELECT max(first) FROM token_pages WHERE token_pages.level = levels.level AND first <= serial
  ) AS first, kind, count(*) AS count
  FROM (SELECT serial, kind, '' AS scope FROM tokens UNION ALL SELECT serial, kind, realm FROM tokens WHERE realm IS NOT NULL),
    (SELECT 1 AS level UNION ALL SELECT 2) AS levels GROUP BY scope, level, 3, kind`

it('migration 0003 counts the tokens that exist already', () => {
  const { db, migrate } = databaseBefore('0003')
  db.exec(TOKENS)
  migrate()
  expect(db.prepare('SELECT level, count(*) AS count FROM token_pages GROUP BY level').all()).toMatchObject([
    { level: 1, count: 214 },
    { level: 2, count: 3 },
  ])
  for (const [some, others] of [
    [tallied, there],
    [there, tallied],
  ])
    expect(db.prepare(`SELECT * FROM (${some}) EXCEPT SELECT * FROM (${others})`).all()).toEqual([])
  db.exec(
    `UPDATE tokens SET realm = 'realm9', login = 'x', active = 0 WHERE serial LIKE '%8'; DELETE FROM tokens WHERE serial LIKE '%7'`,
  )
  expect(db.prepare(`SELECT * FROM (${there}) EXCEPT SELECT * FROM (${tallied})`).all()).toEqual([])
})

it('migration 0017 counts the phones that exist already, and their triggers count every change', () => {
  const { db, migrate } = databaseBefore('0017')
  db.exec(TOKENS.replace('32000', '300'))
  migrate()
  const counted = () =>
    db.prepare('SELECT home, seen, count FROM phone_regions WHERE count <> 0 ORDER BY home, seen').all()
  const phones = `SELECT coalesce(home, '') AS home, coalesce(seen, '') AS seen, count(*) AS count FROM tokens
    WHERE phone_key IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`
  expect(counted()).toMatchObject([{ home: '', seen: '', count: 301 }])
  db.exec(`UPDATE tokens SET home = 'oc', seen = 'oc' WHERE serial LIKE '%8'; UPDATE tokens SET seen = 'weur' WHERE serial LIKE '%88';
    UPDATE tokens SET state = 'clientwait', phone_key = NULL WHERE serial LIKE '%9'; DELETE FROM tokens WHERE serial LIKE '%7'`)
  expect(counted()).toHaveLength(3)
  expect(counted()).toEqual(db.prepare(phones).all())
})

it('migration 0017 puts a deployment that exists already in no jurisdiction, and leaves a new one its choice', () => {
  for (const [key, jurisdiction] of [
    [null, null],
    ['714ad7467063', 'none'],
  ] as const) {
    const { db, migrate } = databaseBefore('0017')
    db.prepare('UPDATE deployment SET master_key = ?').run(key)
    migrate()
    expect(db.prepare('SELECT jurisdiction FROM deployment').get()).toEqual({ jurisdiction })
  }
})

it('migration 0023 keeps every service key, revoked ones included, and admits the role metrics', () => {
  const { db, migrate } = databaseBefore('0023')
  const columns = 'name, hash, role, created_at, revoked_at, expires_at, last_used_at, rotated_at'
  db.exec(
    `INSERT INTO service_keys (${columns}) VALUES ('vpn', 'a', 'validate', 1, NULL, 2, 3, 4), ('wiki', 'b', 'admin', 1, 5, NULL, NULL, NULL)`,
  )
  const before = db.prepare(`SELECT ${columns} FROM service_keys ORDER BY name`).all()
  migrate()
  expect(db.prepare(`SELECT ${columns} FROM service_keys ORDER BY name`).all()).toEqual(before)
  const add = (name: string, hash: string, role: string) => () =>
    db.exec(`INSERT INTO service_keys (name, hash, role, created_at) VALUES ('${name}', '${hash}', '${role}', 1)`)
  expect(add('prometheus', 'c', 'metrics')).not.toThrow()
  expect(add('other', 'd', 'root')).toThrow()
  expect(add('other', 'c', 'metrics')).toThrow()
})
