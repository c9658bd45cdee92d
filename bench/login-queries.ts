/** What a login reads of D1: Nod's own statements, and rows for them. */
import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { openDatabase } from '../scripts/lib/database.mjs'
import { root } from '../scripts/lib/tools.mjs'
import { PHONE_KEYS } from '../test/simulation/keys.ts'

/** `isOfUser`: whether it takes the candidates, and a serial that is null here. */
type LoginQuery = { readonly sql: string; readonly isOfUser: boolean }

/** Returns the statements with which Nod looks up the user and tokens of a login. */
export async function queriesOfLogin(): Promise<LoginQuery[]> {
  const queries: LoginQuery[] = []
  const db = {
    prepare: (sql: string) => ({ sql, isOfUser: false, bind: () => ({ sql, isOfUser: true }) }),
    batch: (all: readonly LoginQuery[]) => {
      for (const { sql, isOfUser } of all) queries.push({ sql, isOfUser })
    },
  }
  const runQuery = Object.assign(
    (_name: string, work: (database: typeof db) => unknown) => {
      work(db)
      return { ok: false }
    },
    { watch: { begin: () => undefined } },
  )
  // By its path: its types are those of the Worker.
  const { subjectLookup } = await import(join(root, 'src/storage/subject-lookup.ts'))
  await subjectLookup(runQuery).find({ candidates: [], from: 'primary' })
  return queries
}

const USERS = 256

/** Stores so many users `user0`, `user1`, …, each with a token as a registered phone has one. */
export async function seedUsers({ db }: Pick<Awaited<ReturnType<typeof openDatabase>>, 'db'>): Promise<void> {
  const key = createPublicKey(PHONE_KEYS[0] ?? '')
    .export({ type: 'spki', format: 'der' })
    .toString('base64')
  const names = JSON.stringify(Array.from({ length: USERS }, (_, index) => `user${index}`))
  await db.batch([
    db.prepare(`INSERT INTO users (realm, login) SELECT 'defrealm', value FROM json_each(?)`).bind(names),
    db
      .prepare(
        `INSERT INTO tokens (serial, type, revision, realm, login, state, active, firebase, registration_url, registration_token,
           phone_key, signing_key, max_attempts, created_at, registered_at)
         SELECT 'PIPU' || value, 'push', 1, 'defrealm', value, 'enrolled', 1, 'default', 'https://nod.example/ttype/push', 'fb-' || value,
           ?, 'k2048-1', 10, 1795000000000, 1795000000000 FROM json_each(?)`,
      )
      .bind(key, names),
  ])
}
