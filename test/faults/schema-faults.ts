/** A database that does not fit this version: older, half migrated, or of a later one. Each row has a Nod of its own, because only
 *  a new isolate meets an older database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build } from '../../scripts/lib/build-cache.mjs'
import { serve } from '../../scripts/serve.mjs'
import { Driver } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { BY_ITSELF } from './login.ts'
import type { Group, Row, RowResult } from './matrix.ts'

type Migrations = Build['migrations']

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }
/** The version before may have had so many. */
const EARLIER = 5

/** Serves Nod on a database with the chosen migrations, and gives `work` a way to run SQL there. */
async function withMigrations(
  apply: (all: Migrations) => Migrations,
  work: (nod: Driver, sql: (text: string) => Promise<unknown>, all: Migrations) => Promise<RowResult>,
): Promise<RowResult> {
  const state = mkdtempSync(join(tmpdir(), 'nod-schema-'))
  let all: Migrations = []
  const settings = {
    PORT: '0',
    NOD_STATE: state,
    SIGNING_KEY_BITS: '2048',
    ADMIN_LOGIN: ADMIN.login,
    ADMIN_PASSWORD: ADMIN.password,
  }
  const chosen = (migrations: Migrations): Migrations => apply((all = migrations))
  const nod = await serve(settings, { around: join(import.meta.dirname, 'around.mjs'), apply: chosen })
  const sql = async (text: string): Promise<unknown> =>
    (await fetch(`${nod.url}/_/sql`, { method: 'POST', body: text })).json()
  try {
    return await work(new Driver({ url: nod.url }, { polled: 'defrealm' }), sql, all)
  } finally {
    await nod.stop()
    rmSync(state, { recursive: true, force: true })
  }
}

/** What an operator and a service see. */
async function seenOf(nod: Driver, missing: string): Promise<string> {
  const health = await fetch(`${nod.url}/healthz`)
  const text = await health.text()
  const alive = await fetch(`${nod.url}/healthz/livez`)
  const login = await nod.caller().call('POST', '/validate/check', { form: { user: 'ada', pass: '1' } })
  const signIn = await nod.caller().call('POST', '/auth', { form: { username: ADMIN.login, password: ADMIN.password } })
  const named = text.includes(missing) ? 'names what is missing' : text
  const answers = [login, signIn].map(({ status, error }) => `${status}/${error?.code}`)
  return `/healthz ${health.status} ${named}, livez ${alive.status}; ${[...new Set(answers)].join(', ')} for logins and sign-ins`
}

const REFUSED = '/healthz 503 names what is missing, livez 200; 503/903 for logins and sign-ins'
const MIGRATED = 'as soon as the rest is applied'

/** Applies statements, and sees Nod serve a whole login. */
async function recoveredBy(nod: Driver, apply: () => Promise<unknown>, how: string): Promise<string> {
  await apply()
  const isWell = await waitUntil(async () => (await fetch(`${nod.url}/healthz`)).ok)
  return isWell ? wholeLogin(nod, how) : `no: ${await (await fetch(`${nod.url}/healthz`)).text()}`
}

async function wholeLogin(nod: Driver, how: string): Promise<string> {
  await nod.signIn(ADMIN)
  const { phone, serial, owner } = await nod.enroll(nod.unique('user'), { pin: '1234' })
  const login = await nod.service.trigger(owner)
  for (const prompt of await phone.poll(serial)) await phone.accept(prompt)
  const outcome = await nod.service.finalize(login.transactionId)
  return outcome === 'ACCEPT' ? how : `no: ${outcome}`
}

const recorded = (name: string): string => `INSERT INTO d1_migrations (name) VALUES ('${name}')`

const forgotten: Row = {
  fault: 'the migrations of this version were forgotten',
  step: 'everything that reads D1',
  seen: REFUSED,
  recovered: MIGRATED,
  run: () =>
    withMigrations(
      (all) => all.slice(0, EARLIER),
      async (nod, sql, all) => {
        const rest = all.slice(EARLIER)
        const seen = await seenOf(nod, rest.map(({ name }) => name.replace('.sql', '')).join(', '))
        const apply = async (): Promise<void> => {
          for (const { name, statements } of rest) for (const text of [...statements, recorded(name)]) await sql(text)
        }
        return { seen, recovered: await recoveredBy(nod, apply, MIGRATED), lost: [] }
      },
    ),
}

const halfApplied: Row = {
  fault: 'a migration was applied by half',
  step: 'everything that reads D1',
  seen: REFUSED,
  recovered: MIGRATED,
  run: () =>
    withMigrations(
      (all) => halfOf(all).done,
      async (nod, sql, all) => {
        const { half, rest } = halfOf(all)
        const seen = await seenOf(nod, half.name.replace('.sql', ''))
        const apply = async (): Promise<void> => {
          for (const text of [...half.statements.slice(1), recorded(half.name)]) await sql(text)
          for (const { name, statements } of rest) for (const text of [...statements, recorded(name)]) await sql(text)
        }
        return { seen, recovered: await recoveredBy(nod, apply, MIGRATED), lost: [] }
      },
    ),
}

/** The first migration behind the earlier ones that has two statements or more; of it, the first is applied. */
function halfOf(all: Migrations) {
  const at = all.findIndex(({ statements }, index) => index >= EARLIER && statements.length > 1)
  const half = all[at] ?? { name: 'none', statements: [] }
  const started = { name: `${half.name} (begun)`, statements: half.statements.slice(0, 1) }
  return { done: [...all.slice(0, at), started], half, rest: all.slice(at + 1) }
}

/** What a later version may add, as CONTRIBUTING.md allows: tables, and columns with a default. */
const LATER = [
  'CREATE TABLE later (id INTEGER PRIMARY KEY) WITHOUT ROWID',
  ...['tokens', 'deployment', 'audit', 'users', 'policies', 'service_keys', 'administrators', 'signing_keys'].map(
    (table) => `ALTER TABLE ${table} ADD COLUMN later TEXT NOT NULL DEFAULT 'x'`,
  ),
]

const later: Row = {
  fault: 'the database is of a later version',
  step: 'everything',
  seen: '/healthz 200; enrolled, ACCEPT',
  recovered: BY_ITSELF,
  run: () =>
    withMigrations(
      (all) => [...all, { name: '9999_later.sql', statements: LATER }],
      async (nod) => {
        const { status } = await fetch(`${nod.url}/healthz`)
        const login = await wholeLogin(nod, 'enrolled, ACCEPT')
        return { seen: `/healthz ${status}; ${login}`, recovered: BY_ITSELF, lost: [] }
      },
    ),
}

export const schemas: Group = { name: 'A database that does not fit', rows: [forgotten, halfApplied, later] }
