/** Changes of which tokens a user has: a login by an older list of them is refused by the phones that are on it. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changeOwnerTokens, tellOwnerTokens } from '../../src/operations/token/change-owner-tokens.ts'
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
