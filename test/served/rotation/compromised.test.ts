import { createHmac, hkdfSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrolledUser } from '../../driver/driver.ts'
import { waitUntil } from '../../driver/waiting.ts'
import type { Prompt } from '../../simulation/phone.ts'
import { fields } from '../../simulation/reply.ts'
import { nod } from '../nod-command.ts'
import { RotationWorld, type Secrets } from './world.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const OLD: Secrets = { MASTER_KEY: key(1) }
const BOTH: Secrets = { MASTER_KEY: key(2), MASTER_KEY_PREVIOUS: key(1) }
const NEW: Secrets = { MASTER_KEY: key(2) }
const WRONG: Secrets = { MASTER_KEY: key(3) }

let world: RotationWorld
let ada: EnrolledUser
let environment: Record<string, string>

beforeAll(async () => {
  world = await RotationWorld.open(OLD.MASTER_KEY)
  ada = await world.enroll('ada', { pin: '1234' })
  // A service key: API tokens are void during a rotation because of a compromise.
  environment = { NOD_URL: world.url, NOD_KEY: await world.serviceKey('operator', 'admin') }
})
afterAll(() => world?.close())

/** Everything that D1 has, by table, but for what the housekeeping of objects writes. */
async function stored(): Promise<unknown> {
  const tables = [
    'tokens',
    'audit',
    'master_keys',
    'deployment',
    'administrators',
    'api_token_keys',
    'signing_keys',
    'users',
  ]
  const counts = await Promise.all(tables.map((table) => world.sql(`SELECT count(*) AS count FROM ${table}`)))
  return [counts, await world.sql('SELECT revision, settings_revision, master_key FROM deployment')]
}

describe('Nod with a wrong master key', () => {
  it('refuses every request in the envelope, and writes nothing', async () => {
    const { body } = await world.service.call('GET', '/openapi.json')
    const before = await stored()
    const wrong = world.through(WRONG)
    const found: Record<string, unknown> = {}
    for (const [path, methods] of Object.entries(fields(fields(body)['paths'])))
      for (const method of Object.keys(fields(methods))) {
        const { status, error } = await wrong.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'))
        found[`${method} ${path}`] = error === undefined ? status : `${status}/${error.code}`
      }
    const others = Object.entries(found).filter(([, verdict]) => verdict !== '503/903')
    expect(others.map(([route, verdict]) => [route.replace(/^get \/healthz.*/, 'a probe'), verdict])).toEqual(
      others.map(() => ['a probe', 500]),
    )
    expect(Object.keys(found).length).toBeGreaterThan(100)
    const check = await wrong.check({ ...ada.owner, pass: '1234' })
    expect(check.error?.message).toBe(
      'ERR903: Nod refuses to serve: its master key does not fit its database. GET /healthz says more.',
    )
    expect(await stored()).toEqual(before)
    expect(await world.failures(ada.serial)).toBe(0)
  })

  it('tells a probe which variable is wrong, and what to do', async () => {
    const { status, text } = await world.through(WRONG).call('GET', '/healthz')
    expect(status).toBe(500)
    expect(text).toMatch(
      /^Nod cannot serve:\nMASTER_KEY: this database is sealed with the key [0-9a-f]{12}, and the configured one is [0-9a-f]{12}; set MASTER_KEY to /,
    )
    expect(text).not.toContain(WRONG.MASTER_KEY)
  })

  it('as the previous one lets nobody in either', async () => {
    const reply = await world
      .through({ MASTER_KEY: key(2), MASTER_KEY_PREVIOUS: key(3) })
      .check({ ...ada.owner, pass: '1234' })
    expect(reply.status).toBe(503)
  })
})

describe('a rotation because somebody else knows the key', () => {
  const rotate = async (secrets = BOTH) =>
    world
      .through(secrets, { authorization: environment['NOD_KEY'] ?? '' })
      .call('POST', '/deployment/keys/master/rotate', { form: { compromised: '1' } })
  /** Nonces of prompts that were shown before. */
  const seen = new Set<string>()
  /** Answers the prompt that comes next. */
  async function acceptNewest(): Promise<void> {
    let prompt: Prompt | undefined
    await waitUntil(async () => {
      prompt = (await ada.phone.poll(ada.serial)).find(({ nonce }) => !seen.has(nonce))
      return prompt !== undefined
    })
    if (prompt === undefined) throw new Error('no prompt came')
    seen.add(prompt.nonce)
    await ada.phone.accept(prompt)
  }

  it('voids all API tokens at once, also those that the thief could sign', async () => {
    const { token } = world.service
    expect((await world.through(OLD).call('GET', '/system/')).status).toBe(200)
    expect((await rotate()).value).toMatchObject({ phase: 'waiting' })
    await waitUntil(async () => (await world.through(OLD).call('GET', '/system/')).status === 401)
    for (const secrets of [OLD, BOTH]) {
      const { status, error } = await world.through(secrets).call('GET', '/system/')
      expect({ status, code: error?.code }).toEqual({ status: 401, code: 4304 })
    }
    expect(token).toBeDefined()
    // What the version before derived from the master key signs nothing any more.
    const derived = Buffer.from(hkdfSync('sha256', Buffer.from(OLD.MASTER_KEY, 'base64'), '', 'nod/api-token/1', 32))
    const parts = [
      { alg: 'HS256', typ: 'JWT' },
      { username: 'admin', realm: '', role: 'admin', exp: 4_000_000_000 },
    ]
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const forged = `${input}.${createHmac('sha256', derived).update(input).digest('base64url')}`
    expect((await world.through(BOTH, { authorization: forged }).call('GET', '/system/')).status).toBe(401)
  })

  it('does so once: who signs in afterwards stays signed in until the new key is current', async () => {
    const service = world.through(BOTH)
    await service.auth('admin', 'adminpw-of-tests')
    expect((await rotate()).value).toMatchObject({ phase: 'waiting' })
    expect((await service.call('GET', '/system/')).status).toBe(200)
  })

  it('lets the ids of open logins go once the new key is current', async () => {
    await world.deployIsolates(BOTH)
    await world.deployObjects(BOTH)
    const service = world.through(BOTH, { authorization: environment['NOD_KEY'] ?? '' })
    const before = await service.trigger(ada.owner)
    await acceptNewest()
    expect(await service.status(before.transactionId)).toBe('accept')
    await world.pass(300)
    expect((await rotate()).value).toMatchObject({ phase: 'resealing' })
    // Another isolate learns it within twenty seconds; this one has just done it, and reads it again before it answers a login.
    const next = await service.trigger(ada.owner)
    expect(await service.finalize(before.transactionId, ada.owner)).toBe('REJECT')
    await acceptNewest()
    expect(await service.finalize(next.transactionId, ada.owner)).toBe('ACCEPT')
  })

  it('ends like any other, and the key is never accepted again', async () => {
    await world.pass(30)
    const { code, stdout } = await nod(['rotate', '--compromised'], environment)
    expect(stdout).toContain('MASTER_KEY_PREVIOUS may go')
    expect(stdout).toContain('compromised')
    expect(code).toBe(0)
    await world.deployIsolates(NEW)
    await world.deployObjects(NEW)
    const opened = await world.through(NEW).triggerWithPin(ada.owner, '1234')
    await acceptNewest()
    expect(await world.through(NEW).finalize(opened.transactionId, ada.owner)).toBe('ACCEPT')
    const back = await rotate({ MASTER_KEY: OLD.MASTER_KEY, MASTER_KEY_PREVIOUS: NEW.MASTER_KEY })
    expect(back.error?.message).toContain('which was reported as compromised; make a new one')
    const { stdout: line, code: second } = await nod(['rotate'], environment)
    expect(line).toContain('everything is sealed with MASTER_KEY')
    expect(second).toBe(1)
  })
})
