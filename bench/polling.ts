/** Measures logins while other phones poll, as phones do that no push reaches. */
import { sleep } from './latency-during.ts'
import { poll } from './fleet.ts'
import { type Load, runLogins } from './load.ts'
import { startWorld } from './world.ts'

const BITS = 3072
const IN_FLIGHT = 16
/** How often the app polls. */
const EVERY_MS = 3000

/** Measures and prints the same load without polling phones, then with them. */
export async function polling({ google, seconds }: Load, count: number): Promise<void> {
  const { client, token, phones, close } = await startWorld(google, BITS, count + IN_FLIGHT)
  const fleet = phones.slice(0, IN_FLIGHT)
  await runLogins(client, google, fleet, { token }, 1)
  const alone = await runLogins(client, google, fleet, { token }, seconds)
  client.forget()

  const stop = new AbortController()
  const pollers = phones.slice(IN_FLIGHT).map(async (phone, index) => {
    await sleep((index / count) * EVERY_MS)
    while (!stop.signal.aborted) {
      const started = performance.now()
      await poll(client, phone)
      await sleep(EVERY_MS - (performance.now() - started))
    }
  })
  await sleep(EVERY_MS)
  client.forget()
  const beside = await runLogins(client, google, fleet, { token }, seconds)
  stop.abort()
  await Promise.all(pollers)
  console.log(
    `\n${count} phones poll every ${EVERY_MS / 1000} s: ${beside.perSecond.toFixed(1)} logins/s beside them, ${alone.perSecond.toFixed(1)} without (${BITS} bits, ${IN_FLIGHT} in flight); a phone poll takes ${client.p50AndP99('phone poll')} ms (p50/p99)`,
  )
  await close()
}
