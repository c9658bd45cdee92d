/** Puts the same load on Nod and on a real privacyIDEA, in turns, in one run. */
import { Client } from './client.ts'
import { type LoginOpening, type Phone, PIN } from './fleet.ts'
import { CALLS, type Load, runLogins, type RunResult } from './load.ts'
import { median } from './percentiles.ts'
import { enrollAll, startWorld, signIn } from './world.ts'

/** privacyIDEA's own keys, and Nod's default. */
const BITS = [4096, 3072] as const
const ROUNDS = 3
/** As bench/privacyidea.sh makes them. */
const ADMIN = { login: 'admin', password: 'adminpw' }
const USERS = 'user'

interface Side {
  readonly name: string
  readonly client: Client
  readonly token: string
  readonly phones: readonly Phone[]
}

/** Measures and prints logins a second and the p99 of each request, for both. */
export async function compareWithPrivacyidea(load: Load, url: string): Promise<void> {
  const { google, inFlight } = load
  const most = Math.max(...inFlight)
  const client = new Client(url)
  const token = await signIn(client, ADMIN)
  const other: Side = { name: 'privacyIDEA', client, token, phones: await enrollAll(client, token, most, USERS) }
  for (const bits of BITS) {
    const world = await startWorld(google, bits, most)
    const nod: Side = { name: `Nod ${bits}`, ...world }
    for (const opened of ['token', 'PIN'] as const)
      for (const count of inFlight) await compare(load, [nod, other], opened, count)
    await world.close()
  }
  client.close()
}

/** Runs both as fast as they go, then Nod at privacyIDEA's rate: a service does not send more logins because Nod is faster. */
async function compare(load: Load, sides: readonly [Side, Side], opened: 'token' | 'PIN', count: number) {
  for (const { client } of sides) client.forget()
  const rates = new Map<Side, number[]>(sides.map((side) => [side, []]))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of sides) rates.get(side)?.push((await runOneRound(load, side, opened, count)).perSecond)
  const [nod, other] = sides
  const rate = (side: Side): number => median(rates.get(side) ?? [])
  console.log(
    `\n${nod.name} / ${other.name}, by ${opened}, ${count} in flight: ${rate(nod).toFixed(1)} / ${rate(other).toFixed(1)} logins/s = ${(rate(nod) / rate(other)).toFixed(1)} times`,
  )
  const tail = ({ client }: Side) => CALLS.map((call) => client.percentile(call, 0.99))
  const [full, others] = [tail(nod), tail(other)]
  nod.client.forget()
  await runOneRound(load, nod, opened, count, rate(other))
  const paced = tail(nod)
  for (const [index, call] of CALLS.entries()) {
    const other99 = others[index] ?? Number.NaN
    const [asFast, inStep] = [full, paced].map((all) => ratio(all[index] ?? Number.NaN, other99))
    console.log(
      `  ${call.padEnd(9)} p99 ${other99.toFixed(1).padStart(8)} ms; Nod ${asFast}, at as many logins a second as ${other.name} ${inStep}`,
    )
  }
}

const ratio = (own: number, other: number): string => `${own.toFixed(1).padStart(7)} = 1/${(other / own).toFixed(1)}`

function runOneRound(
  { google, seconds }: Load,
  { client, token, phones }: Side,
  opened: 'token' | 'PIN',
  count: number,
  most?: number,
): Promise<RunResult> {
  const opening: LoginOpening = opened === 'token' ? { token } : { pin: PIN }
  return runLogins(client, google, phones.slice(0, count), opening, seconds, most)
}
