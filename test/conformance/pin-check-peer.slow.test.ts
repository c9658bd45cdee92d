/** A real privacyIDEA and a real eduMFA check what Nod cannot compare: PINs of tokens that move from there, and passwords of its users. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { expectDone, type Kind, type OldServer, startOldServer, tokensOf } from '../import/old-server.ts'
import { OwnNod } from '../served/own-nod.ts'
import { fields, type Reply } from '../simulation/reply.ts'

const SERVERS: readonly { readonly kind: Kind; readonly version: string }[] = [
  { kind: 'privacyidea', version: '3.14' },
  { kind: 'edumfa', version: '2.9.5' },
]
const ACCOUNT = { login: 'nod@administrators', password: 'of the account' }
const WRONG = { authentication: 'REJECT', detail: { message: 'wrong otp pin' } }

/** Adds a realm there, with one user. */
async function addUser({ driver, path }: OldServer, realm: string, login: string, password: string): Promise<void> {
  const hash = execFileSync('openssl', ['passwd', '-6', password]).toString().trim()
  writeFileSync(path(`${realm}.passwd`), `${login}:${hash}:2001:2001:${login},,,,:/home/${login}:/bin/false\n`)
  const call = (to: string, json: object = {}) => expectDone(driver.service.call('POST', to, { json }))
  await call(`/resolver/${realm}`, { type: 'passwdresolver', fileName: path(`${realm}.passwd`) })
  await call(`/realm/${realm}`, { resolvers: realm })
}

describe.each(SERVERS)('$kind $version', ({ kind, version }) => {
  let folder: string
  let server: OldServer
  let own: OwnNod
  let there: Driver
  let alice: EnrolledUser

  /** Its tokens, with the failed attempts that it has counted. */
  const listed = async () =>
    (await tokensOf(there)).map(({ serial, tokentype, failcount }) => ({ serial, tokentype, failcount }))
  const pinState = async () => fields((await own.driver.token(alice.serial))['info'])['pin_state']
  const check = (user: string, realm: string, pass: string): Promise<Reply> =>
    own.driver.caller().check({ user, realm, pass })
  /** Asks until it is answered: on a busy machine that server may be later than Nod waits. */
  async function answered(ask: () => Promise<Reply>): Promise<Reply> {
    let reply = await ask()
    for (let tries = 0; tries < 5 && reply.status === 503; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 8000))
      reply = await ask()
    }
    return reply
  }
  async function finalize({ detail }: Reply, { phone, serial, owner }: EnrolledUser): Promise<string> {
    await phone.accept(await nextPrompt(phone, serial))
    return own.driver.service.finalize(detail.transaction_id ?? '', owner)
  }
  async function serveHere(realm: string): Promise<void> {
    const form = { share: '100', other_tokens: '0' }
    await expectDone(own.driver.service.call('POST', `/deployment/upstream/realms/${realm}`, { form }))
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nod-pins-'))
    server = await startOldServer({ kind, version, folder: join(folder, 'old') })
    there = server.driver
    await addUser(server, 'administrators', 'nod', ACCOUNT.password)
    await addUser(server, 'staff', 'ada', 'open sesame')
    // The rights that docs/operating.md names, and no others.
    const names = ['triggerchallenge', 'tokenlist', 'enrollSPASS', 'enrollpin', 'copytokenpin', 'delete']
    const rights = Object.fromEntries(names.map((name) => [name, true as const]))
    await there.service.setPolicy('super', 'admin', { '*': true }, { adminuser: 'admin', realm: '*' })
    await there.service.setPolicy('account', 'admin', rights, { adminrealm: 'administrators', realm: '*' })
    own = await OwnNod.start({
      ANONYMOUS_CHECK: 'allow',
      UPSTREAM_URL: server.url,
      UPSTREAM_LOGIN: ACCOUNT.login,
      UPSTREAM_PASSWORD: ACCOUNT.password,
      PASSWORD_CHECK_URL: 'upstream',
    })
    await own.driver.addRealm('realm1', 'poll only')
    await own.driver.addRealm('staff', 'poll only')
    const enrolling = { push_registration_url: own.driver.phoneUrl(), push_firebase_configuration: 'poll only' }
    await there.service.setPolicy('phones', 'enrollment', enrolling, { realm: 'realm1' })
    alice = await there.enroll('alice', { pin: '1111', realm: 'realm1' })
    const db = join(folder, 'old', 'pi.db')
    const imported = await own.run(['import', kind, '--db', db, '--enckey', server.path('enckey'), '--yes'])
    expect(imported).toMatchObject({ code: 0 })
    await serveHere('realm1')
    await serveHere('staff')
  }, 900_000)
  afterAll(async () => {
    await own?.remove()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  it('says whether the PIN of a token is right, once, and opens no challenge', { timeout: 300_000 }, async () => {
    const before = await listed()
    expect(await pinState()).toBe('upstream')
    expect(await answered(() => check('alice', 'realm1', '1112'))).toMatchObject(WRONG)
    expect(await pinState()).toBe('upstream')
    const opened = await answered(() => check('alice', 'realm1', '1111'))
    expect(opened).toMatchObject({ authentication: 'CHALLENGE' })
    await waitUntil(async () => (await pinState()) === undefined)
    expect(await finalize(opened, alice)).toBe('ACCEPT')
    const { value } = await there.service.call('GET', '/token/challenges/')
    expect(fields(value)['challenges']).toEqual([])
    expect(await listed()).toEqual(before)
  })

  it('says whether a password is its user’s', { timeout: 300_000 }, async () => {
    const ada = await own.driver.enroll('ada', { realm: 'staff' })
    await own.driver.policy('authentication', { otppin: 'userstore' }, { realm: 'staff' })
    expect(await answered(() => check('ada', 'staff', 'open'))).toMatchObject(WRONG)
    const opened = await answered(() => check('ada', 'staff', 'open sesame'))
    expect(opened).toMatchObject({ authentication: 'CHALLENGE' })
    expect(await finalize(opened, ada)).toBe('ACCEPT')
  })

  it('is not needed any more for a PIN that it has said is right', { timeout: 120_000 }, async () => {
    await server.stop()
    const opened = await check('alice', 'realm1', '1111')
    expect(opened).toMatchObject({ authentication: 'CHALLENGE' })
    expect(await finalize(opened, alice)).toBe('ACCEPT')
    expect(await check('ada', 'staff', 'open sesame')).toMatchObject({ status: 503 })
  })
})
