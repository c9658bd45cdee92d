/** Changes of which tokens a user has: a login by an older list of them is refused by the phones that are on it. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changeOwnerTokens, ownerTokensBatch, tellOwnerTokens } from '../../src/operations/token/change-owner-tokens.ts'
import type { PhoneObject, RingRequest } from '../../src/ports/phone-object.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done, refuse } from '../../src/refusal.ts'
import { addSeconds, type Owner, seconds, type Serial } from '../../src/vocabulary.ts'
import { changeRow, drawId, enroll, FAR, ports, ringOf, stubOf, valueOf, verdict } from './world.ts'

const UNREACHABLE = refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })

afterEach(() => {
  vi.useRealTimers()
})

let users = 0
/** A user with two tokens, the second of which is disabled; and a request to ring the first, by a list that was read then. */
async function twoTokens(): Promise<{ owner: Owner; first: Serial; second: Serial; older: RingRequest }> {
  users += 1
  const owner: Owner = { login: `ada${users}`, realm: 'owners' }
  const [first, second] = [`PIPUOWNA${users}`, `PIPUOWNB${users}`].map((serial) => serial as Serial)
  if (first === undefined || second === undefined) throw new Error('two serials')
  await enroll(first, { owner })
  await enroll(second, { owner })
  await changeRow(second, { kind: 'active', active: false })
  const older = await ringOf(first)
  valueOf(await ports.phones.of(first).ring(older))
  return { owner, first, second, older }
}

const ringAgain = async (first: Serial, older: RingRequest) =>
  verdict(await ports.phones.of(first).ring({ ...older, transaction: await drawId() }))

const enable = (second: Serial) => async () => done(await changeRow(second, { kind: 'active', active: true }))

/** The same ports, where these verbs of phones do something else. */
const withPhones = (verbs: Partial<PhoneObject>): Ports => ({
  ...ports,
  phones: { ...ports.phones, of: (serial) => ({ ...ports.phones.of(serial), ...verbs }) },
})

describe('a phone refuses an older list of its user’s tokens', () => {
  it('once another token was enabled', async () => {
    const { owner, first, second, older } = await twoTokens()
    valueOf(await changeOwnerTokens(ports, owner, second, enable(second)))
    expect(await ringAgain(first, older)).toBe('stale')
  })

  it('if D1 makes the change after the request was refused', async () => {
    const { owner, first, second, older } = await twoTokens()
    expect(verdict(await changeOwnerTokens(ports, owner, second, async () => UNREACHABLE))).toBe('storage_unavailable')
    await enable(second)()
    expect(await ringAgain(first, older)).toBe('stale')
  })

  it('if it did not hear of the end of one of two changes at once', async () => {
    const { owner, first, second, older } = await twoTokens()
    const deaf = withPhones({ endOwnerChange: async () => UNREACHABLE })
    const both = changeOwnerTokens(deaf, owner, second, async () => {
      valueOf(await changeOwnerTokens(ports, owner, second, async () => done(undefined)))
      return enable(second)()
    })
    valueOf(await both)
    await evictDurableObject(stubOf(first))
    expect(await ringAgain(first, older)).toBe('stale')
  })

  it('after its alarm, if it did not hear of the end', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const { owner, first, second, older } = await twoTokens()
    const deaf = withPhones({ endOwnerChange: async () => UNREACHABLE })
    valueOf(await changeOwnerTokens(deaf, owner, second, enable(second)))
    vi.setSystemTime(addSeconds(FAR, seconds(3)))
    await runDurableObjectAlarm(stubOf(first))
    const stored = await runInDurableObject(stubOf(first), (_, { storage }) =>
      storage.kv.get<{ readonly ownerChanges?: unknown }>('phone'),
    )
    expect(stored?.ownerChanges).toBeUndefined()
    expect(await ringAgain(first, older)).toBe('stale')
  })
})

describe('a change whose end a phone did not hear', () => {
  it('is not answered as done if the phone’s mark may be over, and is told when it is repeated', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const { owner, first, second, older } = await twoTokens()
    const deaf = withPhones({ endOwnerChange: async () => UNREACHABLE })
    const slow = changeOwnerTokens(deaf, owner, second, async () => {
      vi.setSystemTime(addSeconds(FAR, seconds(3)))
      await runDurableObjectAlarm(stubOf(first))
      return enable(second)()
    })
    expect(verdict(await slow)).toBe('storage_unavailable')
    valueOf(await tellOwnerTokens(ports, owner, second))
    expect(await ringAgain(first, older)).toBe('stale')
  })
})

describe('changes of all ten tokens of a user at once', () => {
  it('call each of their phones twice beside what each change calls, and are known to all', async () => {
    const owner: Owner = { login: 'ten', realm: 'owners' }
    const serials = Array.from({ length: 10 }, (_, at) => `PIPUTEN${at}` as Serial)
    for (const serial of serials) await enroll(serial, { owner })
    const older = await Promise.all(serials.map((serial) => ringOf(serial)))
    for (const [at, serial] of serials.entries()) valueOf(await ports.phones.of(serial).ring(older[at] ?? never()))
    const calls: string[] = []
    const counting: Ports = {
      ...ports,
      phones: {
        ...ports.phones,
        of: (serial) => ({
          ...ports.phones.of(serial),
          beginOwnerChange: (request) => (calls.push('begin'), ports.phones.of(serial).beginOwnerChange(request)),
          endOwnerChange: (request) => (calls.push('end'), ports.phones.of(serial).endOwnerChange(request)),
        }),
      },
    }
    const batch = ownerTokensBatch(counting)
    await Promise.all(
      serials.map(async (serial) =>
        valueOf(
          await batch.run(owner, serial, async () =>
            done(await changeRow(serial, { kind: 'set', settings: { description: 'new' } })),
          ),
        ),
      ),
    )
    valueOf(await batch.end())
    expect(calls.toSorted()).toEqual([...serials.map(() => 'begin'), ...serials.map(() => 'end')])
    for (const [at, serial] of serials.entries()) expect(await ringAgain(serial, older[at] ?? never())).toBe('stale')
  })

  it('are not answered as done if a phone cannot be told before', async () => {
    const { owner, second } = await twoTokens()
    const batch = ownerTokensBatch(withPhones({ beginOwnerChange: async () => UNREACHABLE }))
    expect(verdict(await batch.run(owner, second, enable(second)))).toBe('storage_unavailable')
    expect(verdict(await batch.end())).toBe('storage_unavailable')
  })
})

function never(): never {
  throw new Error('no such request')
}
