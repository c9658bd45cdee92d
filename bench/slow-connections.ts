/** Measures slow connections: what each costs, and whether other callers notice them. */
import { latencyDuring, sleep } from './latency-during.ts'
import type { Client } from './client.ts'
import { sendSlowly, readNothing } from './connections.ts'
import { trigger } from './fleet.ts'
import type { Google } from './google.ts'
import { startWorld } from './world.ts'

const BITS = 2048
const CONNECTIONS = 200
/** How many may wait for one login. */
const LISTENERS = 8
/** How many logins they wait for. */
const POLLED_LOGINS = CONNECTIONS / LISTENERS
const SETTLED_MS = 2000
const OPEN_MS = 10_000
/** Longer than Nod waits for a body. */
const SLOW_BODY_MS = 32_000
/** The largest answer of all, requested so often that no buffer on the way can take the answers. */
const LARGEST = '/openapi.json'
const REPETITIONS = 40
const WARM_UP_READS = 3000

/** Measures and prints a line for each kind of connection. */
export async function slowConnections(google: Google): Promise<void> {
  const { client, service, token, phones, close } = await startWorld(google, BITS, POLLED_LOGINS + 1)
  const { url } = service
  const listened = await Promise.all(phones.map((phone) => trigger(client, phone, { token })))
  const watched = listened.pop() ?? ''
  await readOften(client)
  await sleep(SETTLED_MS)
  const without = await latencyDuring(client, watched, () => sleep(OPEN_MS))
  console.log(`\n${CONNECTIONS} connections; a status poll without them takes ${without} ms (p50/p99)`)
  console.log('KB each  CPU ms each  p50/p99 ms beside  answered or closed  connections that')
  const kinds = [
    ['send a byte a second', SLOW_BODY_MS, () => sendSlowly(url, '/validate/check')],
    [
      'never read the events of a login',
      OPEN_MS,
      (number: number) => readNothing(url, `/transaction/${listened[number % POLLED_LOGINS]}/events`),
    ],
    ['never read their answers', OPEN_MS, () => readNothing(url, LARGEST, REPETITIONS)],
  ] as const
  for (const [name, milliseconds, open] of kinds) {
    const [memory, cpu] = [service.memory(), service.cpu()]
    const callers = await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => open(number)))
    await sleep(SETTLED_MS)
    const each = (service.memory() - memory) / CONNECTIONS / 1024
    const latency = await latencyDuring(client, watched, () => sleep(milliseconds - SETTLED_MS))
    const spent = ((service.cpu() - cpu) * 1000) / CONNECTIONS
    const over = callers.filter(({ isOver }) => isOver()).length
    console.log(
      `${each.toFixed(0).padStart(7)}  ${spent.toFixed(1).padStart(11)}  ${latency.padStart(17)}  ${String(over).padStart(18)}  ${name}`,
    )
    for (const { end } of callers) end()
    await sleep(SETTLED_MS)
  }
  await close()
}

/** Reads the largest answer often, so that its garbage is there before memory is measured. */
async function readOften(client: Client): Promise<void> {
  for (let count = 0; count < WARM_UP_READS; count += 16)
    await Promise.all(Array.from({ length: 16 }, () => client.call('read', 'GET', LARGEST)))
}
