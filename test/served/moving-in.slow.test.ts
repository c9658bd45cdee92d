import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Driver, nextPrompt } from '../driver/driver.ts'
import { startMariadb, startPostgres, type OwnDatabase } from '../import/databases.ts'
import { type Kind, type OldServer, startOldServer, tokensOf } from '../import/old-server.ts'
import { prepareScene, type Scene } from '../import/scene.ts'
import { type Google, startGoogle } from '../simulation/google.ts'
import { fields } from '../simulation/reply.ts'
import { nod, type Ended } from './nod-command.ts'
import { NodProcess } from './nod-process.ts'

// Phones enroll at a real privacyIDEA or eduMFA, of PyPI, on databases of Debian. It is stopped, its tokens are imported, and Nod serves at
// its address: the phones know no other.

interface Move {
  readonly kind: Kind
  readonly version: string
  readonly release: string
  readonly database?: () => Promise<OwnDatabase>
  /** The other server hashes PINs so that they can come along. */
  readonly pbkdf2?: true
}

const MOVES: readonly Move[] = [
  { kind: 'privacyidea', version: '3.9.3', release: 'privacyIDEA 3.9' },
  {
    kind: 'privacyidea',
    version: '3.12.3',
    release: 'privacyIDEA 3.10 to 3.12',
    database: startPostgres,
    pbkdf2: true,
  },
  { kind: 'privacyidea', version: '3.14', release: 'privacyIDEA 3.13 or 3.14', database: startMariadb },
  { kind: 'edumfa', version: '2.9.5', release: 'eduMFA 2.x', database: startPostgres },
]

const ADMIN = { ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' }
const PBKDF2 = `{}_HASH_ALGO_LIST = ['pbkdf2_sha512', 'argon2']`

describe.each(MOVES)('a move from $kind $version', ({ kind, version, release, database, pbkdf2 }) => {
  let folder: string
  let google: Google
  let own: OwnDatabase | undefined
  let server: OldServer
  let there: readonly Readonly<Record<string, unknown>>[]
  let scene: Scene
  let served: NodProcess
  let driver: Driver
  let environment: Readonly<Record<string, string>>
  let db: string

  const source = () => ['import', kind, '--db', db, '--enckey', server.path('enckey')]
  const run = (...args: readonly string[]): Promise<Ended> => nod([...source(), ...args], environment)
  const listed = async (serial: string) => {
    const { value } = await driver.service.call('GET', '/token/', { query: { serial } })
    return fields((fields(value)['tokens'] as unknown[])[0])
  }
  const count = async () => Number(fields((await driver.service.call('GET', '/token/')).value)['count'])

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nod-moving-'))
    google = await startGoogle()
    own = await database?.()
    db = own?.url.replace(/\?.*/, '') ?? join(folder, 'old', 'pi.db')
    server = await startOldServer({
      kind,
      version,
      folder: join(folder, 'old'),
      google: google.url,
      ...(own === undefined ? {} : { database: own.url }),
      ...(pbkdf2 === undefined ? {} : { settings: PBKDF2.replace('{}', kind === 'edumfa' ? 'EDUMFA' : 'PI') }),
    })
    scene = await prepareScene(server, google)
    there = await tokensOf(server.driver)
    await server.stop()
    const { port } = new URL(server.url)
    served = new NodProcess({
      ...ADMIN,
      PORT: port,
      NOD_STATE: join(folder, 'nod'),
      ANONYMOUS_CHECK: 'allow',
      FCM_URL: google.url,
      FIREBASE_FB1: JSON.stringify(google.serviceAccount),
    })
    expect(await served.url()).toBe(server.url)
    environment = { ...ADMIN, NOD_URL: server.url }
    driver = new Driver({ url: server.url }, { polled: 'realm1' })
    await driver.signIn({ login: 'admin', password: 'adminpw-of-tests' })
  }, 900_000)

  afterAll(async () => {
    served?.kill('SIGTERM')
    await served?.ended()
    await server?.stop()
    await own?.stop()
    await google?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  it('says what would be imported, and changes nothing', async () => {
    const { code, stdout, stderr } = await run('--dry-run')
    expect(stderr).not.toContain('cannot be')
    expect(stdout).toContain(`${release}, `)
    expect(stdout).toContain(`${server.url}/ttype/push`)
    expect(stdout).toMatch(/1\s+totp/)
    expect(stdout).toContain(`${scene.count} new, 0 changed there since`)
    expect(stdout).toContain('Policies that --policies takes over: 3 of 3')
    expect(code).toBe(0)
    expect(await count()).toBe(0)
  })

  it('imports every push token, and each key signs', async () => {
    const { code, stdout, stderr } = await run('--yes', '--policies')
    expect(stderr).not.toContain(' cannot ')
    expect(stdout).toContain(`${scene.count} tokens imported`)
    expect(stdout).toContain(`${scene.count - 1} of ${scene.count - 1} keys sign what their phones believe`)
    expect(code).toBe(0)
    expect(await count()).toBe(scene.count)
  })

  it('has them as they were', async () => {
    for (const token of there.filter(({ tokentype }) => /push/.test(String(tokentype)))) {
      const here = await listed(String(token['serial']))
      const info = fields(token['info'])
      for (const name of [
        'tokentype',
        'description',
        'active',
        'revoked',
        'failcount',
        'maxfail',
        'rollout_state',
        'username',
        'user_realm',
      ])
        expect({ serial: token['serial'], [name]: here[name] }).toEqual({
          serial: token['serial'],
          [name]: token[name],
        })
      for (const name of [
        'creation_date',
        'polling_allowed',
        'inventory',
        'validity_period_end',
        'count_auth',
        'count_auth_success',
      ])
        // privacyIDEA 3.9 does not say when a token was made.
        if (name !== 'creation_date' || info[name] !== undefined)
          expect({ serial: token['serial'], [name]: fields(here['info'])[name] }).toEqual({
            serial: token['serial'],
            [name]: info[name],
          })
    }
  })

  it('logs a user in with the phone that was enrolled there, and never again', async () => {
    const { bob } = scene
    const login = await driver.service.trigger({ serial: bob.serial })
    const prompt = await nextPrompt(bob.phone, bob.serial)
    expect(prompt.question).toBe('Log in?')
    await bob.phone.accept(prompt)
    expect(await driver.service.finalize(login.transactionId, { serial: bob.serial })).toBe('ACCEPT')
    expect(bob.phone.dropped).toEqual([])
  })

  it('imports the PINs that it can, and says why it cannot import the others', async () => {
    const [encrypted] = scene.carol
    expect(await driver.service.check({ serial: encrypted.serial, pass: '3334' })).toMatchObject({
      authentication: 'REJECT',
    })
    const login = await driver.service.triggerWithPin({ serial: encrypted.serial }, '3333')
    await encrypted.phone.accept(await nextPrompt(encrypted.phone, encrypted.serial))
    expect(await driver.service.finalize(login.transactionId, { serial: encrypted.serial })).toBe('ACCEPT')

    const { alice } = scene
    const checked = await driver.service.check({ serial: alice.serial, pass: '1111' })
    expect(checked.authentication).toBe(pbkdf2 ? 'CHALLENGE' : 'REJECT')
    expect(fields((await listed(alice.serial))['info'])['pin_state']).toBe(pbkdf2 ? undefined : 'upstream')
  })

  it('rings a phone through the Firebase configuration of its name', async () => {
    const [, { serial, phone }] = scene.carol
    await driver.service.trigger({ serial })
    const { data } = await google.waitForMessage(({ registrationToken }) => registrationToken === 'of-carols-phone')
    expect((await phone.receive(data))?.serial).toBe(serial)
  })

  it('keeps out users whom the other server kept out', async () => {
    for (const { serial } of [scene.disabled, scene.locked, scene.revoked])
      expect((await driver.service.triggerchallenge({ serial })).value).toBe(0)
  })

  it('enrolls the phone that scanned its QR code before', async () => {
    const { waiting } = scene
    await waiting.phone.register(waiting.credential)
    await driver.service.trigger({ serial: waiting.serial })
    expect((await nextPrompt(waiting.phone, waiting.serial)).serial).toBe(waiting.serial)
  })

  it.runIf(kind === 'edumfa')('logs in with eduMFA’s own app', async () => {
    const { edu } = scene
    if (edu === undefined) throw new Error('no such token')
    await driver.service.call('POST', `/token/setpin/${edu.serial}`, { form: { otppin: '' } })
    const login = await driver.service.trigger({ serial: edu.serial })
    await edu.phone.accept(await nextPrompt(edu.phone, edu.serial))
    expect(await driver.service.finalize(login.transactionId, { serial: edu.serial })).toBe('ACCEPT')
  })

  describe.runIf(database === undefined)('with a database at fault', () => {
    /** Runs the import on a copy of the database that this was done to. */
    const onCopy = async (damage: string, ...args: readonly string[]): Promise<Ended> => {
      const file = join(folder, 'damaged.db')
      copyFileSync(db, file)
      const copy = new DatabaseSync(file, { enableForeignKeyConstraints: false })
      copy.exec(damage)
      copy.close()
      return nod(['import', kind, '--db', file, '--enckey', server.path('enckey'), '--yes', ...args], environment)
    }

    it.each([
      ['half of it', 'DROP TABLE tokeninfo', /is not whole: the table tokeninfo is missing/],
      [
        'another schema',
        "UPDATE alembic_version SET version_num = 'ffffffffffff'",
        /its schema ffffffffffff is of no release/,
      ],
      [
        'a serial twice',
        `DROP INDEX ix_token_serial; INSERT INTO token (serial, tokentype, active, rollout_state)
         SELECT serial, tokentype, active, rollout_state FROM token WHERE tokentype = 'push' LIMIT 1`,
        /PIPU\w+: another token has this serial/,
      ],
      [
        'a key that is cut off',
        `UPDATE tokeninfo SET "Value" = substr("Value", 1, 500) WHERE "Key" = 'private_key_server' AND token_id = 1`,
        /PIPU\w+: its private key does not open/,
      ],
      [
        'a resolver that is gone',
        'DELETE FROM resolver',
        /PIPU\w+: its owner 100\d is of the resolver users, which is gone/,
      ],
    ])('with %s: nothing is imported, and the fault is named', async (_, damage, fault) => {
      const { code, stdout, stderr } = await onCopy(damage)
      expect(stderr).toMatch(fault)
      expect(stdout).not.toContain('tokens imported')
      expect(code).toBe(1)
      expect(await count()).toBe(scene.count)
    })

    it('that is cut off, or the enckey of another server, is refused', async () => {
      const file = join(folder, 'cut-off.db')
      writeFileSync(file, readFileSync(db).subarray(0, 20_000))
      const cutOff = await nod(['import', kind, '--db', file, '--enckey', server.path('enckey'), '--yes'], environment)
      expect(cutOff).toMatchObject({ code: 1, stderr: expect.stringMatching(/cut-off\.db: /) })
      const enckey = join(folder, 'enckey-of-another')
      writeFileSync(enckey, randomBytes(96))
      const other = await nod(['import', kind, '--db', db, '--enckey', enckey, '--yes'], environment)
      expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/opens none of the 8 private keys/) })
    })

    it('is told from one of eduMFA', async () => {
      const { code, stderr } = await nod(
        ['import', 'edumfa', '--db', db, '--enckey', server.path('enckey'), '--yes'],
        environment,
      )
      expect(stderr).toContain('this is a database of privacyIDEA')
      expect(code).toBe(1)
    })
  })

  it('imports nothing twice when it is repeated', async () => {
    const { code, stdout } = await run('--yes')
    expect(stdout).toContain('0 new, 0 changed there since')
    expect(code).toBe(0)
    expect(await count()).toBe(scene.count)
  })
})
