import { describe, expect, it } from 'vitest'
import { type WaitingFor, waitingShares } from '../../../src/rules/login/waiting-shares.ts'
import { challenge, login } from './sample-login.ts'

const ada = { owner: { login: 'ada', realm: 'sales' }, service: 'vpn', challenges: [] }

/** How many of such callers find a place in an empty shard. */
function roomFor(
  max: number,
  callers: readonly (readonly [Parameters<typeof waitingShares>[1], WaitingFor])[],
): number {
  const taken = new Map<string, number>()
  let waiting = 0
  for (const [who, waitsFor] of callers) {
    const shares = waitingShares(max, who, waitsFor)
    if (waiting >= max || shares.some(({ name, most }) => (taken.get(name) ?? 0) >= most)) continue
    waiting += 1
    for (const { name } of shares) taken.set(name, (taken.get(name) ?? 0) + 1)
  }
  return waiting
}
const times = <T>(count: number, one: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => one(index))
const user = (index: number) => ({ ...ada, owner: { login: `user ${index}`, realm: 'sales' } })

describe('the places to wait', () => {
  it('are eight for a user’s polls at one service, and as many more for requests that wait', () => {
    expect(
      roomFor(
        8000,
        times(100, () => [ada, 'status']),
      ),
    ).toBe(8)
    const polls = times(100, () => [ada, 'status'] as const)
    expect(roomFor(8000, [...polls, ...times(100, () => [ada, 'success'] as const)])).toBe(16)
  })

  it('are left for the same user at another service, and for other users', () => {
    const crowd = times(100, () => [ada, 'success'] as const)
    expect(roomFor(8000, [...crowd, [{ ...ada, service: 'mail' }, 'status']])).toBe(17)
    expect(roomFor(8000, [...crowd, [user(1), 'status']])).toBe(17)
  })

  it('are kept for requests that wait when as many poll as may', () => {
    const polls = times(100, (index) => [{ ...user(index), service: `service ${index}` }, 'status'] as const)
    expect(roomFor(64, polls)).toBe(56)
    expect(
      roomFor(64, [...polls, ...times(100, (index) => [{ ...user(index), service: 'vpn' }, 'success'] as const)]),
    ).toBe(64)
  })

  it('are not all for one service', () => {
    const crowd = times(100, (index) => [user(index), 'success'] as const)
    expect(roomFor(64, crowd)).toBe(56)
    expect(roomFor(64, [...crowd, [{ ...ada, service: 'mail' }, 'success']])).toBe(57)
  })

  it('are shared by the tokens of nobody as by a user', () => {
    const ownerless = { ...login([challenge('A')]), owner: undefined }
    const { owner: _, ...transaction } = ownerless
    expect(
      roomFor(
        8000,
        times(100, () => [transaction, 'status']),
      ),
    ).toBe(8)
  })
})
