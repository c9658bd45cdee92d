import { createCipheriv, generateKeyPairSync, hkdfSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../driver/waiting.ts'
import { nod } from '../nod-command.ts'
import type { Prompt } from '../../simulation/phone.ts'
import { fields } from '../../simulation/reply.ts'
import type { EnrolledUser } from '../../driver/driver.ts'
import { RotationWorld, type Secrets } from './world.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const OLD: Secrets = { MASTER_KEY: key(1) }
const BOTH: Secrets = { MASTER_KEY: key(2), MASTER_KEY_PREVIOUS: key(1) }
const NEW: Secrets = { MASTER_KEY: key(2) }
/** What Nod derives from a master key (docs/storage.md, "What is sealed"). */
const derived = (secrets: Secrets, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secrets.MASTER_KEY, 'base64'), '', purpose, length))
const idOf = (secrets: Secrets): string => derived(secrets, 'nod/key-id/1', 6).toString('hex')

let world: RotationWorld
let ada: EnrolledUser
let bob: EnrolledUser
let eve: EnrolledUser
let dan: EnrolledUser
let environment: Record<string, string>

const PIN = '1234'

beforeAll(async () => {
  world = await RotationWorld.open(OLD.MASTER_KEY)
  environment = { NOD_URL: world.url, ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' }
  ada = await world.enroll('ada', { pin: PIN })
  bob = await world.enroll('bob', { pushed: true, pin: PIN })
  dan = await world.enroll('dan', { pin: PIN })
  await importSigningKey('imported-1')
  eve = await enrollWithSigningKey('eve', 'imported-1')
  await world.service.call('POST', '/administrator', {
    form: { login: 'hedy', password: 'a long password', role: 'helpdesk' },
  })
})
afterAll(() => world?.close())

/** A signing key that Nod has not made, sealed by another program, in the form that names no key. */
async function importSigningKey(id: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', derived(OLD, 'nod/sealing/1', 32), iv)
  cipher.setAAD(Buffer.from(`signing-key:${id}`))
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const sealed = Buffer.concat([iv, cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  const pkcs1 = publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64')
  await world.sql(
    `INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES ('${id}', 2048, '1.${sealed}', '${pkcs1}', 0)`,
  )
}

async function enrollWithSigningKey(user: string, id: string): Promise<EnrolledUser> {
  const { phone, credential, serial, owner } = await world.beginEnrollment(user, { pin: PIN })
  await world.sql(`UPDATE tokens SET signing_key = '${id}' WHERE serial = '${serial}'`)
  await phone.register(credential)
  return { phone, serial, owner }
}

/** Opens a login through isolates with these secrets. */
const open = (secrets: Secrets, { owner }: EnrolledUser, pin?: string) =>
  pin === undefined ? world.through(secrets).trigger(owner) : world.through(secrets).triggerWithPin(owner, pin)

/** Logs a user in: opened through one deployment, finalized through another. The phone asks isolates with the secrets of the world. */
async function logIn(user: EnrolledUser, opening: Secrets, finalizing = opening, pin?: string): Promise<string> {
  const { transactionId } = await open(opening, user, pin)
  return answerAndFinalize(user, transactionId, finalizing)
}

async function answerAndFinalize(user: EnrolledUser, transactionId: string, secrets: Secrets): Promise<string> {
  await user.phone.accept(await newPrompt(user))
  return world.through(secrets).finalize(transactionId, user.owner)
}

/** Nonces of prompts that are to be answered later. */
const left = new Set<string>()

/** Polls until there is a prompt that is not to be left. */
async function newPrompt({ phone, serial }: EnrolledUser): Promise<Prompt> {
  let found: Prompt | undefined
  await waitUntil(async () => {
    found = (await phone.poll(serial)).find(({ nonce }) => !left.has(nonce))
    return found !== undefined
  })
  if (found === undefined) throw new Error('no prompt came')
  return found
}

/** Logs in by the prompt that FCM delivers. */
async function logInByPush(user: EnrolledUser, secrets: Secrets): Promise<string> {
  const seen = world.google.messages.length
  const { transactionId } = await open(secrets, user)
  await waitUntil(() => world.google.messages.length > seen)
  const prompt = await user.phone.receive(world.google.messages.at(-1)?.data)
  if (prompt === undefined) throw new Error('the phone dropped the prompt')
  await user.phone.accept(prompt)
  return world.through(secrets).finalize(transactionId, user.owner)
}

const rotate = async (form: Record<string, string> = {}, secrets = BOTH) =>
  world.through(secrets).call('POST', '/deployment/keys/master/rotate', { form })
const failures = async () => Promise.all([ada, bob, eve, dan].map(({ serial }) => world.failures(serial)))

/** Every sealed value of D1, by its beginning. */
async function sealedWith(): Promise<readonly string[]> {
  const rows =
    await world.sql(`SELECT private_key AS sealed FROM signing_keys UNION ALL SELECT secret FROM api_token_keys
    UNION ALL SELECT password FROM administrators UNION ALL SELECT pin FROM tokens WHERE pin IS NOT NULL`)
  return [...new Set(rows.map(({ sealed }) => String(sealed).split('.').slice(0, -1).join('.')))].toSorted()
}

describe('a rotation of the master key', () => {
  it('is prepared by setting the present key as the previous one too, and Nod goes on serving', async () => {
    const prepared = { MASTER_KEY: key(1), MASTER_KEY_PREVIOUS: key(1) }
    expect(await logIn(ada, prepared, prepared, PIN)).toBe('ACCEPT')
    expect((await rotate({}, prepared)).error?.message).toContain('MASTER_KEY_PREVIOUS is the same key as MASTER_KEY')
  })

  /** Opened before anything changed, and used while or after the key changes. */
  const opened: { transactionId: string; user: EnrolledUser; prompt: Prompt }[] = []

  it('begins with isolates that have both keys, beside objects that still have the old one alone', async () => {
    for (const user of [ada, bob, eve]) {
      const { transactionId } = await open(OLD, user, PIN)
      const prompt = await newPrompt(user)
      left.add(prompt.nonce)
      opened.push({ transactionId, user, prompt })
    }
    await world.deployIsolates(BOTH)
    expect(await logIn(ada, BOTH, OLD, PIN)).toBe('ACCEPT')
    expect(await logIn(ada, OLD, BOTH, PIN)).toBe('ACCEPT')
    expect(await logInByPush(bob, BOTH)).toBe('ACCEPT')
    expect(await logIn(eve, BOTH, BOTH, PIN)).toBe('ACCEPT')
    // A PIN that a new isolate sets, an old object compares.
    const form = { serial: dan.serial, otppin: '5678' }
    expect((await world.through(BOTH).call('POST', '/token/setpin', { form })).value).toBe(1)
    expect(await logIn(dan, BOTH, OLD, '5678')).toBe('ACCEPT')
    expect(await failures()).toEqual([0, 0, 0, 0])
  })

  it('waits until the new key has been configured for 300 seconds, and says how long', async () => {
    const step = fields((await rotate()).value)
    expect(step).toMatchObject({ phase: 'waiting', key: idOf(NEW) })
    expect(step['retry_after']).toBeGreaterThan(200)
    const { code, stderr, stdout } = await nod(['rotate', '--no-wait'], environment)
    expect(stdout).toContain(`key ${idOf(NEW)}: MASTER_KEY`)
    expect(stderr).toMatch(/is not readable everywhere yet: try again in \d+ seconds/)
    expect(code).toBe(1)
  })

  it('goes on beside isolates that still have the old key alone, when the objects have both', async () => {
    expect(await world.deployObjects(BOTH)).toBeGreaterThan(2)
    expect(await logIn(dan, OLD, OLD, '5678')).toBe('ACCEPT')
    expect(await logIn(ada, OLD, BOTH, PIN)).toBe('ACCEPT')
    expect(await logInByPush(bob, OLD)).toBe('ACCEPT')
  })

  it('makes the new key current and seals everything anew; logins that are open stay so', async () => {
    await world.pass(300)
    const before = await open(BOTH, ada, PIN)
    expect((await rotate()).value).toEqual({ phase: 'resealing', key: idOf(NEW), resealed: 0 })
    expect(await answerAndFinalize(ada, before.transactionId, BOTH)).toBe('ACCEPT')
    for (const { transactionId, user, prompt } of opened) {
      await user.phone.accept(prompt)
      expect(await world.through(BOTH).finalize(transactionId, user.owner)).toBe('ACCEPT')
    }
    // Several operators at once.
    const runs = await Promise.all([
      nod(['rotate', '--no-wait'], environment),
      nod(['rotate', '--no-wait'], environment),
    ])
    for (const { stderr } of runs)
      expect(stderr).toMatch(/a value may still be sealed with the key before: try again in \d+ seconds/)
    expect(await sealedWith()).toEqual([`2.${idOf(NEW)}`])
  })

  it('an isolate that has the old key alone refuses to serve by now, rather than call a PIN wrong', async () => {
    const old = world.through(OLD)
    await waitUntil(async () => (await old.check({ user: 'ada', realm: 'polled', pass: PIN })).status === 503)
    const { status, error } = await old.check({ user: 'ada', realm: 'polled', pass: PIN })
    expect({ status, code: error?.code }).toEqual({ status: 503, code: 903 })
    expect(await failures()).toEqual([0, 0, 0, 0])
  })

  it('says in the end that the old key may go', async () => {
    await world.pass(30)
    const { code, stdout } = await nod(['rotate'], environment)
    expect(stdout).toContain(`Everything is sealed with the key ${idOf(NEW)}. MASTER_KEY_PREVIOUS may go`)
    expect(code).toBe(0)
    const { stdout: status } = await nod(['rotate', '--status'], environment)
    expect(status).toContain('everything is sealed with MASTER_KEY')
    expect(status).toContain(`key ${idOf(OLD)}: MASTER_KEY_PREVIOUS, first seen`)
    const { body } = await world.through(BOTH).call('GET', '/healthz', { query: { deep: '1' } })
    expect(fields(body)['checks']).toContainEqual({
      name: 'keys',
      ok: false,
      info: `nothing is sealed with MASTER_KEY_PREVIOUS (${idOf(OLD)}): it may go`,
    })
  })

  it('leaves a deployment that needs the old key for nothing', async () => {
    await world.deployIsolates(NEW)
    await world.deployObjects(NEW)
    expect(await logIn(dan, NEW, NEW, '5678')).toBe('ACCEPT')
    expect(await logIn(ada, NEW, NEW, PIN)).toBe('ACCEPT')
    expect(await logIn(ada, NEW)).toBe('ACCEPT')
    expect(await logInByPush(bob, NEW)).toBe('ACCEPT')
    expect(await logIn(bob, NEW, NEW, PIN)).toBe('ACCEPT')
    expect(await logIn(eve, NEW, NEW, PIN)).toBe('ACCEPT')
    expect(await world.through(NEW).auth('hedy', 'a long password')).toMatch(/^ey/)
    // The administrator's API token from before is still valid.
    expect((await world.through(NEW).call('GET', '/system/')).status).toBe(200)
    expect(await failures()).toEqual([0, 0, 0, 0])
    const wrong = await world.through(NEW).check({ user: 'ada', realm: 'polled', pass: '9999' })
    expect(wrong.authentication).toBe('REJECT')
    await waitUntil(async () => (await failures())[0] === 1)
  })

  it('cannot be begun without a key before, nor back to the old key', async () => {
    expect((await rotate({}, NEW)).error?.message).toContain('there is nothing to rotate')
    const { error } = await rotate({}, { MASTER_KEY: OLD.MASTER_KEY, MASTER_KEY_PREVIOUS: NEW.MASTER_KEY })
    expect(error?.message).toContain(`MASTER_KEY is the key ${idOf(OLD)}, which was rotated away from; make a new one`)
    const unknown = await rotate({}, { MASTER_KEY: NEW.MASTER_KEY, MASTER_KEY_PREVIOUS: key(9) })
    expect(unknown.error?.message).toContain('which this database has never had')
  })
})
