/** Where a phone's object is made: its first call decides that for good. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { changeFoundRow, changeTokenRow } from '../../src/operations/token/change-token.ts'
import { done } from '../../src/refusal.ts'
import type { SeenRegions } from '../../src/rules/token/phone-home.ts'
import { addSeconds, seconds, type Serial } from '../../src/vocabulary.ts'
import { Driver } from '../driver/driver.ts'
import { inProcess } from '../driver/in-process.ts'
import { countCalls } from './counting.ts'
import { fields } from '../simulation/reply.ts'
import { eventually, FAR, ports, stubOf, valueOf } from './world.ts'

const ADMINISTRATOR = { login: 'admin', password: 'adminpw-of-tests' }
const driver = new Driver(inProcess, { polled: 'made' })
/** Where the phones of `sydney` are. */
const at = { continent: 'OC' }
const sydney = new Driver(
  { url: inProcess.url, fetch: (request) => exports.default.fetch(new Request(request, { cf: { ...at } })) },
  { polled: 'made', prefix: 'sydney' },
)

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await driver.signIn(ADMINISTRATOR)
  await driver.addRealms('fb1')
})
// Other files share this isolate, and its clock.
afterAll(() => {
  vi.useRealTimers()
})
beforeEach(() => {
  at.continent = 'OC'
})
afterEach(() => vi.restoreAllMocks())

const callsOfPhones = () => {
  const calls = countCalls()
  return () => calls.filter((call) => call.startsWith('Phone.'))
}

/** The serials and location hints that phone objects are called with, in order. */
function countPhones(): (readonly [string, string | undefined])[] {
  const called: (readonly [string, string | undefined])[] = []
  const get = env.PHONE.get.bind(env.PHONE)
  vi.spyOn(env.PHONE, 'get').mockImplementation((id, options) => {
    called.push([id.name ?? '', options?.locationHint])
    return get(id, options)
  })
  return called
}

const admin = (method: string, path: string, form: Readonly<Record<string, string>> = {}) =>
  driver.service.call(method, path, method === 'GET' ? { query: form } : { form })

describe('a token that no phone has registered', () => {
  it('has no phone object, whatever an administrator does with it', async () => {
    const called = callsOfPhones()
    const { serial, owner } = await driver.beginEnrollment()
    const other = await driver.beginEnrollment(owner.user)
    const steps = [
      ['GET', '/token/', {}],
      ['GET', '/token/', { serial }],
      ['GET', '/token/', { user: owner.user, realm: owner.realm }],
      ['GET', '/token/challenges/', { user: owner.user, realm: owner.realm }],
      ['GET', `/token/challenges/${serial}`, {}],
      ['GET', '/report/phones', {}],
      [
        'POST',
        '/token/init',
        { serial, type: 'push', user: owner.user, realm: owner.realm, rollover: '1', genkey: '1' },
      ],
      ['POST', '/token/set', { serial, description: 'one', max_failcount: '7' }],
      ['POST', '/token/setpin', { serial, otppin: '1234' }],
      ['POST', '/token/reset', { serial }],
      ['POST', '/token/reset', { user: owner.user, realm: owner.realm }],
      ['POST', `/token/realm/${serial}`, { realms: owner.realm }],
      ['POST', `/token/info/${serial}/note`, { value: 'two' }],
      ['POST', '/token/unassign', { serial }],
      ['POST', '/token/assign', { serial, user: owner.user, realm: owner.realm }],
      ['POST', '/token/disable', { serial }],
      ['POST', '/token/enable', { serial }],
      ['POST', '/token/revoke', { serial }],
      ['DELETE', `/token/${serial}`, {}],
      ['GET', '/deployment/user-data', { user: owner.user, realm: owner.realm }],
      ['POST', '/deployment/user-data/erase', { user: owner.user, realm: owner.realm }],
    ] as const
    for (const [method, path, form] of steps) {
      const { status, value } = await admin(method, path, form)
      expect([method, path, status, value !== false]).toEqual([method, path, 200, true])
    }
    expect(called()).toEqual([])
    expect((await admin('GET', '/token/', { serial: other.serial })).value).toMatchObject({ count: 0 })
  })

  it('gets one from nobody who polls or answers by its serial', async () => {
    const called = callsOfPhones()
    const { phone, serial, credential } = await driver.beginEnrollment()
    const stranger = driver.phone()
    const form = { serial, signature: 'AAAA', timestamp: stranger.timestamp() }
    expect((await stranger.get(credential.url, form)).status).not.toBe(200)
    await stranger.post(credential.url, { ...form, new_fb_token: 'token' })
    await stranger.post(credential.url, { serial, signature: 'AAAA' })
    expect(called()).toEqual([])
    await phone.register(credential)
    expect(called()).toEqual(['Phone.beginChange', 'Phone.endChange'])
  })
})

describe('a registration that fails', () => {
  it('leaves nothing in the object that it has made', async () => {
    const { serial } = await driver.beginEnrollment()
    const failed = await changeTokenRow(ports, serial as Serial, async () => done(false))
    expect(valueOf(failed)).toBe(false)
    const stored = await runInDurableObject(stubOf(serial), (_, { storage }) => [...storage.kv.list()])
    expect(stored).toEqual([])
  })
})

describe('the object of a phone', () => {
  it('is made where the phone registers, and its token says where that was', async () => {
    const called = countPhones()
    const { serial } = await driver.enroll(driver.unique('user'), { phone: sydney.phone() })
    expect(called[0]).toEqual([serial, 'oc'])
    expect(valueOf(await ports.tokens.record(serial as Serial))?.home).toBe('oc')
  })

  it('stays where it was made when another phone registers from elsewhere', async () => {
    const { serial, owner } = await driver.enroll(driver.unique('user'), { phone: sydney.phone() })
    await driver.enroll(owner.user, { serial })
    expect(valueOf(await ports.tokens.record(serial as Serial))?.home).toBe('oc')
  })

  it('is made where it lived before if its token was restored, whoever calls it first', async () => {
    const { serial, owner } = await driver.enroll(driver.unique('user'), { phone: sydney.phone() })
    const called = countPhones()
    await driver.service.trigger(owner)
    await admin('POST', '/token/disable', { serial })
    await admin('GET', '/token/', { serial })
    expect(new Set(called.map(([name, near]) => `${name} ${near}`))).toEqual(new Set([`${serial} oc`]))
  })
})

describe('a page of tokens', () => {
  it('asks no phone object, and shows the copies of their counters within two seconds of a failure', async () => {
    const { serial, owner } = await driver.enroll(driver.unique('user'), { pin: '1234' })
    await driver.service.check({ ...owner, pass: '9999' })
    const called = callsOfPhones()
    await runDurableObjectAlarm(stubOf(serial))
    const listed = await admin('GET', '/token/', { tokenrealm: driver.realm, pagesize: '500' })
    expect(called()).toEqual([])
    expect(fields(listed.value)['tokens']).toContainEqual(expect.objectContaining({ serial, failcount: 1 }))
  })

  it('shows the exact counters if it is of one user, or of serials', async () => {
    const { serial, owner } = await driver.enroll(driver.unique('user'), { pin: '1234' })
    await driver.service.check({ ...owner, pass: '9999' })
    for (const query of [{ serial }, owner])
      expect(fields((await admin('GET', '/token/', query)).value)['tokens']).toEqual([
        expect.objectContaining({ serial, failcount: 1 }),
      ])
  })
})

describe('a change of a token that no phone has registered', () => {
  it('is told to the phone that registers at the same moment', async () => {
    const { serial, credential, phone, owner } = await driver.beginEnrollment()
    // The administrator has read the token, and the phone registers before the change is written.
    const waiting = valueOf(await ports.tokens.record(serial as Serial))
    if (waiting === undefined) throw new Error('no token')
    await phone.register(credential)
    const { transactionId } = await driver.service.trigger(owner)
    const [prompt] = await phone.poll(serial)
    if (prompt !== undefined) await phone.accept(prompt)
    const entry = { at: ports.now(), action: 'POST /token/disable', administrator: 'admin', address: '' }
    const disable = (isUnused: boolean) =>
      ports.tokens.change(waiting.serial, { kind: 'active', active: false }, entry, isUnused)
    expect(valueOf(await changeFoundRow(ports, waiting, disable))).toBe(true)
    expect(await driver.service.finalize(transactionId)).not.toBe('ACCEPT')
  })
})

describe('the region of a phone', () => {
  it('is counted once an hour, reaches D1 with a login, and is in the report of phones', async () => {
    const { serial, owner, phone } = await driver.enroll(driver.unique('user'), { phone: sydney.phone() })
    const before = await regions()
    // The user has moved.
    at.continent = 'EU'
    for (let hour = 1; hour <= 9; hour++) {
      vi.setSystemTime(addSeconds(FAR, seconds(hour * 3600)))
      await driver.signIn(ADMINISTRATOR)
      for (let polls = 0; polls < 3; polls++) await phone.poll(serial)
      const { login, prompt } = await driver.loginWithPrompt({ serial, owner, phone })
      await phone.accept(prompt)
      expect(await driver.service.finalize(login.transactionId)).toBe('ACCEPT')
    }
    await eventually(async () => expect((await regions()).get('oc weur')).toBe((before.get('oc weur') ?? 0) + 1))
    const report = fields((await admin('GET', '/deployment/phones')).value)
    expect(report['far']).toBe((await regions()).get('oc weur'))
    const stored = await runInDurableObject(stubOf(serial), (_, { storage }) =>
      storage.kv.get<{ readonly memory: SeenRegions }>('phone'),
    )
    expect(stored?.memory.seen?.counts).toEqual([['weur', 9]])
    await admin('DELETE', `/token/${serial}`)
    expect((await regions()).get('oc weur')).toBe(before.get('oc weur'))
  })
})

/** How many phones live in one region and are seen in another, by both. */
async function regions(): Promise<Map<string, number>> {
  const { value } = await admin('GET', '/deployment/phones')
  const list = fields(value)['regions'] as readonly Readonly<Record<'home' | 'seen' | 'phones', unknown>>[]
  return new Map(list.map(({ home, seen, phones }) => [`${String(home)} ${String(seen)}`, Number(phones)]))
}
