/** Makes tokens as a deployment of some years has them, inside SQLite: the same numbers give the same tokens. Nobody can log
 *  in with them, since nobody has the private keys of their phones. */

interface Statement {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const REALMS = ['sales', 'engineering', 'students', 'partners'] as const

const GIVEN = 'Ada Grace Edsger Barbara Donald Hedy Alan Katherine Tim Radia Dennis Margaret Ken Frances Niklaus Adele'
const SURNAMES =
  'Lovelace Hopper Dijkstra Liskov Knuth Lamarr Turing Johnson Lee Perlman Ritchie Hamilton Thompson Allen Wirth Goldberg'
const PHONES = 'Pixel 8,Pixel 9a,Galaxy S24,Galaxy A55,iPhone 15,iPhone 16 Pro,Fairphone 5,Moto G84'

// Six consecutive tokens belong to three owners, who have one, two and three of them.
const OWNER = '(n / 6 * 3 + (n % 6 > 0) + (n % 6 > 2))'
const word = (list: string, index: string): string => `(${list} ->> ('$[' || (${index}) || ']'))`
const LOGIN = `lower(${word('?4', 'owner % 16')} || '.' || ${word('?5', 'owner / 16 % 16')}) || owner`
const REALM = `(${word('?6', 'CASE WHEN owner % 10 < 4 THEN 0 WHEN owner % 10 < 7 THEN 1 WHEN owner % 10 < 9 THEN 2 ELSE 3 END')})`
// A permutation of the numbers: serials have no order of time, as drawn ones.
const DRAWN = '(n * 2654435761) % 4294967296'
const YEARS_MS = 63_072_000_000

const NUMBERS = `WITH RECURSIVE numbers (n) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?2)`

const words = (text: string, between: string): string => JSON.stringify(text.split(between))

const CREATED = `?3 - ${YEARS_MS} + drawn % ${YEARS_MS - 86_400_000}`

/** The statements that insert the tokens numbered `from` to `to` (exclusive). `keys`: public keys of phones. `now`: epoch
 *  milliseconds. */
export function seedStatements(from: number, to: number, keys: readonly string[], now: number): readonly Statement[] {
  const values = [from, to, now, words(GIVEN, ' '), words(SURNAMES, ' '), JSON.stringify(REALMS)]
  return [
    {
      sql: `INSERT INTO realms (name) SELECT value FROM json_each(?1) WHERE true ON CONFLICT (name) DO NOTHING`,
      values: [JSON.stringify(REALMS)],
    },
    {
      sql: `INSERT INTO users (realm, login, given_name, surname, email)
        SELECT ${REALM}, ${LOGIN}, ${word('?4', 'owner % 16')}, ${word('?5', 'owner / 16 % 16')}, ${LOGIN} || '@' || ${REALM} || '.example'
        FROM (${NUMBERS} SELECT DISTINCT ${OWNER} AS owner FROM numbers WHERE ?3) WHERE true ORDER BY 1, 2
        ON CONFLICT (realm, login) DO NOTHING`,
      values,
    },
    {
      // 5 % are of eduMFA's type, 1 % have no owner, 1 % are disabled, 1 % revoked; 2 % are not registered yet.
      sql: `INSERT INTO tokens (serial, type, revision, realm, login, description, state, active, revoked, firebase, registration_url,
          phone_key, attempts, max_attempts, successes, last_use, created_at, assigned_at, registered_at, credential_hash, credential_expires)
        SELECT iif(n % 20 = 7, 'EDUP', 'PIPU') || printf('%08X', drawn), iif(n % 20 = 7, 'edupush', 'push'),
          (SELECT revision FROM deployment), iif(part = 3, NULL, ${REALM}), iif(part = 3, NULL, ${LOGIN}),
          ${word('?8', 'drawn % 8')}, iif(waits, 'clientwait', 'enrolled'), NOT waits AND part NOT IN (11, 12), part = 12, 'poll only',
          'https://nod.example/ttype/' || iif(n % 20 = 7, 'edupush', 'push'), iif(waits, NULL, ${word('?7', 'drawn % json_array_length(?7)')}),
          iif(drawn % 40 = 0, drawn % 7, 0), 10, iif(waits, 0, drawn % 900), iif(waits, NULL, ?3 - drawn % 86400000),
          ${CREATED}, iif(part = 3, NULL, ${CREATED}), iif(waits, NULL, ${CREATED} + 60000),
          iif(waits, printf('%064x', drawn), NULL), iif(waits, ?3, NULL)
        FROM (${NUMBERS} SELECT n, ${DRAWN} AS drawn, ${OWNER} AS owner, ${DRAWN} / 97 % 100 AS part, ${DRAWN} / 97 % 100 IN (8, 9) AS waits FROM numbers) ORDER BY 1`,
      values: [...values, JSON.stringify(keys), words(PHONES, ',')],
    },
    {
      sql: 'UPDATE deployment SET revision = revision + 1, settings_revision = revision + 1',
      values: [],
    },
  ]
}
