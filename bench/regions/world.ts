/** Measures logins around the world: each service's region with each phone's region, with D1's primary in three places. */
import { generateKeyPairSync } from 'node:crypto'
import { Client } from '../client.ts'
import { enroll, type Phone } from '../fleet.ts'
import type { Google } from '../google.ts'
import { percentileOf } from '../percentiles.ts'
import { SERVICE_CORE, startService } from '../service.ts'
import { signIn } from '../world.ts'
import { crossings, criticalPath, type Leg } from './crossings.ts'
import { logIn, pollTwiceASecond, type Server, type Steps, STEPS, waitInOneRequest } from './login.ts'
import { roundTrip, WORLD_REGIONS, type WorldRegion } from './round-trips.ts'
import { startSingleSite } from './single-site.ts'

/** Where D1's primary is, and where the single site is. */
export const SITES: readonly WorldRegion[] = ['weur', 'enam', 'apac']
/** Where Google takes messages. It has entrances everywhere; this is the farthest that a message goes from most regions. */
const GOOGLE_REGION: WorldRegion = 'enam'
const BITS = 2048
/** Logins of each pair before its times count. */
const WARM_UP = 2

export interface Pair {
  readonly service: WorldRegion
  readonly phone: WorldRegion
}
const PAIRS: readonly Pair[] = WORLD_REGIONS.flatMap((service) => WORLD_REGIONS.map((phone) => ({ service, phone })))

export type Percentiles = Readonly<Record<(typeof STEPS)[number], { readonly p50: number; readonly p99: number }>>
export const COUNTED = ['trigger', 'answer', 'wake', 'finalize'] as const
export type Crossings = Readonly<Record<(typeof COUNTED)[number], number>>

export interface PairResult extends Pair {
  readonly site: WorldRegion
  readonly logins: number
  readonly nod: Percentiles
  readonly crossings: Crossings
  readonly singleSite: Percentiles
}

/** Measures every pair for so many seconds, all pairs at once, with D1 in each of the sites. */
export async function measureWorld(google: Google, seconds: number): Promise<readonly PairResult[]> {
  const results: PairResult[] = []
  for (const site of SITES) {
    const nod = await measureNod(google, site, seconds)
    const single = await measureSingleSite(google, site, seconds)
    for (const [index, pair] of PAIRS.entries()) {
      const [measured, compared] = [nod[index], single[index]]
      if (measured === undefined || compared === undefined) throw new Error('a pair was not measured')
      results.push({ ...pair, site, ...measured, singleSite: percentilesOf(compared) })
    }
  }
  return results
}

const clientIn = (url: string, region: WorldRegion): Client =>
  new Client(url, 1_024, { 'X-World-Region': region, 'CF-Connecting-IP': '192.0.2.1' })

/** The built Nod in the world, with D1's primary in one region. */
export interface World {
  readonly url: string
  readonly clientOf: (region: WorldRegion) => Client
  /** The administrator's API token. Their requests come from the region of D1's primary. */
  readonly token: string
  /** The key of every phone. */
  readonly pem: string
  readonly administrator: Client
  readonly close: () => Promise<void>
}

export async function openWorld(google: Google, primary: WorldRegion): Promise<World> {
  const nod = await startService(BITS, google.url, SERVICE_CORE, { script: 'bench/regions/start.ts' })
  const roundTrips = Object.fromEntries(
    WORLD_REGIONS.map((from) => [from, Object.fromEntries(WORLD_REGIONS.map((to) => [to, roundTrip(from, to)]))]),
  )
  await fetch(`${nod.url}/_/world`, {
    method: 'POST',
    body: JSON.stringify({ roundTrips, primary, google: GOOGLE_REGION }),
  })
  const clients = new Map(WORLD_REGIONS.map((region) => [region, clientIn(nod.url, region)]))
  const clientOf = (region: WorldRegion): Client => clients.get(region) ?? clientIn(nod.url, region)
  const administrator = clientOf(primary)
  const token = await signIn(administrator, nod.admin)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    url: nod.url,
    clientOf,
    token,
    pem,
    administrator,
    close: async () => {
      for (const client of clients.values()) client.close()
      await nod.stop()
    },
  }
}

async function measureNod(
  google: Google,
  primary: WorldRegion,
  seconds: number,
): Promise<readonly Pick<PairResult, 'nod' | 'crossings' | 'logins'>[]> {
  const { url, clientOf, token, pem, administrator, close } = await openWorld(google, primary)
  const fleet = await Promise.all(
    PAIRS.map(async ({ service, phone }) => ({
      phone: await enroll(administrator, token, `${service}-${phone}`, pem, clientOf(phone)),
      server: { service: clientOf(service), phone: clientOf(phone), google, token, wait: waitInOneRequest },
    })),
  )
  const measured = await Promise.all(fleet.map(({ server, phone }) => repeat(server, phone, seconds)))
  const results = []
  for (const [index, { server, phone }] of fleet.entries()) {
    const logins = measured[index] ?? []
    const counted = await countCrossings(url, server, phone, PAIRS[index])
    results.push({ logins: logins.length, nod: percentilesOf(logins), crossings: counted })
  }
  await close()
  return results
}

async function measureSingleSite(
  google: Google,
  site: WorldRegion,
  seconds: number,
): Promise<readonly (readonly Steps[])[]> {
  const server = await startSingleSite(site, google.url, GOOGLE_REGION)
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const measured = await Promise.all(
    PAIRS.map(async (pair) => {
      const name = `${pair.service}-${pair.phone}`
      const [service, phone] = [clientIn(server.url, pair.service), clientIn(server.url, pair.phone)]
      const asked = { service, phone, google, token: '', wait: pollTwiceASecond }
      const steps = await repeat(asked, { serial: name, user: name, key }, seconds)
      service.close()
      phone.close()
      return steps
    }),
  )
  server.stop()
  return measured
}

/** Logs the phone in again and again for so many seconds, and returns the steps of each login but the first. */
export async function repeat(server: Server, phone: Phone, seconds: number): Promise<readonly Steps[]> {
  for (let count = 0; count < WARM_UP; count += 1) await logIn(server, phone)
  const until = performance.now() + seconds * 1000
  const all: Steps[] = []
  while (performance.now() < until || all.length === 0) all.push(await logIn(server, phone))
  return all
}

/** Logs the phone in once, alone, and counts how often each request crossed an ocean. */
export async function countCrossings(
  url: string,
  server: Server,
  phone: Phone,
  pair: Pair | undefined,
): Promise<Crossings> {
  const recorded: Partial<Record<'trigger' | 'wait' | 'answer' | 'finalize', readonly Leg[]>> = {}
  await takeLegs(url)
  await logIn(server, phone, async (step) => {
    recorded[step] = await takeLegs(url)
  })
  await fetch(`${url}/_/legs`, { method: 'DELETE' })
  const { trigger = [], answer = [], finalize = [] } = recorded
  // Two requests end in that step, the phone's and the one that waited for it.
  const endIn = (region: string | undefined): Leg | undefined =>
    answer.findLast(({ what, at, from }) => what === 'edge' && at === 'after' && from === region)
  return {
    trigger: crossings(criticalPath(trigger)),
    answer: crossings(criticalPath(answer, endIn(pair?.phone))),
    wake: crossings(criticalPath(answer, endIn(pair?.service))),
    finalize: crossings(criticalPath(finalize)),
  }
}

const takeLegs = async (url: string): Promise<readonly Leg[]> =>
  (await (await fetch(`${url}/_/legs`, { method: 'POST' })).json()) as readonly Leg[]

export const percentilesOf = (all: readonly Steps[]): Percentiles =>
  Object.fromEntries(
    STEPS.map((step) => {
      const times = all.map((one) => one[step])
      return [step, { p50: percentileOf(times, 0.5), p99: percentileOf(times, 0.99) }]
    }),
  ) as unknown as Percentiles
