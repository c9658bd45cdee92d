/** Fraud reports, from the shard that has the decline to the phones that keep them. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, it, vi } from 'vitest'
import { Journal, Phone } from '../../src/index.ts'
import type { RingRequest } from '../../src/ports/phone-object.ts'
import { present } from '../../src/present.ts'
import { epoch, seconds, type Serial } from '../../src/vocabulary.ts'
import {
  changeRow,
  drawLogin,
  enroll,
  eventually,
  openLogin,
  ports,
  registerAnew,
  ringOf,
  shard,
  shardStub,
  stubOf,
  valueOf,
  verdict,
} from './world.ts'

const SHARD = 61
const FIREWALL = { mode: 'on', limit: 5, window: seconds(600), reports: 'on' } as const
const PIN = '1234'

afterEach(() => vi.restoreAllMocks())

const phone = (serial: Serial) => ports.phones.of(serial)
const ring = async (serial: Serial, more: Partial<RingRequest> = {}) =>
  phone(serial).ring(await ringOf(serial, PIN, { firewall: FIREWALL, ...more }))
const restriction = async (serial: Serial) => valueOf(await ring(serial)).restricted
const reportedAt = async (serial: Serial) => valueOf(await phone(serial).counters())?.reportedAt

/** A login by PIN for these phones, which a decline reports. */
const reportable = (phones: Parameters<typeof openLogin>[1]) =>
  openLogin(SHARD, phones, { hasPin: true }, { fraudReport: 'on' })
async function decline({ id, say }: Awaited<ReturnType<typeof reportable>>, serial: Serial): Promise<void> {
  const answer = await say(serial, { decline: true, reason: 'unknown_trigger' })
  expect(valueOf(await shard(SHARD).answer({ id, answer }))).toEqual({ accepted: true })
}
const pending = () =>
  runInDurableObject(shardStub(SHARD), (_, { storage }) => [...storage.kv.list({ prefix: 'fraud:' })].length)

it('a report reaches every phone of the login, and no other', async () => {
  const one = await enroll('FRONE', { pin: PIN })
  const two = await enroll('FRTWO', { pin: PIN, key: 1 })
  const other = await enroll('FROTHER', { pin: PIN })
  await ring(other.serial)
  await decline(await reportable([one, two]), two.serial)
  await eventually(async () => {
    for (const { serial } of [one, two]) expect(await reportedAt(serial)).toBeDefined()
  })
  expect(await restriction(one.serial)).toBe('pin_known')
  expect(await restriction(other.serial)).toBeUndefined()
  await eventually(async () => expect(await pending()).toBe(0))
})

it('a report that a phone could not be told is told by the alarm, also by a shard that restarted, and counts once', async () => {
  const one = await enroll('FRFAR', { pin: PIN })
  const two = await enroll('FRNEAR', { pin: PIN, key: 1 })
  const login = await reportable([one, two])
  const told = vi.spyOn(Phone.prototype, 'reportFraud').mockRejectedValue(new Error('reset'))
  await decline(login, one.serial)
  // Both phones.
  await eventually(() => expect(told.mock.calls.length).toBeGreaterThanOrEqual(2))
  told.mockRestore()
  expect(await reportedAt(one.serial)).toBeUndefined()
  expect(await pending()).toBe(1)
  await evictDurableObject(shardStub(SHARD))
  expect(await runDurableObjectAlarm(shardStub(SHARD))).toBe(true)
  for (const { serial } of [one, two]) expect(await reportedAt(serial)).toBeDefined()
  expect(await pending()).toBe(0)
  // The login has ended; nobody is told again.
  const again = vi.spyOn(Phone.prototype, 'reportFraud')
  await runDurableObjectAlarm(shardStub(SHARD))
  expect(again).not.toHaveBeenCalled()
})

it('administrators hear of a report once, and what followed; while the journal does not answer, the shard keeps it', async () => {
  const owner = { login: 'ada', realm: 'sales' }
  const { serial } = await enroll('FREVENT', { pin: PIN, owner })
  const more = { hasPin: true, owner, service: 'portal', place: 'cafe' }
  const login = await openLogin(SHARD, [{ serial, key: 0 }], more, { fraudReport: 'on' })
  const down = vi.spyOn(Journal.prototype, 'reportEvent').mockRejectedValue(new Error('reset'))
  await decline(login, serial)
  await eventually(() => expect(down).toHaveBeenCalledWith(expect.objectContaining({ type: 'not_me' })))
  down.mockRestore()
  expect(await reportedAt(serial)).toBeDefined()
  expect(await pending()).toBe(1)
  const events = vi.spyOn(Journal.prototype, 'reportEvent')
  await eventually(async () => {
    await runDurableObjectAlarm(shardStub(SHARD))
    expect(await pending()).toBe(0)
  })
  const reported = events.mock.calls.map(([event]) => event)
  expect(reported.filter(({ type }) => type === 'not_me')).toEqual([
    {
      type: 'not_me',
      id: `not_me:${login.id}`,
      at: expect.any(Number),
      transaction: login.id,
      serial,
      owner,
      service: 'portal',
      address: '192.0.2.7',
      pinKnown: true,
      consequence: 'source_shut_out',
    },
  ])
})

it('a report whose reply is lost is not counted twice', async () => {
  const { serial } = await enroll('FRLOST', { pin: PIN })
  const login = await reportable([{ serial, key: 0 }])
  const original = Reflect.get(Phone.prototype, 'reportFraud') as (...args: unknown[]) => Promise<never>
  const lossy = vi.spyOn(Phone.prototype, 'reportFraud').mockImplementation(async function (this: Phone, ...args) {
    await Reflect.apply(original, this, args)
    throw new Error('reset')
  })
  await decline(login, serial)
  await eventually(async () => expect(await reportedAt(serial)).toBeDefined())
  lossy.mockRestore()
  await runDurableObjectAlarm(shardStub(SHARD))
  await eventually(async () => expect(await pending()).toBe(0))
  expect(valueOf(await phone(serial).counters())).not.toHaveProperty('suspendedAt')
})

it('a prompt of the same source that is on its way when the report comes is withdrawn as it opens', async () => {
  const { serial } = await enroll('FRRACE', { pin: PIN })
  const login = await reportable([{ serial, key: 0 }])
  const late = await drawLogin(SHARD, [{ serial, key: 0 }], { hasPin: true }, { fraudReport: 'on' })
  expect(verdict(await ring(serial, { transaction: late.id }))).toBe('ok')
  await decline(login, serial)
  await eventually(async () => expect(await pending()).toBe(0))
  const { withdrawn } = valueOf(await shard(SHARD).open(late.opening))
  expect(withdrawn).toEqual([serial])
})

it('a login that shows a number, or that the owner has approved, stays when another is reported', async () => {
  const { serial } = await enroll('FRSTAYS', { pin: PIN })
  const phones = [{ serial, key: 0 }]
  const number = await openLogin(SHARD, phones, { hasPin: true }, { mode: 'presence', presence: 'A' })
  const approved = await reportable(phones)
  await shard(SHARD).answer({ id: approved.id, answer: await approved.say(serial) })
  await decline(await reportable(phones), serial)
  await eventually(async () => expect(await pending()).toBe(0))
  const status = async (id: typeof number.id) => valueOf(await shard(SHARD).status({ id, wait: seconds(0) }))
  expect([await status(number.id), await status(approved.id)]).toEqual(['pending', 'accepted'])
})

it('a report about a token that has another owner, PIN or phone since is none', async () => {
  const ada = { login: 'ada', realm: 'sales' }
  const told = async (serial: Serial, change: () => Promise<unknown>) => {
    const login = await drawLogin(SHARD, [{ serial, key: 0 }], { owner: ada, hasPin: true }, { fraudReport: 'on' })
    const [challenge] = login.opening.transaction.challenges
    if (challenge === undefined) throw new Error('no challenge')
    await ring(serial)
    await change()
    const mark = valueOf(await phone(serial).beginChange())
    await phone(serial).endChange({ mark })
    const { phoneKey, revision } = challenge
    return phone(serial).reportFraud({
      transaction: login.id,
      at: ports.now(),
      hasPin: true,
      mode: 'on',
      phoneKey,
      opened: { owner: ada, ...(revision === undefined ? {} : { revision }) },
    })
  }
  const enrolled = async (name: string) => (await enroll(name, { pin: PIN, owner: ada })).serial
  const changes = {
    FRNONE: async () => undefined,
    FROWNER: () => changeRow('FROWNER' as Serial, { kind: 'unassigned' }),
    FRPIN: async () =>
      changeRow('FRPIN' as Serial, { kind: 'pin', pin: await ports.pins.seal('FRPIN' as Serial, '5678') }),
    FRPHONE: () => registerAnew('FRPHONE' as Serial, 1),
  }
  const followed: Record<string, unknown> = {}
  for (const [name, change] of Object.entries(changes))
    followed[name] = valueOf(await told(await enrolled(name), change))
  expect(followed).toEqual({
    FRNONE: 'code_or_number_required',
    FROWNER: 'none',
    FRPIN: 'none',
    FRPHONE: 'none',
  })
})

it('a suspension that ended with another PIN is back when a restore has brought back the PIN', async () => {
  const { serial } = await enroll('FRREST', { pin: PIN })
  for (let round = 0; round < 2; round++) {
    await decline(await reportable([{ serial, key: 0 }]), serial)
    await eventually(async () => expect(await pending()).toBe(0))
  }
  const suspendedAt = async () => valueOf(await phone(serial).counters())?.suspendedAt
  const since = await suspendedAt()
  expect(since).toBeDefined()
  const mark = valueOf(await phone(serial).beginChange())
  await changeRow(serial, { kind: 'pin', pin: await ports.pins.seal(serial, '5678') })
  await phone(serial).endChange({ mark, isNewPin: true })
  expect(await suspendedAt()).toBeUndefined()
  // What a later epoch says of the token is believed.
  await runInDurableObject(stubOf(serial), (_, { storage }) => {
    const stored = storage.kv.get<{ record: object }>('phone')
    storage.kv.put('phone', { ...stored, record: { ...stored?.record, epoch: epoch(0), revision: 9e15 } })
  })
  await evictDurableObject(stubOf(serial))
  const { epoch: current } = valueOf(await ports.tokens.record(serial)) ?? {}
  const opening = await ringOf(serial, undefined, { firewall: FIREWALL, ...present({ epoch: current }) })
  valueOf(await phone(serial).ring(opening))
  expect(await suspendedAt()).toEqual(since)
})

it('a wrong PIN of a place that is shut out costs no attempt, and the right one is not compared', async () => {
  const { serial } = await enroll('FRSHUT', { pin: PIN })
  const login = await openLogin(SHARD, [{ serial, key: 0 }], { hasPin: true, place: 'cafe' }, { fraudReport: 'on' })
  await decline(login, serial)
  await eventually(async () => expect(await pending()).toBe(0))
  const wrong = ringOf(serial, '9999', { firewall: FIREWALL, place: 'cafe' })
  expect(verdict(await phone(serial).ring(await wrong))).toBe('source_blocked')
  expect(verdict(await ring(serial, { place: 'cafe' }))).toBe('source_blocked')
  expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 0, failures: 0 })
  expect(verdict(await ring(serial, { place: 'home' }))).toBe('ok')
})
