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

/** For every range of serials: the tally, and the number of tokens. */
const tallied = `SELECT realm, level, first, kind, count FROM token_tallies`
const there = `SELECT scope AS realm, level, (
    SELECT max(first) FROM token_pages WHERE token_pages.level = levels.level AND first <= serial
  ) AS first, kind, count(*) AS count
  FROM (SELECT serial, kind, '' AS scope FROM tokens UNION ALL SELECT serial, kind, realm FROM tokens WHERE realm IS NOT NULL),
    (SELECT 1 AS level UNION ALL SELECT 2) AS levels GROUP BY scope, level, 3, kind`

it('migration 0003 counts the tokens that exist already', () => {
  const db = new DatabaseSync(':memory:')
  const counting = files.findIndex((name) => name.startsWith('0003'))
  const apply = (names: readonly string[]) => names.forEach((name) => db.exec(readFileSync(join(folder, name), 'utf8')))
  apply(files.slice(0, counting))
  db.exec(TOKENS)
  apply(files.slice(counting))
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
