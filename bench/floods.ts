/** Measures what hostile load costs, compared with a health check, and whether other callers notice it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { latencyDuring } from './latency-during.ts'
import { floodLimits } from './flood-limits.ts'
import { type Phone, trigger } from './fleet.ts'
import { slowConnections } from './slow-connections.ts'
import type { Load } from './load.ts'
import { get, hostileRequests, type SendRequest } from './hostile-requests.ts'
import { startWorld, type World } from './world.ts'

const BITS = 2048
const IN_FLIGHT = 16
const MEGABYTE = 1_000_000
/** How long logins stay open, in seconds: longer than all measurements here take. */
const OPEN = '600'
const HEALTH = ['GET /healthz', get(() => '/healthz')] as const

/** Measures and prints a line for each kind of request, then slow connections. */
export async function floods({ google, seconds }: Load): Promise<void> {
  const world = await startWorld(google, BITS, 2)
  const { client, service, token, phones } = world
  const settings = { PushChallengeValidityTime: OPEN }
  await client.call('setConfig', 'POST', '/system/setConfig', settings, { Authorization: token })
  const [bystander, rung] = phones as [Phone, Phone]
  const pushed = google.next(rung.serial)
  await trigger(client, rung, { token })
  const attacked = { serial: rung.serial, nonce: await pushed }
  const watched = await trigger(client, bystander, { token })

  console.log(`\nfloods: ${IN_FLIGHT} in flight, ${seconds} s each; meanwhile a login is polled`)
  console.log('CPU ms  of healthz  requests/s  KB sent  MB grown  objects made  p50/p99 ms beside  request: answers')
  let least: number | undefined
  for (const [name, send] of [HEALTH, ...hostileRequests(service.url, attacked)]) {
    const { cpu, columns, answers } = await flood(world, watched, send, seconds)
    least ??= cpu
    console.log(
      [cpu.toFixed(2).padStart(6), (cpu / least).toFixed(1).padStart(10), ...columns, `${name}: ${answers}`].join('  '),
    )
  }
  await world.close()
  await slowConnections(google)
  await floodLimits(google, seconds)
}

async function flood({ client, service }: World, watched: string, send: SendRequest, seconds: number) {
  const answers = new Map<string, number>()
  const [memory, cpu, objects] = [service.memory(), service.cpu(), phonesOnDisk(service.state)]
  let sent = 0
  const started = performance.now()
  const caller = async (): Promise<void> => {
    while (performance.now() < started + seconds * 1000) {
      const result = await send(client)
      answers.set(result.status, (answers.get(result.status) ?? 0) + 1)
      sent += result.sent
    }
  }
  const latency = await latencyDuring(client, watched, () => Promise.all(Array.from({ length: IN_FLIGHT }, caller)))
  const took = (performance.now() - started) / 1000
  const count = [...answers.values()].reduce((sum, one) => sum + one, 0)
  return {
    cpu: ((service.cpu() - cpu) * 1000) / count,
    columns: [
      (count / took).toFixed(0).padStart(10),
      (sent / count / 1024).toFixed(0).padStart(7),
      ((service.memory() - memory) / MEGABYTE).toFixed(0).padStart(8),
      String(phonesOnDisk(service.state) - objects).padStart(12),
      latency.padStart(17),
    ],
    answers: [...answers].map(([status, times]) => `${status} (${times})`).join(', '),
  }
}

/** The number of phone objects that have a database. */
const phonesOnDisk = (state: string): number =>
  readdirSync(join(state, 'v3/do/nod-Phone')).filter((name) => name.endsWith('.sqlite')).length
