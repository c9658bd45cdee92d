import { describe, expect, it } from 'vitest'
import type { LoginTimes, TestUser } from '../../scripts/load/login.ts'
import { runPlan } from '../../scripts/load/run.ts'
import { sleep } from '../driver/waiting.ts'
import { Phone } from '../simulation/phone.ts'

const users = (count: number): readonly TestUser[] =>
  Array.from({ length: count }, (_, index) => ({
    owner: { user: `user${index}`, realm: 'load-1' },
    serial: `PIPU${index}`,
    phone: new Phone(),
  }))

const ACCEPTED: LoginTimes = { outcome: 'accepted', steps: {}, thought: 0, failure: undefined }
const never = new AbortController().signal
/** Milliseconds; timers may be a little early. */
const SLOW = 30
const LEAST = SLOW - 2

describe('an open loop', () => {
  it('begins each login, whatever became of those before', async () => {
    const plan = { rate: 200, atOnce: 0, ramp: 0, seconds: 0.05 }
    const { results, notStarted } = await runPlan(plan, users(10), async () => ACCEPTED, never)
    expect([results.length, notStarted]).toEqual([10, { ramp: 0, steady: 0 }])
  })

  it('counts the time that a login has waited for a free user, and every login that was due', async () => {
    const plan = { rate: 100, atOnce: 0, ramp: 0, seconds: 0.05 }
    const login = async () => {
      await sleep(SLOW)
      return ACCEPTED
    }
    const { results, notStarted } = await runPlan(plan, users(1), login, never)
    expect(results.length + notStarted.steady).toBe(5)
    for (const { whole, queued } of results) expect(whole).toBeGreaterThanOrEqual(queued + LEAST)
  })

  it('leaves out the time for which the user thought', async () => {
    const plan = { rate: 100, atOnce: 0, ramp: 0, seconds: 0.01 }
    const { results } = await runPlan(plan, users(1), async () => ({ ...ACCEPTED, thought: 1e6 }), never)
    expect(results.map(({ whole }) => whole < 0)).toEqual([true])
  })
})

describe('a closed loop', () => {
  it('begins a login when the one before has ended, as many at a time as was asked for', async () => {
    let [running, most, count] = [0, 0, 0]
    const stop = new AbortController()
    const login = async () => {
      running += 1
      most = Math.max(most, running)
      await sleep(1)
      running -= 1
      count += 1
      if (count === 12) stop.abort()
      return ACCEPTED
    }
    const plan = { rate: undefined, atOnce: 3, ramp: 0, seconds: 3600 }
    const { results } = await runPlan(plan, users(5), login, stop.signal)
    expect(most).toBe(3)
    expect(results.length).toBeGreaterThanOrEqual(12)
    expect(results.length).toBeLessThanOrEqual(14)
  })
})

it('a run that is stopped waits for the logins that are under way, and begins no more', async () => {
  const stop = new AbortController()
  const login = async () => {
    stop.abort()
    await sleep(1)
    return ACCEPTED
  }
  const plan = { rate: 1000, atOnce: 0, ramp: 0, seconds: 3600 }
  const { results } = await runPlan(plan, users(1), login, stop.signal)
  expect(results).toHaveLength(1)
})
