import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { type OpenDatabase, openToChange, type OwnDatabase, startMariadb, startPostgres } from '../import/databases.ts'
import { expectDone, type Kind, type OldServer, startOldServer, tokensOf } from '../import/old-server.ts'
import { fields } from '../simulation/reply.ts'
import { type Ended, nod } from './nod-command.ts'
import { NodProcess } from './nod-process.ts'

// Phones enroll at a real privacyIDEA, move to Nod at the same address, and go back. What changed meanwhile goes with them.

const ADMIN = { ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' }
/** What the export says that its pi.cfg needs. */
const SETTINGS = `{}_HASH_ALGO_LIST = ['argon2', 'pbkdf2_sha512', 'pbkdf2_sha256']`
const REALM = { realm: 'realm1' }

interface Move {
  readonly kind: Kind
  readonly version: string
  readonly on: string
  readonly start?: () => Promise<OwnDatabase>
}
const MOVES: readonly Move[] = [
  { kind: 'privacyidea', version: '3.14', on: 'SQLite' },
  { kind: 'privacyidea', version: '3.14', on: 'PostgreSQL', start: startPostgres },
  { kind: 'privacyidea', version: '3.14', on: 'MariaDB', start: startMariadb },
  { kind: 'edumfa', version: '2.9.5', on: 'SQLite' },
]

describe.each(MOVES)('a way back to $kind $version on $on', ({ kind, version, start: startDatabase }) => {
  let own: OwnDatabase | undefined
  let open: OpenDatabase
  let folder: string
  let old: OldServer
  let served: NodProcess | undefined
  let driver: Driver
  let environment: Readonly<Record<string, string>>
  let db: string
  let phones: Readonly<Record<'alice' | 'bob' | 'carol' | 'dave' | 'untouched', EnrolledUser>>
  let added: EnrolledUser

  const prefix = kind === 'edumfa' ? 'EDUMFA' : 'PI'
  const at = (name: string): string => join(folder, name)
  const start = (port?: number): Promise<OldServer> =>
    startOldServer({
      kind,
      version,
      folder: at('old'),
      settings: SETTINGS.replace('{}', prefix),
      ...(own === undefined ? {} : { database: own.url.replace(/^postgresql:/, 'postgresql+psycopg2:') }),
      ...(port === undefined ? {} : { port }),
    })
  const source = () => ['--db', db, '--enckey', at('old/enckey')]
  const run = (...args: readonly string[]): Promise<Ended> => nod(args, environment)
  const wayBack = (...args: readonly string[]) => run('export', kind, ...source(), ...args)
  const change = (method: string, to: string, form: Readonly<Record<string, string>> = {}) =>
    expectDone(driver.service.call(method, to, { form }))
  /** Runs a query there. Names in double quotes. */
  const query = async (sql: string) => (await open.run(sql)) as readonly Readonly<Record<string, unknown>>[]
  const set = (column: string, value: string, { serial }: EnrolledUser) =>
    query(`UPDATE token SET ${column} = ${value} WHERE serial = '${serial}'`)
  const cell = async (column: string, { serial }: EnrolledUser) =>
    (await query(`SELECT ${column} AS cell FROM token WHERE serial = '${serial}'`))[0]?.['cell']
  /** Applies the file, and counts how often one was applied. */
  const apply = async (file: string) => {
    await open.run(readFileSync(file, 'utf8'))
    return Number((await query(`SELECT count(*) AS n FROM config WHERE config."Key" LIKE 'nod_way_back.%'`))[0]?.['n'])
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nod-back-'))
    own = await startDatabase?.()
    db = own?.url.replace(/\?.*/, '') ?? at('old/pi.db')
    old = await start()
    const { service } = old.driver
    const known = ([name]: readonly [string, unknown]) => kind === 'edumfa' || !name.startsWith('edu')
    const enrolling = Object.fromEntries(Object.entries(old.driver.enrollmentAction('poll only')).filter(known))
    await service.setPolicy('push', 'enrollment', enrolling, REALM)
    await service.setPolicy('texts', 'authentication', { push_text_on_mobile: 'Log in?' }, REALM)
    phones = {
      alice: await old.driver.enroll('alice', { pin: '1111' }),
      bob: await old.driver.enroll('bob'),
      carol: await old.driver.enroll('carol', { pin: '3333' }),
      dave: await old.driver.enroll('dave', { pin: '4444' }),
      untouched: await old.driver.enroll('alice', { pin: '9999' }),
    }
    await old.stop()
    open = await openToChange(db)
    await serveNod()
    const moved = await run('import', kind, ...source(), '--yes', '--policies')
    expect(moved).toMatchObject({ code: 0 })
  }, 900_000)

  afterAll(async () => {
    served?.kill('SIGTERM')
    await served?.ended()
    await old?.stop()
    await open?.close()
    await own?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  async function serveNod(): Promise<void> {
    served = new NodProcess({
      ...ADMIN,
      PORT: new URL(old.url).port,
      NOD_STATE: at('nod'),
      ANONYMOUS_CHECK: 'allow',
      FCM_URL: 'http://127.0.0.1:9',
    })
    expect(await served.url()).toBe(old.url)
    environment = { ...ADMIN, NOD_URL: old.url }
    driver = new Driver({ url: old.url }, { polled: 'realm1' })
    await driver.signIn({ login: 'admin', password: 'adminpw-of-tests' })
  }

  it('of tokens that nobody has changed has nothing to do', async () => {
    const { code, stdout, stderr } = await wayBack('--dry-run')
    expect(stderr).toBe('')
    expect(stdout).toContain('0 tokens change there, 5 stay as they are')
    expect(code).toBe(0)
  })

  it('says what changes there, and writes nothing in a dry run', async () => {
    const { alice, bob, carol, dave } = phones
    const refreshed = await alice.phone.refreshForm(alice.serial, 'a-new-registration-token')
    expect((await alice.phone.post(`${old.url}/ttype/push`, refreshed)).status).toBe(200)
    await change('POST', '/token/setpin', { serial: alice.serial, otppin: '2222' })
    await change('POST', '/token/description', { serial: alice.serial, description: "Alice's \\ new 'phone'" })
    await change('POST', '/token/setpin', { serial: carol.serial, otppin: '' })
    await change('POST', '/token/info/' + carol.serial + '/inventory', { value: 'A-17' })
    await change('DELETE', `/token/${bob.serial}`)
    await change('POST', '/token/setpin', { serial: dave.serial, otppin: '4444' })
    await change('POST', '/token/set', { serial: dave.serial, max_failcount: '2' })
    for (const pass of ['1', '2']) await driver.service.check({ serial: dave.serial, pass })
    added = await driver.enroll('bob', { pin: '5555' })
    await expect
      .poll(async () => (await wayBack('--dry-run')).stdout, { timeout: 60_000 })
      .toContain(`${dave.serial}: fail counter`)
    const { code, stdout, stderr } = await wayBack('--dry-run')
    expect(stderr).toBe('')
    for (const line of [
      new RegExp(`${alice.serial}: .*description.*PIN.*registration token`),
      new RegExp(`${bob.serial}: deleted`),
      new RegExp(`${carol.serial}: .*PIN.*inventory`),
      new RegExp(`${added.serial}: added`),
      /5 tokens change there, 1 stay as they are/,
      new RegExp(`${prefix}_HASH_ALGO_LIST = `),
    ])
      expect(stdout).toMatch(line)
    expect(code).toBe(0)
  })

  it('is refused as a whole when a token was changed there as well, naming it', async () => {
    await set('description', `'changed there'`, phones.alice)
    const args = ['export', kind, ...source(), '--out', at('none.sql')]
    const refused = await run(...args)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`${phones.alice.serial}: it was changed there as well as here`)
    expect(existsSync(at('none.sql'))).toBe(false)
    expect(await run(...args, '--overwrite', phones.alice.serial)).toMatchObject({ code: 0 })
    await set('description', `''`, phones.alice)
  })

  it('is written for its reader alone, and applied changes everything, once', async () => {
    const file = at('way-back.sql')
    expect(await wayBack('--out', file)).toMatchObject({ code: 0 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const sql = readFileSync(file, 'utf8')
    expect(sql).not.toContain('PRIVATE KEY')

    // Somebody changes a token there before it is applied: nothing happens.
    const before = await cell('pin_hash', phones.alice)
    await set('failcount', 'failcount + 1', phones.carol)
    expect(await apply(file)).toBe(0)
    expect([await cell('pin_hash', phones.alice), await cell('serial', phones.bob)]).toEqual([
      before,
      phones.bob.serial,
    ])
    await set('failcount', 'failcount - 1', phones.carol)
    expect(await apply(file)).toBe(1)
    expect(await cell('serial', phones.bob)).toBeUndefined()
    // A second time, after somebody has changed what it had changed.
    await set('description', `'later'`, phones.alice)
    expect(await apply(file)).toBe(1)
    expect(await cell('description', phones.alice)).toBe('later')
    await set(
      'description',
      `'Alice''s ${own?.url.startsWith('mysql') === true ? '\\\\' : '\\'} new ''phone'''`,
      phones.alice,
    )
    const again = await wayBack('--dry-run')
    expect(again.stdout).toContain('0 tokens change there, 6 stay as they are')
    expect(again.code).toBe(0)
  })

  it('lets each phone log in there, with its PIN, and no other', { timeout: 300_000 }, async () => {
    served?.kill('SIGTERM')
    await served?.ended()
    served = undefined
    const { port } = new URL(old.url)
    old = await start(Number(port))
    const { service } = old.driver
    const { alice, bob, carol, dave, untouched } = phones
    const logIn = async ({ serial, phone }: EnrolledUser, pin: string) => {
      const { transactionId } = await service.triggerWithPin({ serial }, pin)
      await phone.accept(await nextPrompt(phone, serial))
      expect(await service.finalize(transactionId, { serial })).toBe('ACCEPT')
    }
    await logIn(alice, '2222')
    await logIn(untouched, '9999')
    await logIn(carol, '')
    await logIn(added, '5555')
    for (const [{ serial }, pass] of [
      [alice, '1111'],
      [carol, '3333'],
      [added, '5556'],
      [dave, '4444'],
    ] as const)
      expect(await service.check({ serial, pass })).toMatchObject({ authentication: 'REJECT' })
    const listed = (await tokensOf(old.driver)).map((token) => fields(token))
    const of = (serial: string) => listed.find((token) => token['serial'] === serial)
    expect(of(bob.serial)).toBeUndefined()
    expect(of(alice.serial)).toMatchObject({ description: "Alice's \\ new 'phone'" })
    expect(of(carol.serial)).toMatchObject({ info: { inventory: 'A-17' } })
    expect(of(dave.serial)).toMatchObject({ failcount: 2, maxfail: 2 })
    expect(of(added.serial)).toMatchObject({ username: 'bob', user_realm: 'realm1', rollout_state: 'enrolled' })
    const [stored] = await query(
      `SELECT tokeninfo."Value" AS value FROM tokeninfo JOIN token ON token.id = token_id
       WHERE serial = '${alice.serial}' AND tokeninfo."Key" = 'firebase_token'`,
    )
    expect(stored?.['value']).toBe('a-new-registration-token')
  })
})
