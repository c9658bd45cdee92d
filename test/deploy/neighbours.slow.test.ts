/** The previous release beside this one: its code on the new schema, this code on the old one, and both at once on the same objects. The
 *  previous release is the latest tag v*, or the commit before the latest migration. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unstable_splitSqlQuery } from 'wrangler'
import { currentBuild } from '../../scripts/lib/build-cache.mjs'
import { modulePath, quietEnvironment, root, runNode, wrangler } from '../../scripts/lib/tools.mjs'
import { logInThrough, expectServing } from '../../scripts/deploy/smoke-test.ts'
import { Phone, generateKeys } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import { Cloudflare } from '../simulation/cloudflare.ts'
import type { Version } from '../simulation/cloudflare/workers.ts'
import { Edge } from './edge.ts'

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }
const SECRETS = new Map([
  ['MASTER_KEY', 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='],
  ['ADMIN_LOGIN', ADMIN.login],
  ['ADMIN_PASSWORD', ADMIN.password],
  ['SIGNING_KEY_BITS', '2048'],
])
const timeout = 280_000

const git = (...args: string[]): string => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  } catch (error) {
    throw new Error(
      `This test builds the previous release from git, and \`git ${args.join(' ')}\` failed: run it in a clone with its history`,
      { cause: error },
    )
  }
}

interface Release {
  readonly commit: string
  readonly bundle: string
  readonly migrations: readonly string[]
}

const migrationsIn = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .toSorted((a, b) => a.localeCompare(b))

/** The latest release that has fewer migrations than this checkout, as it was uploaded. */
async function previousRelease(scratch: string): Promise<Release> {
  const latest = migrationsIn(root).at(-1) ?? ''
  const added = git('log', '-1', '--diff-filter=A', '--format=%H', '--', `migrations/${latest}`)
  const [tag] = git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-creatordate').split('\n')
  const commit = git('rev-parse', tag ? `${tag}^{commit}` : `${added}^`)
  const folder = join(scratch, 'previous')
  mkdirSync(folder)
  execFileSync('bash', ['-c', `git archive ${commit} | tar -x -C ${folder}`], { cwd: root })
  symlinkSync(modulePath(''), join(folder, 'node_modules'))
  // The Worker alone: its pages take a minute to build, and nobody looks at them here.
  mkdirSync(join(folder, 'pages'))
  const toml = readFileSync(join(folder, 'wrangler.toml'), 'utf8')
  writeFileSync(
    join(folder, 'wrangler.toml'),
    toml.replace(/^command = .*$/m, 'command = "true"').replace(/^directory = .*$/m, 'directory = "pages"'),
  )
  const args = ['deploy', '--dry-run', '--outdir', join(folder, 'out'), '--config', join(folder, 'wrangler.toml')]
  const built = await runNode([wrangler, ...args], { env: quietEnvironment() })
  if (built.code !== 0) throw new Error(`The release ${commit} does not build: ${built.stderr}`)
  return { commit, bundle: readFileSync(join(folder, 'out/index.js'), 'utf8'), migrations: migrationsIn(folder) }
}

let scratch = ''
let edge: Edge
let account: Cloudflare
let previous: Release
let present: string

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'nod-neighbours-'))
  previous = await previousRelease(scratch)
  present = readFileSync(join((await currentBuild()).folder, 'index.js'), 'utf8')
  edge = new Edge(() => account.d1.listed.map(({ uuid }) => uuid))
  account = await Cloudflare.start({ database: (id) => edge.database(id), run: (served) => edge.run(served) })
  await edge.open()
}, timeout)
afterAll(async () => {
  await edge.stop()
  await account.stop()
  rmSync(scratch, { recursive: true, force: true })
})

/** The Worker of the present test. Each has objects of its own. */
let worker = ''

/** A new deployment of this code, on a new database that has these migrations. */
async function deploy(code: string, migrations: readonly string[], folder = root): Promise<Version> {
  worker = `nod-${account.d1.listed.length}`
  const { uuid } = account.d1.add(worker)
  await apply(uuid, migrations, folder)
  return install(code, uuid)
}

async function apply(id: string, migrations: readonly string[], folder = root): Promise<void> {
  const database = await edge.database(id)
  await database.batch([
    database.prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    ),
  ])
  for (const name of migrations) {
    const statements = unstable_splitSqlQuery(readFileSync(join(folder, 'migrations', name), 'utf8'))
    await database.batch(
      [...statements, `INSERT INTO d1_migrations (name) VALUES ('${name}')`].map((one) => database.prepare(one)),
    )
  }
}

const OBJECTS = { TRANSACTIONS: 'Transactions', PHONE: 'Phone', COUNTER: 'Counter', JOURNAL: 'Journal' }

async function install(code: string, database: string): Promise<Version> {
  const bindings = [
    { type: 'd1', name: 'DB', id: database },
    { type: 'plain_text', name: 'ANONYMOUS_CHECK', text: 'deny' },
    { type: 'plain_text', name: 'RATE_LIMITS', text: 'off' },
    ...Object.entries(OBJECTS).map(([name, class_name]) => ({ type: 'durable_object_namespace', name, class_name })),
  ]
  const given = {
    main: 'index.js',
    modules: new Map([['index.js', code]]),
    bindings,
    secrets: SECRETS,
    compatibilityDate: '2026-10-20',
    compatibilityFlags: ['enable_request_signal'],
  }
  const { versions } = await account.workers.install(worker, given, Object.values(OBJECTS))
  const [version] = versions
  return version ?? expect.unreachable('no version')
}

/** Runs two versions on the same objects, with these shares of the traffic. */
const share = (first: Version, percentage: number, second: Version): Promise<void> => {
  const state = account.workers.byName.get(worker) ?? expect.unreachable('no Worker')
  return edge.run({
    worker: state,
    traffic: [
      { version: first, percentage },
      { version: second, percentage: 100 - percentage },
    ],
  })
}

const logIn = (version: Version): Promise<number> => logInThrough({ url: edge.url, worker, version: version.id }, ADMIN)

/** A user with a phone, and a login of theirs that waits for it. */
async function waitingLogin() {
  const service = new Service({ baseUrl: edge.url })
  const jwt = await service.auth(ADMIN.login, ADMIN.password)
  const caller = new Service({ baseUrl: edge.url, authorization: jwt })
  const phone = new Phone({ keys: await generateKeys(), registrationToken: 'no_firebase_token' })
  const { serial, pushurl } = await service.init({ user: 'ada', pin: '1234' })
  await phone.register(phone.scan(pushurl?.value ?? ''))
  const login = await caller.triggerWithPin({ serial: serial ?? '' }, '1234')
  return { caller, phone, login }
}

describe('the release before', { timeout }, () => {
  it('is another one, with fewer migrations', () => {
    expect(migrationsIn(root).length).toBeGreaterThan(previous.migrations.length)
    expect(previous.bundle).not.toBe(present)
  })

  it('logs users in on the schema of this one', async () => {
    const version = await deploy(previous.bundle, migrationsIn(root))
    expect(await logIn(version)).toBeGreaterThan(0)
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200)
  })

  it('and this one share the traffic and the objects on it, whichever version a request meets', async () => {
    const old = await deploy(previous.bundle, migrationsIn(root))
    const database = old.bindings.find(({ name }) => name === 'DB')?.id ?? ''
    await logIn(old) // its objects are there already
    const now = await install(present, database)
    for (const percentage of [100, 50, 0]) {
      await share(old, percentage, now)
      // Several phones: each has an object, in one of the two.
      for (const version of [old, now, old, now, old, now]) expect(await logIn(version)).toBeGreaterThan(0)
    }
  })

  it('goes on with a login that was opened by the other', async () => {
    const old = await deploy(previous.bundle, migrationsIn(root))
    const database = old.bindings.find(({ name }) => name === 'DB')?.id ?? ''
    const { caller, phone, login } = await waitingLogin()
    await install(present, database) // all traffic, and the objects start anew
    const [prompt] = await phone.poll()
    expect(prompt && (await phone.accept(prompt)).taken).toBe(true)
    expect(await caller.finalize(login.transactionId)).toBe('ACCEPT')

    const second = await waitingLogin()
    await install(previous.bundle, database) // and back
    const [again] = await second.phone.poll()
    expect(again && (await second.phone.accept(again)).taken).toBe(true)
    expect(await second.caller.finalize(second.login.transactionId)).toBe('ACCEPT')
  })
})

describe('this release', { timeout }, () => {
  it('on the schema of the one before finishes what was opened, says which migrations it lacks, and serves once it has them', async () => {
    const old = await deploy(previous.bundle, previous.migrations)
    const database = old.bindings.find(({ name }) => name === 'DB')?.id ?? ''
    const { caller, phone, login } = await waitingLogin()
    const now = await install(present, database)
    const [prompt] = await phone.poll()
    expect(prompt && (await phone.accept(prompt)).taken).toBe(true)
    expect(await caller.finalize(login.transactionId)).toBe('ACCEPT')
    const health = await fetch(`${edge.url}/healthz`)
    const lacking = migrationsIn(root).filter((name) => !previous.migrations.includes(name))
    expect({ status: health.status, text: await health.text() }).toEqual({
      status: 503,
      text: expect.stringContaining((lacking[0] ?? '').replace('.sql', '')),
    })

    await apply(database, lacking)
    await expectServing({ url: edge.url, worker, version: now.id })
    expect(await logIn(now)).toBeGreaterThan(0)
  })
})
