import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { changeTokenRow } from '../../src/operations/token/change-token.ts'
import type { TokenChange } from '../../src/ports/tokens.ts'
import type { PhoneObject } from '../../src/ports/phone-object.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done, refuse } from '../../src/refusal.ts'
import { addSeconds, instant, type Owner, seconds, type Serial } from '../../src/vocabulary.ts'
import {
  changeRow,
  type Drawn,
  drawId,
  enroll,
  eventually,
  FAR,
  finalizing,
  openLogin,
  ports,
  registerAnew,
  revisionOf,
  ringOf,
  shard,
  stubOf,
  takeUp,
  valueOf,
  verdict,
} from './world.ts'

const phone = (serial: Serial) => ports.phones.of(serial)
const ada: Owner = { login: 'ada', realm: 'changes' }
const SHARD = 41

afterEach(() => {
  vi.useRealTimers()
})

let tokens = 0
/** A login that its phone has said yes to. */
async function accepted(): Promise<{ serial: Serial; login: Drawn }> {
  const mine = await enroll(`PIPUEDIT${String(++tokens).padStart(4, '0')}`, { pin: '1234', owner: ada })
  const login = await openLogin(SHARD, [mine], { owner: ada })
  valueOf(await shard(SHARD).answer({ id: login.id, answer: await login.say(mine.serial) }))
  return { serial: mine.serial, login }
}

const finalize = async ({ id }: Drawn) => verdict(await shard(SHARD).finalize(finalizing(id)))
const stands = async ({ id }: Drawn) => valueOf(await shard(SHARD).status({ id, wait: seconds(0) }))
const change = (serial: Serial, wanted: TokenChange) =>
  changeTokenRow(ports, serial, async () => ({ ok: true, value: await changeRow(serial, wanted) }))

const VOIDING: readonly (readonly [string, TokenChange])[] = [
  ['is unassigned', { kind: 'unassigned' }],
  ['is assigned anew', { kind: 'assigned', owner: ada }],
  ['gets another PIN', { kind: 'pin', pin: '1.sealed' }],
  ['is disabled', { kind: 'active', active: false }],
  ['is revoked', { kind: 'revoked' }],
  ['is deleted', { kind: 'deleted' }],
  ['is valid no longer', { kind: 'set', settings: { validUntil: instant(0) } }],
]

describe.each(VOIDING)('a token that %s', (_, wanted) => {
  it('finalizes no login that was accepted before, and its rings are withdrawn', async () => {
    const { serial, login } = await accepted()
    await change(serial, wanted)
    expect(await finalize(login)).not.toBe('ok')
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })

  it('does the same if the request dies before the phone’s object is told', async () => {
    const { serial, login } = await accepted()
    valueOf(await phone(serial).beginChange())
    await changeRow(serial, wanted)
    await evictDurableObject(stubOf(serial))
    expect(await finalize(login)).toBe('no_suitable_token')
    expect(await stands(login)).toBe('accepted')
    await takeUp(serial)
    expect(await finalize(login)).not.toBe('ok')
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })
})

it('ten changes that end at the same time leave no mark behind', async () => {
  const { serial, login } = await accepted()
  const marks = await Promise.all(Array.from({ length: 10 }, () => phone(serial).beginChange()))
  const [first, ...others] = marks.map(valueOf).toSorted((one, other) => one - other)
  // While the first reads the token, the others wait for one read together; the latest mark ends before theirs.
  const order = [first, ...others.toReversed()].filter((mark) => mark !== undefined)
  await Promise.all(order.map((mark) => phone(serial).endChange({ mark })))
  expect(await finalize(login)).toBe('ok')
})

describe('a change whose end the phone’s object did not hear', () => {
  const unreachable = refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })
  /** The same ports, where these verbs of phones do something else. */
  const withPhones = (verbs: Partial<PhoneObject>): Ports => ({
    ...ports,
    phones: { ...ports.phones, of: (serial) => ({ ...ports.phones.of(serial), ...verbs }) },
  })
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  })
  const disable = (serial: Serial, wait: number, verbs: Partial<PhoneObject>) =>
    changeTokenRow(withPhones(verbs), serial, async () => {
      vi.setSystemTime(addSeconds(FAR, seconds(wait)))
      // A slow change: the alarm came before it.
      if (wait > 2.5) await runDurableObjectAlarm(stubOf(serial))
      return { ok: true, value: await changeRow(serial, { kind: 'active', active: false }) }
    })
  const deaf = { endChange: async () => unreachable }

  it('is marked anew, also if the change was slow', async () => {
    const { serial, login } = await accepted()
    valueOf(await disable(serial, 3, deaf))
    expect(await finalize(login)).toBe('no_suitable_token')
    await takeUp(serial)
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })

  it('is not answered as done if the change was slow and the phone’s object stays out of reach', async () => {
    const { serial, login } = await accepted()
    const [first, ...others] = [valueOf(await phone(serial).beginChange()), unreachable]
    const marks = [done(first), ...others]
    const gone = { ...deaf, beginChange: async () => marks.shift() ?? unreachable }
    expect(verdict(await disable(serial, 3, gone))).toBe('storage_unavailable')
    // Repeated, it is told.
    valueOf(await changeTokenRow(ports, serial, async () => done(false)))
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })

  it('is answered as done while the mark of its beginning stands', async () => {
    const { serial, login } = await accepted()
    const mark = await phone(serial).beginChange()
    const marks = [mark]
    const gone = { ...deaf, beginChange: async () => marks.shift() ?? unreachable }
    valueOf(await disable(serial, 1, gone))
    expect(await finalize(login)).toBe('no_suitable_token')
  })
})

describe('a change that the catalogue made late', () => {
  const late = async () => refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })

  it('reaches the phone’s object when it happens after all', async () => {
    const { serial, login } = await accepted()
    await changeTokenRow(ports, serial, late)
    await changeRow(serial, { kind: 'active', active: false })
    expect(await finalize(login)).toBe('no_suitable_token')
    expect(await stands(login)).toBe('accepted')
    await takeUp(serial)
    expect(await finalize(login)).not.toBe('ok')
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })

  it('reaches the phone’s object even if a wrong PIN set its alarm before', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const alarm = () => runInDurableObject(stubOf(serial), (_, { storage }) => storage.getAlarm())
    const { serial, login } = await accepted()
    await changeTokenRow(ports, serial, late)
    expect(verdict(await phone(serial).ring(await ringOf(serial, 'wrong')))).toBe('pin_wrong')
    await eventually(async () => expect(await alarm()).toBe(FAR + 1500))
    vi.setSystemTime(FAR + 1500)
    await runDurableObjectAlarm(stubOf(serial))
    await changeRow(serial, { kind: 'active', active: false })
    expect(await finalize(login)).toBe('no_suitable_token')
    expect([await stands(login), await alarm()]).toEqual(['accepted', FAR + 2501])
    vi.setSystemTime(FAR + 2501)
    await runDurableObjectAlarm(stubOf(serial))
    expect(await alarm()).toBeNull()
    await eventually(async () => expect(await stands(login)).toBe('declined'))
  })

  it('that does not happen stops logins only until the phone’s object has looked', async () => {
    const { serial, login } = await accepted()
    await changeTokenRow(ports, serial, late)
    await takeUp(serial)
    expect(await finalize(login)).toBe('ok')
  })
})

describe('a login that was pushed out of the phone’s rings', () => {
  const opened = async (serial: Serial) => ({ revision: await revisionOf(serial), owner: ada })
  const key = async (serial: Serial) => valueOf(await ports.tokens.record(serial))?.phoneKey ?? ''

  it('is void all the same, whatever changed after', async () => {
    const { serial } = await accepted()
    const before = await opened(serial)
    await change(serial, { kind: 'active', active: false })
    await change(serial, { kind: 'active', active: true })
    expect(
      verdict(
        await phone(serial).finalize({ transaction: await drawId(), phoneKey: await key(serial), opened: before }),
      ),
    ).toBe('no_suitable_token')
    const after = await opened(serial)
    expect(
      verdict(
        await phone(serial).finalize({ transaction: await drawId(), phoneKey: await key(serial), opened: after }),
      ),
    ).toBe('ok')
  })

  it('is void even if the phone’s object never saw the state in between', async () => {
    const { serial } = await accepted()
    const before = await opened(serial)
    valueOf(await phone(serial).beginChange())
    await changeRow(serial, { kind: 'unassigned' })
    await changeRow(serial, { kind: 'assigned', owner: ada })
    await evictDurableObject(stubOf(serial))
    await takeUp(serial)
    expect(
      verdict(
        await phone(serial).finalize({ transaction: await drawId(), phoneKey: await key(serial), opened: before }),
      ),
    ).toBe('no_suitable_token')
  })

  it('is void once the token has another owner, even if its revision at opening is unknown', async () => {
    const { serial } = await accepted()
    await change(serial, { kind: 'unassigned' })
    await change(serial, { kind: 'assigned', owner: { login: 'bob', realm: 'changes' } })
    expect(
      verdict(
        await phone(serial).finalize({
          transaction: await drawId(),
          phoneKey: await key(serial),
          opened: { owner: ada },
        }),
      ),
    ).toBe('no_suitable_token')
  })

  it('goes on when nothing relevant changed', async () => {
    const { serial, login } = await accepted()
    for (const wanted of [
      { kind: 'set', settings: { description: 'x', maxAttempts: 3, validUntil: instant(Date.UTC(2040, 0, 1)) } },
      { kind: 'realms', realms: [] },
      { kind: 'info', key: 'note', value: 'x' },
      { kind: 'polling_allowed', allowed: false },
    ] as const)
      await change(serial, wanted)
    expect(await finalize(login)).toBe('ok')
  })

  it('is void when the token was enrolled anew, by the same phone', async () => {
    const { serial, login } = await accepted()
    await changeTokenRow(ports, serial, async () => ({ ok: true, value: await registerAnew(serial, 0) }))
    expect(await finalize(login)).not.toBe('ok')
  })
})

describe('the failed attempts of one owner', () => {
  it('do not count against another owner, even if the request that assigned the token died', async () => {
    const { serial } = await accepted()
    valueOf(await phone(serial).ring(await ringOf(serial, '1234')))
    for (let count = 0; count < 3; count++) await phone(serial).ring(await ringOf(serial, 'wrong'))
    expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 3, failures: 3 })
    valueOf(await phone(serial).beginChange())
    await changeRow(serial, { kind: 'unassigned' })
    await evictDurableObject(stubOf(serial))
    await takeUp(serial)
    expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 0, failures: 3 })
  })
})

describe('a token with a limited number of uses', () => {
  it('finalizes exactly as many accepted logins as it may, however many come at once', async () => {
    const mine = await enroll('PIPUUSES0001')
    await change(mine.serial, { kind: 'set', settings: { maxSuccesses: 2 } })
    const logins = await Promise.all(Array.from({ length: 6 }, () => openLogin(SHARD, [mine])))
    for (const login of logins)
      valueOf(await shard(SHARD).answer({ id: login.id, answer: await login.say(mine.serial) }))
    const outcomes = await Promise.all(logins.map(finalize))
    expect(outcomes.toSorted()).toEqual(['ok', 'ok', ...Array.from({ length: 4 }, () => 'uses_exceeded')])
    expect(valueOf(await phone(mine.serial).counters())).toMatchObject({ successes: 2 })
    expect(verdict(await phone(mine.serial).ring(await ringOf(mine.serial)))).toBe('uses_exceeded')
  })

  it('can be guessed no more often, and a repeated call is finalized once', async () => {
    const mine = await enroll('PIPUUSES0002', { pin: '1234' })
    await change(mine.serial, { kind: 'set', settings: { maxUses: 4 } })
    const revision = await revisionOf(mine.serial)
    const guesses = await Promise.all(
      Array.from({ length: 9 }, async (_, at) =>
        phone(mine.serial).ring(await ringOf(mine.serial, `wrong ${at}`, { revision })),
      ),
    )
    expect(guesses.map(verdict).filter((one) => one === 'pin_wrong')).toHaveLength(4)
    await change(mine.serial, { kind: 'set', settings: { maxUses: 5 } })
    const id = await drawId()
    const key = valueOf(await ports.tokens.record(mine.serial))?.phoneKey ?? ''
    for (const wanted of ['ok', 'ok'])
      expect(verdict(await phone(mine.serial).finalize({ transaction: id, phoneKey: key }))).toBe(wanted)
    expect(verdict(await phone(mine.serial).finalize({ transaction: await drawId(), phoneKey: key }))).toBe(
      'uses_exceeded',
    )
    expect(valueOf(await phone(mine.serial).counters())).toMatchObject({ successes: 1, failures: 4 })
  })
})
