/** Measures whether logins are slower where there are a million tokens than where there are a thousand. */
import { rmSync } from 'node:fs'
import { type Load, runLogins } from './load.ts'
import { seed } from './seed.ts'
import { STATE } from './service.ts'
import { median } from './percentiles.ts'
import { startWorld, type World } from './world.ts'

const BITS = 2048
const PHONES = 16
const SLICES = 20
const SLICE_SECONDS = 0.5

interface Side extends World {
  readonly tokens: number
  readonly slices: { readonly perSecond: number; readonly count: number; cpu: number }[]
}

/** Measures and prints for new folders with so many tokens, and removes them. */
export async function seededTokens(load: Load, counts: readonly string[]): Promise<void> {
  const states: string[] = []
  for (const count of counts) states.push(await seed(count, STATE))
  await tokensInStates(load, states)
  for (const state of states) rmSync(state, { recursive: true, force: true })
}

/** Measures and prints for folders that `npm run seed` has filled; each has sixteen tokens more afterwards. All are served at
 *  the same time and measured in turns, forth and back, so that other load on the machine affects them alike. */
export async function tokensInStates({ google }: Load, states: readonly string[]): Promise<void> {
  const sides: Side[] = []
  for (const state of states) {
    const world = await startWorld(google, BITS, PHONES, { state })
    const headers = { Authorization: world.token }
    const { value } = await world.client.call('list', 'GET', '/token/?pagesize=1', undefined, headers)
    const side = { ...world, tokens: (value as { count: number }).count - PHONES, slices: [] }
    await runLogins(side.client, google, side.phones, side, 1)
    side.client.forget()
    sides.push(side)
  }
  for (let number = 0; number < SLICES; number += 1)
    for (const { client, service, phones, token, slices } of number % 2 === 0 ? sides : sides.toReversed()) {
      const before = service.cpu()
      const { count, perSecond } = await runLogins(client, google, phones, { token }, SLICE_SECONDS)
      slices.push({ count, perSecond, cpu: service.cpu() - before })
    }
  console.log(
    `\nlogins by token beside many tokens: ${BITS} bits, ${PHONES} in flight, medians of ${SLICES} slices of ${SLICE_SECONDS} s each`,
  )
  console.log('   tokens  logins/s  of fewest  CPU ms/login  of fewest  p50/p99 ms of a trigger')
  const [fewest] = sides.toSorted((one, other) => one.tokens - other.tokens)
  for (const { tokens, slices, client } of sides) {
    const [rate, cpu] = [rateOf(slices), cpuOf(slices)]
    const [rates, cpus] = [rate / rateOf(fewest?.slices ?? []), cpu / cpuOf(fewest?.slices ?? [])]
    console.log(
      `${String(tokens).padStart(9)}  ${rate.toFixed(1).padStart(8)}  ${rates.toFixed(2).padStart(9)}  ${cpu.toFixed(2).padStart(12)}  ${cpus.toFixed(2).padStart(9)}  ${client.p50AndP99('trigger')}`,
    )
  }
  for (const { close } of sides) await close()
}

const rateOf = (slices: Side['slices']): number => median(slices.map(({ perSecond }) => perSecond))
const cpuOf = (slices: Side['slices']): number => median(slices.map(({ cpu, count }) => (cpu * 1000) / count))
