/** Runs logins of many phones on one service for some time. */
import { sleep } from './latency-during.ts'
import type { Client } from './client.ts'
import { login, type LoginOpening, type Phone } from './fleet.ts'
import type { Google } from './google.ts'

/** The options of a run. */
export interface Load {
  readonly google: Google
  readonly inFlight: readonly number[]
  readonly seconds: number
}

export interface RunResult {
  readonly perSecond: number
  readonly count: number
}

/** Logs each phone in again and again for so many seconds. `most` limits all phones together to so many logins a second. */
export async function runLogins(
  client: Client,
  google: Google,
  phones: readonly Phone[],
  opening: LoginOpening,
  seconds: number,
  most = Number.POSITIVE_INFINITY,
): Promise<RunResult> {
  const started = performance.now()
  const until = started + seconds * 1000
  const every = (phones.length / most) * 1000
  const counts = await Promise.all(
    phones.map(async (phone, index) => {
      let count = 0
      for (let next = started + (index / phones.length) * every; ; next += every) {
        await sleep(next - performance.now())
        if (performance.now() >= until) return count
        await login(client, google, phone, opening)
        count += 1
      }
    }),
  )
  const count = counts.reduce((sum, one) => sum + one, 0)
  return { count, perSecond: count / ((performance.now() - started) / 1000) }
}

export const CALLS = ['trigger', 'answer', 'status', 'finalize'] as const

/** p50/p99 of each request of a login, in milliseconds. */
export const latencies = (client: Client): string => CALLS.map((call) => client.p50AndP99(call).padEnd(14)).join('')
