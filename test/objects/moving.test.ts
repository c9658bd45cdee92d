/** A phone that moves to another region: one object serves, whatever is lost on the way. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import { seconds, type Serial } from '../../src/vocabulary.ts'
import { serving, stubOfNumber as stub } from './moving-walk.ts'
import {
  changeRow,
  delayCrypto,
  emptyObject,
  enroll,
  eventually,
  finalizing,
  openLogin,
  ports,
  reconnect,
  registerAnew,
  ringOf,
  shard,
  valueOf,
  verdict,
} from './world.ts'

const PIN = '1234'
let count = 0
const newPhone = (more: Parameters<typeof enroll>[1] = {}) => enroll(`PIPUMOVE${count++}`, { pin: PIN, ...more })

const phone = (serial: Serial, number?: number) => ports.phones.of(serial, undefined, number)
const move = (serial: Serial, region: 'apac' | 'weur' | 'oc' | 'enam' = 'apac') => phone(serial).move({ region })
const numberInCatalogue = async (serial: Serial) => valueOf(await ports.tokens.record(serial))?.objectNumber ?? 0

/** Runs the alarms of all objects until this one serves alone, and the catalogue names it. */
const arrives = (serial: Serial, number = 1) =>
  eventually(async () => {
    for (let one = 0; one <= number; one++) await runDurableObjectAlarm(stub(serial, one))
    expect(await serving(serial)).toEqual([number])
    expect(await numberInCatalogue(serial)).toBe(number)
  })

const attemptsOf = async (serial: Serial) => valueOf(await phone(serial).counters())?.attempts

const wrongPin = async (serial: Serial) => verdict(await phone(serial).ring(await ringOf(serial, 'wrong')))

afterEach(() => {
  vi.restoreAllMocks()
})

it('a phone that has moved keeps its failed attempts, and the logins that it rings for can be answered and finalized', async () => {
  const ada = await newPhone()
  expect(await wrongPin(ada.serial)).toBe('pin_wrong')
  const login = await openLogin(0, [ada])
  expect(valueOf(await move(ada.serial))).toEqual({ number: 1, region: 'apac', state: 'moved' })
  await arrives(ada.serial)
  expect(await attemptsOf(ada.serial)).toBe(1)
  expect(valueOf(await phone(ada.serial).openRings())).toEqual([login.id])
  expect(valueOf(await shard(0).answer({ id: login.id, answer: await login.say(ada.serial) })).accepted).toBe(true)
  expect(verdict(await shard(0).finalize(finalizing(login.id)))).toBe('ok')
  expect(verdict(await shard(0).finalize(finalizing(login.id)))).toBe('transaction_unknown')
  expect(valueOf(await phone(ada.serial).counters())).toMatchObject({ attempts: 0, failures: 1, successes: 1 })
})

it('a hold that was released before the move is not held again after it, and one that was not is released after it', async () => {
  const ada = await newPhone()
  const early = await ringOf(ada.serial, 'wrong')
  const held = await ringOf(ada.serial, 'wrong')
  await phone(ada.serial).ring(await ringOf(ada.serial, 'wrong'))
  await phone(ada.serial).releaseHold({ transaction: early.transaction })
  await phone(ada.serial).ring(held)
  await move(ada.serial)
  await phone(ada.serial).ring(early)
  expect(await attemptsOf(ada.serial)).toBe(2)
  await phone(ada.serial).releaseHold({ transaction: held.transaction })
  expect(await attemptsOf(ada.serial)).toBe(1)
})

it('a caller that knows the number in the catalogue calls the phone at once; any other is sent on once', async () => {
  const ada = await newPhone()
  await move(ada.serial)
  await arrives(ada.serial)
  await reconnect()
  const calls = vi.spyOn(Phone.prototype, 'openRings')
  await phone(ada.serial, 1).openRings()
  expect(calls).toHaveBeenCalledTimes(1)
  await reconnect()
  calls.mockClear()
  // As a phone's own requests are served.
  await (await ports.phones.find(ada.serial, 'apac'))?.openRings()
  expect(calls).toHaveBeenCalledTimes(1)
  await reconnect()
  calls.mockClear()
  await phone(ada.serial).openRings()
  expect(calls).toHaveBeenCalledTimes(2)
  calls.mockClear()
  await phone(ada.serial).openRings()
  expect(calls).toHaveBeenCalledTimes(1)
})

it('a phone that moves again and again: the first object sends its callers to the last one', async () => {
  const ada = await newPhone()
  for (const [index, region] of (['apac', 'weur', 'oc'] as const).entries()) {
    await wrongPin(ada.serial)
    expect(valueOf(await move(ada.serial, region))).toMatchObject({ state: 'moved', number: index + 1 })
    await arrives(ada.serial, index + 1)
  }
  await reconnect()
  const calls = vi.spyOn(Phone.prototype, 'counters')
  expect(await attemptsOf(ada.serial)).toBe(3)
  expect(calls).toHaveBeenCalledTimes(2)
})

it('a phone stays where it is if it lives in that region, or no phone has registered', async () => {
  const ada = await newPhone()
  await move(ada.serial)
  expect(valueOf(await move(ada.serial))).toEqual({ number: 1, state: 'stays' })
  expect(verdict(await move('PIPUMOVENOBODY' as Serial))).toBe('token_unknown')
})

it('a move that is asked for twice at once happens once', async () => {
  const ada = await newPhone()
  const results = await Promise.all([move(ada.serial), move(ada.serial), move(ada.serial)])
  expect(results.map(verdict)).toEqual(['ok', 'ok', 'ok'])
  await arrives(ada.serial)
})

it('a PIN that is being checked when the phone is to move is checked to the end', async () => {
  const ada = await newPhone()
  const pins = await Promise.all([
    ...Array.from({ length: 4 }, () => wrongPin(ada.serial)),
    move(ada.serial).then(verdict),
    ...Array.from({ length: 3 }, () => wrongPin(ada.serial)),
  ])
  expect(pins).toEqual([
    'pin_wrong',
    'pin_wrong',
    'pin_wrong',
    'pin_wrong',
    'ok',
    'pin_wrong',
    'pin_wrong',
    'pin_wrong',
  ])
  await arrives(ada.serial)
  expect(await attemptsOf(ada.serial)).toBe(7)
})

it('a move waits for a PIN that is being checked, and what it comes to moves along', async () => {
  const ada = await newPhone()
  const check = delayCrypto('deriveBits')
  const pin = wrongPin(ada.serial)
  await check.reached()
  const prepared = vi.spyOn(Phone.prototype, 'prepareMove')
  const moving = move(ada.serial)
  await eventually(() => expect(prepared.mock.settledResults.length).toBe(1))
  const later = wrongPin(ada.serial)
  await scheduler.wait(20)
  check.proceed()
  expect([await pin, await later, verdict(await moving)]).toEqual(['pin_wrong', 'pin_wrong', 'ok'])
  await arrives(ada.serial)
  expect(await attemptsOf(ada.serial)).toBe(2)
})

const lost = () => Promise.reject(new Error('lost'))
/** The next call of this verb is lost before it arrives, or its reply is. */
function lose(verb: 'prepareMove' | 'takeOver', when: 'before' | 'after') {
  const original = Reflect.get(Phone.prototype, verb) as (...args: unknown[]) => Promise<unknown>
  vi.spyOn(Phone.prototype, verb).mockImplementationOnce(async function (this: Phone, ...args: unknown[]) {
    if (when === 'after') await Reflect.apply(original, this, args)
    return lost() as never
  } as never)
}

it('a second hand over changes nothing: the next object has served meanwhile', async () => {
  const ada = await newPhone()
  lose('takeOver', 'after')
  expect(valueOf(await move(ada.serial)).state).toBe('moving')
  await runDurableObjectAlarm(stub(ada.serial, 1))
  expect(await numberInCatalogue(ada.serial)).toBe(1)
  expect(verdict(await phone(ada.serial, 1).ring(await ringOf(ada.serial, 'wrong')))).toBe('pin_wrong')
  await arrives(ada.serial)
  expect(await attemptsOf(ada.serial)).toBe(1)
})

describe('whatever is lost, one object serves in the end, and nothing that it counted is lost:', () => {
  const crashes: Readonly<Record<string, (serial: Serial) => unknown>> = {
    'the call that makes the next object': () => lose('prepareMove', 'before'),
    'the reply to it': () => lose('prepareMove', 'after'),
    'the call that hands over': () => lose('takeOver', 'before'),
    'the reply to it, though the next object has taken over': () => lose('takeOver', 'after'),
    'the old object, when it is frozen': (serial) =>
      vi.spyOn(Phone.prototype, 'takeOver').mockImplementationOnce(async function () {
        void evictDurableObject(stub(serial, 0))
        return lost()
      } as never),
    'the old object, when the next has taken over': (serial) => {
      const original = Reflect.get(Phone.prototype, 'takeOver') as (...args: unknown[]) => Promise<unknown>
      vi.spyOn(Phone.prototype, 'takeOver').mockImplementationOnce(async function (this: Phone, ...args: unknown[]) {
        await Reflect.apply(original, this, args)
        void evictDurableObject(stub(serial, 0))
        return lost()
      } as never)
    },
    'the number in the catalogue': () =>
      vi.spyOn(ports.tokens, 'storeObjectNumber').mockImplementationOnce(async () => lost()),
  }
  for (const [what, crash] of Object.entries(crashes))
    it(what, async () => {
      const ada = await newPhone()
      const login = await openLogin(0, [ada])
      await wrongPin(ada.serial)
      crash(ada.serial)
      await move(ada.serial).catch(() => undefined)
      expect((await serving(ada.serial)).length).toBeLessThan(2)
      await arrives(ada.serial)
      expect(await wrongPin(ada.serial)).toBe('pin_wrong')
      expect(await attemptsOf(ada.serial)).toBe(2)
      expect(valueOf(await phone(ada.serial).openRings())).toContain(login.id)
    })
})

it('a call waits for a move that goes on; if that takes too long, its caller is told to come again', async () => {
  const ada = await newPhone()
  const { promise: reachable, resolve: reach } = Promise.withResolvers<void>()
  const original = Reflect.get(Phone.prototype, 'takeOver') as (...args: unknown[]) => Promise<unknown>
  vi.spyOn(Phone.prototype, 'takeOver').mockImplementation(async function (this: Phone, ...args: unknown[]) {
    await reachable
    return Reflect.apply(original, this, args)
  } as never)
  const moving = move(ada.serial)
  await eventually(() => expect(Phone.prototype.takeOver).toHaveBeenCalled())
  expect(await phone(ada.serial).counters()).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
  const waiting = wrongPin(ada.serial)
  reach()
  expect(await waiting).toBe('pin_wrong')
  expect(valueOf(await moving)).toMatchObject({ state: 'moved' })
})

it('a token that is changed while its phone moves is read by the next object, which ends the change', async () => {
  const ada = await newPhone()
  const login = await openLogin(0, [ada])
  const mark = valueOf(await phone(ada.serial).beginChange())
  await move(ada.serial)
  await changeRow(ada.serial, { kind: 'active', active: false })
  await phone(ada.serial).endChange({ mark })
  expect(await wrongPin(ada.serial)).toBe('no_suitable_token')
  await eventually(async () =>
    expect(valueOf(await shard(0).status({ id: login.id, wait: seconds(0) }))).toBe('declined'),
  )
})

it('a database that is put back to before the move names the first object, which sends its callers on', async () => {
  const ada = await newPhone()
  await move(ada.serial)
  await arrives(ada.serial)
  await env.DB.prepare('UPDATE tokens SET object_number = 0 WHERE serial = ?').bind(ada.serial).run()
  await reconnect()
  expect(await wrongPin(ada.serial)).toBe('pin_wrong')
  // Whatever makes it read the token next tells the catalogue.
  await registerAnew(ada.serial, 1)
  expect(verdict(await phone(ada.serial).ring(await ringOf(ada.serial)))).toBe('ok')
  await arrives(ada.serial)
})

it('a token that is deleted and enrolled anew has the object of the phone before', async () => {
  const ada = await newPhone()
  await move(ada.serial)
  await arrives(ada.serial)
  const mark = valueOf(await phone(ada.serial).beginChange())
  await changeRow(ada.serial, { kind: 'deleted' })
  await phone(ada.serial).endChange({ mark })
  const left = await runInDurableObject(stub(ada.serial, 1), (_, { storage }) =>
    [...storage.kv.list()].map(([key]) => key),
  )
  expect(left).toEqual(['takenOver'])
  await reconnect()
  await enroll(ada.serial, { pin: PIN })
  await evictDurableObject(stub(ada.serial, 1))
  expect(await wrongPin(ada.serial)).toBe('pin_wrong')
  await arrives(ada.serial)
})

describe('an object whose storage is lost', () => {
  it('the next one begins anew by the catalogue, which says that it serves', async () => {
    const ada = await newPhone()
    await wrongPin(ada.serial)
    await move(ada.serial)
    await arrives(ada.serial)
    await emptyObject(stub(ada.serial, 1))
    expect(await attemptsOf(ada.serial)).toBeUndefined()
    expect(await wrongPin(ada.serial)).toBe('pin_wrong')
    expect(await serving(ada.serial)).toEqual([1])
  })

  it('the first one learns from the catalogue that the phone has moved', async () => {
    const ada = await newPhone()
    await wrongPin(ada.serial)
    await move(ada.serial)
    await arrives(ada.serial)
    await emptyObject(stub(ada.serial, 0))
    await reconnect()
    expect(verdict(await ports.phones.at({ serial: ada.serial, number: 0 }).openRings())).toBe('storage_unavailable')
    expect(await attemptsOf(ada.serial)).toBe(1)
    expect(await serving(ada.serial)).toEqual([1])
  })
})

it('an object that has not taken over sends its callers to the one that serves', async () => {
  const ada = await newPhone()
  expect(verdict(await phone(ada.serial, 1).ring(await ringOf(ada.serial)))).toBe('ok')
  expect(await serving(ada.serial)).toEqual([0])
})

it('what is left behind has nothing of the user, and a version before moves lets nobody in by it', async () => {
  const ada = await newPhone({ owner: { realm: 'sales', login: 'augusta' } })
  await move(ada.serial)
  const stored = await runInDurableObject(stub(ada.serial, 0), (_, { storage }) => [...storage.kv.list()])
  const text = JSON.stringify(stored)
  expect(text).not.toContain('augusta')
  expect(text).not.toContain('registration token')
  expect(stored.map(([key]) => key)).toEqual(['phone'])
  const [, value] = stored[0] as [string, { movedTo?: number }]
  // As that version reads it.
  const { movedTo, ...before } = value
  expect(movedTo).toBe(1)
  const other = stub('PIPUMOVEOLD' as Serial, 0)
  await runInDurableObject(other, (_, { storage }) => storage.kv.put('phone', before))
  await evictDurableObject(other)
  await enroll('PIPUMOVEOLD', { pin: PIN, owner: { realm: 'sales', login: 'augusta' } })
  const old = 'PIPUMOVEOLD' as Serial
  expect(verdict(await phone(old).ring(await ringOf(old, PIN)))).toBe('attempts_exceeded')
  expect(verdict(await phone(old).finalize({ transaction: (await ringOf(old)).transaction, phoneKey: '' }))).not.toBe(
    'ok',
  )
})
