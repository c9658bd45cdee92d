/** Measures what hostile requests of one network cost before and after it has exceeded its rate limit. */
import { Client } from './client.ts'
import { trigger } from './fleet.ts'
import { hostileNames, hostileRequests, type SendRequest } from './hostile-requests.ts'
import type { Google } from './google.ts'
import { type Phone } from './fleet.ts'
import { startWorld, type World } from './world.ts'

const BITS = 2048
const IN_FLIGHT = 16
/** For how many requests D1 and objects are counted. */
const COUNTED = 200
const ADDRESS_HEADER = 'X-Caller-Address'
/** After that no network is free of its limit. */
const EXHAUSTING = 2000

interface Cost {
  readonly cpu: number
  readonly d1: number
  readonly objects: number
  readonly answers: string
}

/** Measures and prints a line for each kind of request. */
export async function floodLimits(google: Google, seconds: number): Promise<void> {
  const settings = { ADDRESS_HEADER }
  const world = await startWorld(google, BITS, 1, { settings })
  const counting = await startWorld(google, BITS, 1, { settings, script: 'bench/start-counting.ts' })
  const kinds = async (of: World) => {
    const [phone] = of.phones as [Phone]
    const pushed = google.next(phone.serial)
    await trigger(of.client, phone, { token: of.token })
    const rung = { serial: phone.serial, nonce: await pushed }
    return [...hostileRequests(of.service.url, rung), ...hostileNames].filter(([name]) => !name.startsWith('a body'))
  }
  const [measured, counted] = [await kinds(world), await kinds(counting)]

  console.log(`\nfloods of one network, before its limit and after: ${IN_FLIGHT} in flight, ${seconds} s each`)
  console.log('         before                  after')
  console.log(' CPU ms    D1 objects   CPU ms    D1 objects   CPU of before  request: answers before; after')
  for (const [index, [name, send]] of measured.entries()) {
    const [, sendCounted] = counted[index] ?? measured[0] ?? [name, send]
    const cost = async (address?: string): Promise<Cost> => ({
      ...(await timed(world, address, send, seconds)),
      ...(await countedCost(counting, address, sendCounted)),
    })
    const before = await cost()
    const address = `203.0.113.${index + 1}`
    const after = await cost(address)
    const columns = ({ cpu, d1, objects }: Cost) => [
      cpu.toFixed(2).padStart(7),
      d1.toFixed(2).padStart(5),
      objects.toFixed(2).padStart(7),
    ]
    const share = `${((after.cpu / before.cpu) * 100).toFixed(0)} %`
    console.log(
      [...columns(before), ...columns(after), share.padStart(13), ` ${name}: ${before.answers}; ${after.answers}`].join(
        ' ',
      ),
    )
  }
  await world.close()
  await counting.close()
}

/** A client that a proxy names this address for; without one nobody is named, and nothing is limited. */
const clientOf = ({ service }: World, address: string | undefined): Client =>
  new Client(service.url, IN_FLIGHT, address === undefined ? {} : { [ADDRESS_HEADER]: address })

/** Sends requests of this network until it is limited. */
async function exhaust(client: Client, send: SendRequest): Promise<void> {
  for (let sent = 0; sent < EXHAUSTING; sent += IN_FLIGHT) {
    const results = await Promise.all(Array.from({ length: IN_FLIGHT }, () => send(client)))
    if (results.some(({ status }) => status === '429')) return
  }
}

async function timed(world: World, address: string | undefined, send: SendRequest, seconds: number) {
  const client = clientOf(world, address)
  if (address !== undefined) await exhaust(client, send)
  const answers = new Map<string, number>()
  const cpu = world.service.cpu()
  const until = performance.now() + seconds * 1000
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const { status } = await send(client)
      answers.set(status, (answers.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  client.close()
  const count = [...answers.values()].reduce((sum, one) => sum + one, 0)
  return {
    cpu: ((world.service.cpu() - cpu) * 1000) / count,
    answers: [...answers].map(([status, times]) => `${status} (${times})`).join(', '),
  }
}

async function countedCost(world: World, address: string | undefined, send: SendRequest) {
  const client = clientOf(world, address)
  if (address !== undefined) await exhaust(client, send)
  const counts = async () =>
    (await client.call('counts', 'GET', '/bench/counts')).value as { d1: number; objects: number }
  const before = await counts()
  for (let sent = 0; sent < COUNTED; sent += IN_FLIGHT)
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => send(client)))
  const after = await counts()
  client.close()
  const share = (name: 'd1' | 'objects') => (after[name] - before[name]) / COUNTED
  return { d1: share('d1'), objects: share('objects') }
}
