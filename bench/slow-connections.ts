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
const LISTENED = CONNECTIONS / LISTENERS
const SETTLED_MS = 2000
const HELD_MS = 10_000
/** Longer than Nod waits for a body. */
const DRIBBLED_MS = 32_000
/** The largest answer of all, requested so often that no buffer on the way can take the answers. */
const LARGEST = '/openapi.json'
const OFTEN = 40
const READ = 3000

/** Measures and prints a line for each kind of connection. */
export async function slowConnections(google: Google): Promise<void> {
  const { client, service, token, phones, close } = await startWorld(google, BITS, LISTENED + 1)
  const { url } = service
  const listened = await Promise.all(phones.map((phone) => trigger(client, phone, { token })))
  const watched = listened.pop() ?? ''
  await readOften(client)
  await sleep(SETTLED_MS)
  const without = await latencyDuring(client, watched, () => sleep(HELD_MS))
  console.log(`\n${CONNECTIONS} connections; a status poll without them takes ${without} ms (p50/p99)`)
  console.log('KB each  CPU ms each  p50/p99 ms beside  answered or closed  connections that')
  const kinds = [
    ['send a byte a second', DRIBBLED_MS, () => sendSlowly(url, '/validate/check')],
    [
      'never read the events of a login',
      HELD_MS,
      (number: number) => readNothing(url, `/transaction/${listened[number % LISTENED]}/events`),
    ],
    ['never read what they asked for', HELD_MS, () => readNothing(url, LARGEST, OFTEN)],
  ] as const
  for (const [what, held, open] of kinds) {
    const [memory, cpu] = [service.memory(), service.cpu()]
    const callers = await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => open(number)))
    await sleep(SETTLED_MS)
    const each = (service.memory() - memory) / CONNECTIONS / 1024
    const felt = await latencyDuring(client, watched, () => sleep(held - SETTLED_MS))
    const spent = ((service.cpu() - cpu) * 1000) / CONNECTIONS
    const over = callers.filter(({ isOver }) => isOver()).length
    console.log(
      `${each.toFixed(0).padStart(7)}  ${spent.toFixed(1).padStart(11)}  ${felt.padStart(17)}  ${String(over).padStart(18)}  ${what}`,
    )
    for (const { end } of callers) end()
    await sleep(SETTLED_MS)
  }
  await close()
}

/** Reads the largest answer often, so that its garbage is there before memory is measured. */
async function readOften(client: Client): Promise<void> {
  for (let count = 0; count < READ; count += 16)
    await Promise.all(Array.from({ length: 16 }, () => client.call('read', 'GET', LARGEST)))
}
