/** Measures a login without Nod (see `start-skeleton.ts`) against the floor: how near to it any implementation can come
 *  here. */
import { Client } from './client.ts'
import type { Load } from './load.ts'
import { floorOf } from './logins.ts'
import { SERVICE_CORE, startService } from './service.ts'

/** Measures and prints for signing keys of so many bits. */
export async function skeleton({ google, inFlight, seconds }: Load, bits: number): Promise<void> {
  const floor = floorOf(bits, 'token')
  const service = await startService(bits, google.url, SERVICE_CORE, { script: 'bench/start-skeleton.ts' })
  const client = new Client(service.url)
  for (const count of inFlight) {
    await logIn(client, count, 1)
    const [before, started] = [service.cpu(), performance.now()]
    const done = await logIn(client, count, seconds)
    const cpu = ((service.cpu() - before) * 1000) / done
    const perSecond = (done * 1000) / (performance.now() - started)
    console.log(
      `${bits}  a login without Nod, ${count} in flight: ${perSecond.toFixed(1)} a second = ${(perSecond / floor.perSecond).toFixed(2)} of the floor; ${cpu.toFixed(2)} CPU s/1000 = ${(floor.cpu / cpu).toFixed(2)} by CPU`,
    )
  }
  client.close()
  await service.stop()
}

/** Logs each user in again and again for so many seconds, and returns the number of logins. */
async function logIn(client: Client, inFlight: number, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let done = 0
  const user = async (name: string): Promise<void> => {
    for (; performance.now() < until; done += 1) {
      const { value } = await client.call('trigger', 'POST', '/trigger', { user: name })
      const id = String(value)
      await client.call('answer', 'POST', '/answer', { id })
      await client.call('status', 'GET', `/standing?id=${id}`)
      await client.call('finalize', 'POST', '/finalize', { id, user: name })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, index) => user(`user${index}`)))
  return done
}
