/** Measures Nod in turns with a login without Nod (see `start-skeleton.ts`), which shows how fast any implementation can be
 *  here. Other load on the machine falls on both alike, so the ratios hold where the figures do not. */
import { Client } from './client.ts'
import { CALLS, latencies, type Load, runLogins, type RunResult } from './load.ts'
import { floorOf } from './logins.ts'
import { median } from './percentiles.ts'
import { SERVICE_CORE, type Service, startService } from './service.ts'
import { startWorld } from './world.ts'

/** How long each of the two runs before it is the other's turn. */
const SLICE_SECONDS = 1
/** The first seconds of a process: its code is compiled while it serves. */
const COLD_SECONDS = 8

interface Slice extends RunResult {
  readonly cpu: number
}

interface Side {
  readonly name: string
  readonly service: Service
  readonly client: Client
  readonly run: (seconds: number) => Promise<RunResult>
  readonly slices: Slice[]
}

/** Measures and prints for signing keys of so many bits. Both processes are new for each number of logins in flight, and run
 *  for `seconds` each. */
export async function skeleton({ google, inFlight, seconds }: Load, bits: number): Promise<void> {
  const floor = floorOf(bits, 'token')
  for (const count of inFlight) {
    const world = await startWorld(google, bits, count)
    const nod: Side = {
      name: 'Nod',
      ...world,
      run: (span) => runLogins(world.client, google, world.phones, { token: world.token }, span),
      slices: [],
    }
    const service = await startService(bits, google.url, SERVICE_CORE, { script: 'bench/start-skeleton.ts' })
    const client = new Client(service.url)
    const bare: Side = {
      name: 'a login without Nod',
      service,
      client,
      run: (span) => logIn(client, count, span),
      slices: [],
    }
    for (const { run } of [nod, bare]) await run(0)
    await runInTurns([nod, bare], seconds)
    console.log(
      `\n${bits} bits, ${count} in flight, in turns; floor ${floor.perSecond.toFixed(0)} logins/s, ${floor.cpu.toFixed(2)} CPU ms`,
    )
    const cold = COLD_SECONDS / SLICE_SECONDS
    printRatio('the first 8 s', nod, bare, (all) => all.slice(0, cold))
    if (seconds > COLD_SECONDS) printRatio('after that', nod, bare, (all) => all.slice(cold))
    console.log(`  p50/p99 ms   ${CALLS.map((call) => call.padEnd(14)).join('')}`)
    for (const side of [nod, bare]) console.log(`  ${side.name.padEnd(19)}  ${latencies(side.client)}`)
    await world.close()
    client.close()
    await service.stop()
  }
}

async function runInTurns(sides: readonly Side[], seconds: number): Promise<void> {
  for (let turn = 0; turn < seconds / SLICE_SECONDS; turn += 1)
    for (const { service, run, slices } of turn % 2 === 0 ? sides : sides.toReversed()) {
      const before = service.cpu()
      const ran = await run(SLICE_SECONDS)
      slices.push({ ...ran, cpu: service.cpu() - before })
    }
}

function printRatio(when: string, nod: Side, bare: Side, of: (slices: readonly Slice[]) => readonly Slice[]): void {
  const [[rate, cpu], [bareRate, bareCpu]] = [figures(of(nod.slices)), figures(of(bare.slices))]
  console.log(
    `  ${when.padEnd(14)} logins/s: Nod ${rate.toFixed(1)} / without Nod ${bareRate.toFixed(1)} = ${(rate / bareRate).toFixed(2)}; CPU ms a login: ${cpu.toFixed(2)} / ${bareCpu.toFixed(2)} = ${(bareCpu / cpu).toFixed(2)}`,
  )
}

/** Logins a second, and CPU milliseconds of a login: medians of the slices. */
const figures = (slices: readonly Slice[]): readonly [number, number] => [
  median(slices.map(({ perSecond }) => perSecond)),
  median(slices.map(({ cpu, count }) => (cpu * 1000) / count)),
]

/** Logs each user in again and again for so many seconds. */
async function logIn(client: Client, inFlight: number, seconds: number): Promise<RunResult> {
  const started = performance.now()
  const until = started + seconds * 1000
  let count = 0
  const user = async (name: string): Promise<void> => {
    for (; performance.now() < until; count += 1) {
      const { value } = await client.call('trigger', 'POST', '/trigger', { user: name })
      const id = String(value)
      await client.call('answer', 'POST', '/answer', { id })
      await client.call('status', 'GET', `/standing?id=${id}`)
      await client.call('finalize', 'POST', '/finalize', { id, user: name })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, index) => user(`user${index}`)))
  return { count, perSecond: (count * 1000) / (performance.now() - started) }
}
