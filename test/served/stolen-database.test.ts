/** Somebody who has a copy of D1 without the master key, and everything of the copy to try against the Nod it is from. */
import { createHmac, createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrolledUser, PendingEnrollment } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import { newKey, OwnNod } from './own-nod.ts'

type Row = Readonly<Record<string, unknown>>

const PIN = 'pin-of-ada-9471'
const PASSWORD = 'password of hedy, who administers'

let own: OwnNod
let ada: EnrolledUser
let pending: PendingEnrollment
/** What must not be in the copy, by name. */
let secrets: Readonly<Record<string, string>>
/** The copy: all rows of all tables. */
const copy = new Map<string, readonly Row[]>()

beforeAll(async () => {
  own = await OwnNod.start()
  const { driver } = own
  ada = await driver.enroll('ada', { pin: PIN })
  pending = await driver.beginEnrollment('bea')
  const key = await driver.serviceKey('vpn')
  const form = { login: 'hedy', password: PASSWORD, role: 'admin' }
  expect((await driver.service.call('POST', '/administrator', { form })).status).toBe(200)
  const hedy = driver.caller()
  await hedy.auth('hedy', PASSWORD)
  const { value } = await driver.service.call('POST', '/token/bypass', { form: { ...ada.owner, reason: 'lost' } })
  const code = String(fields(value)['code'])
  // A login that is approved and not used, and one that is open.
  await driver.service.trigger(ada.owner)
  await ada.phone.accept(only(await ada.phone.poll()))
  await driver.service.trigger(ada.owner)
  secrets = {
    PIN,
    PASSWORD,
    key,
    code,
    'code without dashes': code.replaceAll('-', ''),
    credential: pending.credential.enrollmentCredential,
    'API token': hedy.token ?? '',
    'master key': own.environment['MASTER_KEY'] ?? '',
    'password of ADMIN_LOGIN': own.environment['ADMIN_PASSWORD'] ?? '',
  }
  const tables = await own.query(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
  )
  for (const { name } of tables) copy.set(String(name), await own.query(`SELECT * FROM "${String(name)}"`))
}, 60_000)
afterAll(() => own?.remove())

const column = (table: string, name: string): readonly string[] =>
  (copy.get(table) ?? []).map((row) => row[name]).filter((value) => typeof value === 'string')
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a copy of D1 without the master key', () => {
  it('has no PIN, password, key, code, credential or API token in it', () => {
    expect(copy.get('tokens')?.length).toBe(2)
    expect(copy.get('bypass_codes')?.length).toBe(1)
    const text = JSON.stringify([...copy])
    const found = Object.entries(secrets).filter(([, secret]) => secret === '' || text.includes(secret))
    expect(found.map(([name]) => name)).toEqual([])
    // No private key of the server either, in whatever form PEM or DER would have.
    expect(text).not.toMatch(/PRIVATE KEY/)
    for (const value of [...column('signing_keys', 'private_key'), ...column('api_token_keys', 'secret')]) {
      expect(value).toMatch(/^2\.[0-9a-f]{12}\./)
      const der = Buffer.from(value.split('.')[2] ?? '', 'base64url')
      expect(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).toThrow()
    }
  })

  it('opens nothing of the Nod it is from, whatever value of it is sent as a credential', async () => {
    const values = [...new Set([...copy.values()].flatMap((rows) => rows.flatMap((row) => Object.values(row))))].filter(
      (value): value is string => typeof value === 'string' && /^[\x21-\x7e]{8,2000}$/.test(value),
    )
    expect(values.length).toBeGreaterThan(20)
    const { driver } = own
    for (const value of values) {
      const asKey = await driver.caller({ authorization: value }).call('GET', '/token/')
      const asPassword = await driver.caller().call('POST', '/auth', { form: { username: 'hedy', password: value } })
      expect([value, asKey.status >= 400, asPassword.status >= 400]).toEqual([value, true, true])
    }
    await own.signIn()
  })

  it('signs no API token: what is stored of that key is sealed', async () => {
    const [row] = copy.get('api_token_keys') ?? []
    const sealed = String(row?.['secret'])
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      username: 'admin',
      realm: '',
      nonce: '0'.repeat(40),
      role: 'admin',
      authtype: 'password',
      rights: [],
    }
    const input = `${base64url({ alg: 'HS256', typ: 'JWT', kid: row?.['id'] })}.${base64url({ ...claims, iat: now, exp: now + 3600 })}`
    const keys = [sealed, ...sealed.split('.')].flatMap((text) => [Buffer.from(text), Buffer.from(text, 'base64url')])
    for (const secret of keys) {
      const authorization = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      expect((await own.driver.caller({ authorization }).call('GET', '/policy/')).status).toBe(401)
    }
  })

  it('lets nobody in as a user: hashes and sealed values are no PIN, no code and no credential', async () => {
    const { driver } = own
    const entries = [
      ...column('tokens', 'pin'),
      ...column('bypass_codes', 'hash'),
      ...column('tokens', 'credential_hash'),
    ]
    expect(entries.length).toBe(3)
    for (const pass of entries)
      expect((await driver.service.check({ ...ada.owner, pass })).authentication).toBe('REJECT')
    const { phone, credential } = pending
    for (const stolen of column('tokens', 'credential_hash')) {
      const form = { ...(await phone.registrationForm(credential)), enrollment_credential: stolen }
      expect((await phone.post(credential.url, form)).status).toBe(400)
    }
    // Its owner still gets in, and the phone that was shown the QR code registers.
    await driver.service.call('POST', '/token/reset', { form: { serial: ada.serial } })
    const login = await driver.service.triggerWithPin(ada.owner, PIN)
    expect(login.serials).toEqual([ada.serial])
    await phone.register(credential)
  })

  it('has no open login in it: neither ids, nonces nor what phones have answered', () => {
    const text = JSON.stringify([...copy])
    for (const prompt of ada.phone.openPrompts()) expect(text).not.toContain(prompt.nonce)
    const open = [...copy].filter(([name]) => !name.startsWith('audit')).map(([, rows]) => rows)
    expect(JSON.stringify(open)).not.toMatch(/"transaction/)
  })

  it('serves nobody with another master key, so that it cannot be tried at home', async () => {
    await own.stop()
    await expect(own.start({ MASTER_KEY: newKey() })).rejects.toThrow(
      /MASTER_KEY: this database is sealed with the key/,
    )
  })
})
