/** What is billed besides logins by push: a sign-in by password, and an event that webhooks receive. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { ANOTHER_WEBHOOK, EVENT, SIGN_IN } from '../../bench/billed-units.ts'
import { addSeconds, REGIONS, seconds } from '../../src/vocabulary.ts'
import type { Service } from '../simulation/service.ts'
import { countCalls, countRows, countRowsOfD1, countTrips } from './counting.ts'
import { openService } from './http-world.ts'
import { eventually, FAR, ports } from './world.ts'

let service: Service
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  service = await openService()
  useShards(1)
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => {
  useShards(2)
  vi.useRealTimers()
})

const useShards = (count: number): void => void Object.assign(ports.limits, { shards: count })

const signIn = () => service.auth('admin', 'adminpw-of-tests')

/** Time goes on until the shards have handed over what they keep. Answers how many alarms went off. */
async function handOver(): Promise<number> {
  vi.setSystemTime(addSeconds(ports.now(), seconds(125)))
  let alarms = 0
  for (const region of REGIONS)
    for (const number of [0, 1]) {
      const stub = env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(`${region}/${number}`))
      const due = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm())
      if (due !== null && due <= ports.now() && (await runDurableObjectAlarm(stub))) alarms += 1
    }
  return alarms
}

it('a sign-in by password reads D1 twice, and writes what its price is worked out from', async () => {
  // Nothing is left of earlier ones, and the shards know the end of their chain.
  for (let before = 0; before < 2; before++) {
    const [trips, calls] = [countTrips(), countCalls()]
    await signIn()
    expect(trips.map(([sql = '']) => sql.slice(0, 6))).toEqual(['SELECT', 'SELECT'])
    await eventually(() => expect(calls).toContain('Transactions.recordAudit'))
    vi.restoreAllMocks()
    await handOver()
  }

  const [calls, d1, rows] = [countCalls({ ofCounters: true }), countRowsOfD1(), await countRows()]
  await signIn()
  await eventually(() => expect(calls).toEqual(['Counter.count', 'Counter.forget', 'Transactions.recordAudit']))
  const alarms = await handOver()
  expect([calls.length + alarms, rows.length]).toEqual([SIGN_IN.objectRequests, SIGN_IN.objectRowsWritten])
  expect(d1.written).toBe(SIGN_IN.d1RowsWritten)
})

it.each([1, 2])('an event that %s webhooks receive writes what its price is worked out from', async (count) => {
  const before = countCalls()
  await signIn()
  // What is counted below is not of the sign-in.
  await eventually(() => expect(before).toContain('Transactions.recordAudit'))
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 202 }))
  const names = Array.from({ length: count }, (_, index) => `billed-${count}-${index}`)
  for (const name of names)
    await service.call('POST', '/webhook', { form: { name, url: `https://${name}.example.com/` } })
  const [calls, rows] = [countCalls(), await countRows()]
  await ports.events.report({ type: 'key_rotated', id: names.join(), at: ports.now(), key: 'signing', keyId: 'k' })
  const received = () => rows.filter((row) => row.startsWith('sql INSERT INTO event_receivers')).length
  await eventually(() => expect(received()).toBe(count))
  expect(calls).toEqual(['Journal.reportEvent'])
  // The journal's alarm, and later the deletion of the event's id.
  const later = 2
  expect(rows.filter((row) => row.startsWith('sql')).length + later).toBe(
    EVENT.objectRowsWritten + (count - 1) * ANOTHER_WEBHOOK.objectRowsWritten,
  )
  for (const name of names) await service.call('DELETE', `/webhook/${name}`)
})
