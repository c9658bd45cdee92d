/** Measures logins that are waited for: how soon a waiting request is answered, its memory, and the effect on other callers. */
import { openFiles } from '../scripts/lib/open-files.mjs'
import { openBlockedLogins, acceptBlockedLogins } from './push-wait.ts'
import { sleep } from './latency-during.ts'
import { Client } from './client.ts'
import { accept, type Phone, trigger } from './fleet.ts'
import type { Google } from './google.ts'
import type { Load } from './load.ts'
import { SERVICE_CORE, startService } from './service.ts'
import { p50AndP99 } from './percentiles.ts'
import { startWorld } from './world.ts'

const BITS = 2048
/** The ring budget: a phone rings so often within ten minutes. */
const LOGINS_OF_A_PHONE = 10
const AT_ONCE = 64
const OTHERS = 500
const WOKEN = 500
/** How many more wait in the call that opened their login. */
const BLOCKED = 300
/** Open files of workerd: two for each connection, six for each active object. */
const FILES_A_CONNECTION = 2
const OTHER_FILES = 4000
/** After this time without a call an object leaves memory and closes its files. */
const IDLE_MS = 12_000

interface OpenLogin {
  readonly phone: Phone
  readonly id: string
  readonly nonce: string
}

/** Measures and prints for so many logins at once, half of them waited for by `?wait=`, half by server-sent events; then for
 *  some more that wait in `/validate/check`. */
export async function waiting({ google }: Load, most: number): Promise<void> {
  const files = openFiles() ?? Number.POSITIVE_INFINITY
  const count = Math.min(most, Math.floor((files - OTHER_FILES) / FILES_A_CONNECTION))
  if (count < most)
    console.log(
      `\n${most} need ${most * FILES_A_CONNECTION + OTHER_FILES} open files, and a process may have ${files} here:`,
    )
  const some = Math.min(BLOCKED, count)
  const { service, client, token, phones, close } = await startWorld(
    google,
    BITS,
    Math.ceil(count / LOGINS_OF_A_PHONE) + some + 1,
    { sockets: count + some + 100, settings: { SHARD_WAITERS: '8000' } },
  )
  await client.call('setConfig', 'POST', '/system/setConfig', { PushChallengeValidityTime: '600' }, authorized(token))
  // Ten logins of a phone are open at a time, and none succeeds before all are.
  const unlimited = { scope: 'authentication', action: 'push_firewall=off' }
  await client.call('setPolicy', 'POST', '/policy/bench-firewall', unlimited, authorized(token))
  const [bystander, ...others] = phones
  const [blocked, waited] = [others.slice(0, some), others.slice(some)]
  if (bystander === undefined) throw new Error('no phone')
  const open = await openAll(client, google, token, waited, count)
  const other = await trigger(client, bystander, { token })
  const alone = await pollLatency(client, other)
  await sleep(IDLE_MS)
  // These first, so that there is room for them: the others may be more than may wait.
  const blockedLogins = await openBlockedLogins(client, google, token, blocked)
  await sleep(IDLE_MS)
  const before = service.memory()

  const heard = new Map<string, number>()
  let turnedAway = 0
  const listen = async ({ id }: OpenLogin, index: number): Promise<void> => {
    const note = (): unknown => heard.set(id, performance.now())
    if (index % 2 === 0) await client.listen(`/transaction/${id}/events`, (status) => status === 'accept' && note())
    else if (await waitUntilAccepted(client, id)) note()
    if (!heard.has(id)) turnedAway += 1
  }
  const listeners = await startWaiters(open, listen)
  const each = (service.memory() - before) / count
  const beside = await pollLatency(client, other)
  if (turnedAway > 0) console.log(`\n${turnedAway} of ${count} are refused: no room to wait`)

  const late = { sse: [] as number[], wait: [] as number[] }
  for (const [index, login] of open.slice(0, WOKEN).entries()) {
    await accept(client, login.phone, login.nonce)
    const answered = performance.now()
    while (!heard.has(login.id)) await sleep(0)
    late[index % 2 === 0 ? 'sse' : 'wait'].push(Math.max(0, (heard.get(login.id) ?? 0) - answered))
  }
  console.log(
    `\n${count} logins waited for: ${(each / 1024).toFixed(0)} KB each; a waiting request is answered ${p50AndP99(late.wait)} ms after the phone's answer by ?wait=, ${p50AndP99(late.sse)} ms by events (p50/p99); another request takes ${beside} ms meanwhile, ${alone} ms without (p50/p99)`,
  )
  await acceptBlockedLogins(client, blockedLogins)
  for (const listener of listeners) listener.catch(() => undefined)
  await close()
  console.log(
    `Without Nod, each of ${count} requests that wait for an object takes ${((await withoutNod(google, count)) / 1024).toFixed(0)} KB`,
  )
}

/** Starts a waiting request for each and returns when all are connected. */
async function startWaiters<Item, T>(
  items: readonly Item[],
  wait: (item: Item, index: number) => Promise<T>,
): Promise<readonly Promise<T>[]> {
  const waiters: Promise<T>[] = []
  for (const [index, item] of items.entries()) {
    waiters.push(wait(item, index))
    // A connection takes one more open file while it is being opened.
    if (index % AT_ONCE === 0) await sleep(20)
  }
  await sleep(3000)
  return waiters
}

/** Bytes of memory for each request that waits in the same ways for nothing but a promise in an object: the runtime's share. */
async function withoutNod(google: Google, count: number): Promise<number> {
  const service = await startService(BITS, google.url, SERVICE_CORE, { script: 'bench/start-skeleton.ts' })
  const client = new Client(service.url, count + 100)
  for (let number = 0; number < OTHERS; number += 1) await client.call('trigger', 'POST', '/trigger', { user: 'warm' })
  const before = service.memory()
  const ids = Array.from({ length: count }, (_, id) => id)
  const waiters = await startWaiters(ids, async (id) => {
    if (id % 2 === 0) await client.listen(`/events?id=${id}`, () => undefined)
    else await client.call('wait', 'GET', `/wait?id=${id}`)
  })
  const each = (service.memory() - before) / count
  for (const waiter of waiters) waiter.catch(() => undefined)
  client.close()
  await service.stop()
  return each
}

const authorized = (token: string) => ({ Authorization: token })

async function openAll(
  client: Client,
  google: Google,
  token: string,
  phones: readonly Phone[],
  count: number,
): Promise<readonly OpenLogin[]> {
  const open: OpenLogin[] = []
  const left = [...phones]
  const opener = async (): Promise<void> => {
    for (let phone = left.pop(); phone !== undefined; phone = left.pop())
      // One login of a phone after the other: the stand-in for Google tells pushes apart by phone.
      for (let number = 0; number < LOGINS_OF_A_PHONE && open.length < count; number += 1) {
        const pushed = google.next(phone.serial)
        const id = await trigger(client, phone, { token })
        open.push({ phone, id, nonce: await pushed })
      }
  }
  // Opening a login takes a dozen open files of workerd.
  await Promise.all(Array.from({ length: AT_ONCE }, opener))
  return open.slice(0, count)
}

/** Polls with `?wait=` until the login is accepted. False if there is no room to wait. */
async function waitUntilAccepted(client: Client, id: string): Promise<boolean> {
  for (;;) {
    const { status, value } = await client.call('wait', 'GET', `/validate/polltransaction/${id}?wait=30`)
    if (status !== 200 || value === true) return status === 200
  }
}

/** Returns the p50/p99 of a transaction poll, in milliseconds. */
async function pollLatency(client: Client, id: string): Promise<string> {
  client.forget()
  for (let count = 0; count < OTHERS; count += 1) await client.call('other', 'GET', `/validate/polltransaction/${id}`)
  return client.p50AndP99('other')
}
