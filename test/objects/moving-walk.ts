/** Random walks of a phone that moves, while logins open, PINs are guessed and calls and objects are lost. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import type { Serial } from '../../src/vocabulary.ts'
import { phoneObjectName } from '../../src/vocabulary/phones.ts'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import {
  delayCrypto,
  type Drawn,
  enroll,
  eventually,
  finalizing,
  openLogin,
  ports,
  ringOf,
  shard,
  valueOf,
  verdict,
} from './world.ts'

const PIN = '1234'
const SHARD = 5
const REGIONS = ['apac', 'weur', 'enam', 'oc'] as const
/** A phone moves at most so often in a step, and once more after it. */
const MOVES_AT_ONCE = 5

export const stubOfNumber = (serial: Serial, number: number) =>
  env.PHONE.get(env.PHONE.idFromName(phoneObjectName({ serial, number })))

/** The numbers of this phone's objects that serve, up to this one. */
export async function serving(serial: Serial, last = MOVES_AT_ONCE): Promise<readonly number[]> {
  const numbers = Array.from({ length: last + 1 }, (_, number) => number)
  const asked = await Promise.all(numbers.map((number) => ports.phones.at({ serial, number }).counters()))
  return numbers.filter((number) => asked[number]?.ok)
}

/** What callers were told, and what they cannot know because a call was lost. */
interface Heard {
  wrongPins: number
  successes: number
  unsurePins: number
  unsureSuccesses: number
  readonly open: Drawn[]
}

/** Walks so many steps of up to four things at once. Returns how often the phone has moved. */
export async function walk(seed: number, steps: number): Promise<number> {
  const random = new SeededRandom(seed)
  let last = 0
  const serial = `PIPUWALK${seed}` as Serial
  const phone = await enroll(serial, { pin: PIN, maxAttempts: 1_000_000 })
  const heard: Heard = { wrongPins: 0, successes: 0, unsurePins: 0, unsureSuccesses: 0, open: [] }
  const of = () => ports.phones.of(serial)

  const acts: readonly (() => Promise<unknown>)[] = [
    async () => {
      const told = verdict(await of().ring(await ringOf(serial, 'wrong')))
      if (told === 'pin_wrong') heard.wrongPins += 1
      else heard.unsurePins += 1
    },
    async () => {
      const check = delayCrypto('deriveBits')
      const checked = ringOf(serial, 'wrong').then((request) => of().ring(request))
      setTimeout(() => check.proceed(), random.below(80))
      if (verdict(await checked) === 'pin_wrong') heard.wrongPins += 1
      else heard.unsurePins += 1
    },
    async () => {
      if (heard.open.length > 5) return
      const login = await openLogin(SHARD, [phone]).catch(() => undefined)
      if (login !== undefined) heard.open.push(login)
    },
    async () => {
      const login = heard.open.shift()
      if (login === undefined) return
      await shard(SHARD).answer({ id: login.id, answer: await login.say(serial) })
      const told = verdict(await shard(SHARD).finalize(finalizing(login.id)))
      if (told === 'ok') heard.successes += 1
      else if (told === 'storage_unavailable') {
        heard.unsureSuccesses += 1
        heard.open.push(login)
      } else expect([told, heard.unsureSuccesses > 0]).toEqual(['transaction_unknown', true])
    },
    () => of().move({ region: random.of(REGIONS) }),
    () => of().move({ region: random.of(REGIONS) }),
    async () => loseOneCall(random.of(['prepareMove', 'takeOver', 'redirect', 'ring', 'finalize']), random.is(0.5)),
    async () => crash(serial, last + (random.is(0.5) ? 0 : 1)),
    async () => evictDurableObject(stubOfNumber(serial, last)),
    async () => runDurableObjectAlarm(stubOfNumber(serial, last)),
  ]

  for (let step = 0; step < steps; step++) {
    const count = 1 + random.below(4)
    await Promise.all(
      Array.from({ length: count }, () =>
        random
          .of(acts)()
          .catch(() => undefined),
      ),
    )
    const numbers = await serving(serial, last + MOVES_AT_ONCE)
    expect(numbers.length).toBeLessThan(2)
    last = numbers[0] ?? last
  }
  vi.restoreAllMocks()
  const number = await arrives(serial, last + MOVES_AT_ONCE)
  const counters = valueOf(await of().counters())
  expect(counters?.failures).toBeGreaterThanOrEqual(heard.wrongPins)
  expect(counters?.failures).toBeLessThanOrEqual(heard.wrongPins + heard.unsurePins)
  expect(counters?.successes).toBeGreaterThanOrEqual(heard.successes)
  expect(counters?.successes).toBeLessThanOrEqual(heard.successes + heard.unsureSuccesses)
  // A login that the phone was rung for can be finalized still.
  for (const login of heard.open) {
    await shard(SHARD).answer({ id: login.id, answer: await login.say(serial) })
    expect(['ok', 'transaction_unknown']).toContain(verdict(await shard(SHARD).finalize(finalizing(login.id))))
  }
  return number
}

/** Runs alarms until one object serves, up to this one, and the catalogue names it. Returns its number. */
async function arrives(serial: Serial, last: number): Promise<number> {
  let numbers: readonly number[] = []
  await eventually(async () => {
    for (let number = 0; number <= last; number++) await runDurableObjectAlarm(stubOfNumber(serial, number))
    numbers = await serving(serial, last)
    expect(numbers.length).toBe(1)
    expect(valueOf(await ports.tokens.record(serial))?.objectNumber ?? 0).toBe(numbers[0])
  })
  return numbers[0] ?? 0
}

/** The next call of this verb is lost on its way, or its reply is. */
function loseOneCall(verb: 'prepareMove' | 'takeOver' | 'redirect' | 'ring' | 'finalize', isReply: boolean): void {
  vi.restoreAllMocks()
  const original = Reflect.get(Phone.prototype, verb) as (...args: unknown[]) => Promise<unknown>
  vi.spyOn(Phone.prototype, verb).mockImplementationOnce(async function (this: Phone, ...args: unknown[]) {
    if (isReply) await Reflect.apply(original, this, args)
    throw new Error('lost')
  } as never)
}

/** The object loses its memory in the middle of whatever it does. */
async function crash(serial: Serial, number: number): Promise<void> {
  await runInDurableObject(stubOfNumber(serial, number), (_, state) => state.abort('crash')).catch(() => undefined)
}
