/** Runs logins by a plan and collects what became of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoginTimes, TestUser } from './login.ts'
import { type Plan, type Stage, type Start, startTimes } from './plan.ts'

export interface LoginResult extends LoginTimes {
  readonly stage: Stage
  /** Milliseconds after the begin of the run at which it should have started. */
  readonly at: number
  /** Milliseconds by which it started late, because this machine was busy. */
  readonly late: number
  /** Milliseconds for which it waited for a user without a login. */
  readonly queued: number
  /** Milliseconds from the moment it should have started to its end, without the user's own time. */
  readonly whole: number
}

export interface Run {
  readonly results: readonly LoginResult[]
  /** Logins that were due and found no free user before the time was over. */
  readonly notStarted: Readonly<Record<Stage, number>>
  /** Seconds that each stage took. */
  readonly took: Readonly<Record<Stage, number>>
}

interface Due extends Start {
  readonly late: number
  readonly dueAt: number
}

/** Runs the plan. A login that is due while all users are busy waits for one, and its time counts from when it was due: a slow server
 *  makes no figure better (no coordinated omission). When `stop` is aborted no more logins start.
 *  @param onResult hears of each login as it ends */
export async function runPlan(
  plan: Plan,
  users: readonly TestUser[],
  login: (user: TestUser) => Promise<LoginTimes>,
  stop: AbortSignal,
  onResult: (result: LoginResult) => void = () => {},
): Promise<Run> {
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const results: LoginResult[] = []
  const free = [...users]
  const queue: Due[] = []
  const running = new Set<Promise<void>>()

  const measure = async (due: Due, user: TestUser): Promise<void> => {
    const queued = elapsed() - due.dueAt
    const times = await login(user)
    const { stage, at, late } = due
    const result = { ...times, stage, at, late, queued, whole: elapsed() - at - times.thought }
    results.push(result)
    onResult(result)
  }
  const begin = (due: Due, user: TestUser): void => {
    const one = measure(due, user).then(() => {
      running.delete(one)
      const next = queue.shift()
      if (next === undefined) free.push(user)
      else begin(next, user)
    })
    running.add(one)
  }

  if (plan.rate === undefined) await closedLoop()
  else await openLoop()
  const end = elapsed() / 1000
  const notStarted = { ramp: 0, steady: 0 }
  for (const { stage } of queue.splice(0)) notStarted[stage] += 1
  await Promise.all(running)
  const ramp = Math.min(plan.ramp, end)
  return { results, notStarted, took: { ramp, steady: end - ramp } }

  async function openLoop(): Promise<void> {
    for (const start of startTimes(plan)) {
      if (!(await isTimeFor(start.at))) return
      const dueAt = elapsed()
      const due = { ...start, dueAt, late: dueAt - start.at }
      const user = free.shift()
      if (user === undefined) queue.push(due)
      else begin(due, user)
    }
    await isTimeFor((plan.ramp + plan.seconds) * 1000)
  }

  async function closedLoop(): Promise<void> {
    const until = (plan.ramp + plan.seconds) * 1000
    const oneAfterTheOther = async (user: TestUser, index: number): Promise<void> => {
      await isTimeFor((plan.ramp * 1000 * index) / plan.atOnce)
      while (!stop.aborted && elapsed() < until) {
        const at = elapsed()
        await measure({ stage: at < plan.ramp * 1000 ? 'ramp' : 'steady', at, dueAt: at, late: 0 }, user)
      }
    }
    await Promise.all(users.slice(0, plan.atOnce).map(oneAfterTheOther))
  }

  /** Waits until a time of the run. False: the run was stopped. */
  async function isTimeFor(at: number): Promise<boolean> {
    const left = at - elapsed()
    if (left > 1) await sleep(left, undefined, { signal: stop }).catch(() => undefined)
    return !stop.aborted
  }
}
