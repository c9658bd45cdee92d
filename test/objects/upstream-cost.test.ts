/** What an upstream costs a user who has moved: nothing of D1, no object call. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import worker from '../../src/index.ts'
import { inProcess } from '../driver/in-process.ts'
import { only } from '../driver/waiting.ts'
import { Service } from '../simulation/service.ts'
import { countCalls, countTrips } from './counting.ts'
import { equip, type Holder, openService } from './http-world.ts'
import { ports } from './world.ts'

const moving = { ...env, UPSTREAM_URL: 'http://upstream.test' } as Env
/** A service of a Nod that users move to, on the same database and objects. */
const there = new Service({
  baseUrl: inProcess.url,
  fetch: async (request) => worker.fetch(request, moving, createExecutionContext()),
})

const asked: string[] = []
/** It knows no token of the user's. */
const answerAsUpstream = () =>
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    asked.push(String(url))
    const detail = { message: 'The user has no tokens assigned' }
    return Response.json({ result: { status: true, value: false }, detail })
  })

let here: Service
let ada: Holder

beforeAll(async () => {
  answerAsUpstream()
  here = await openService()
  ada = await equip('ada', 'polled', { pin: '1234' })
  await there.auth('admin', 'adminpw-of-tests')
  const form = { share: '100' }
  expect(await there.call('POST', '/deployment/upstream/realms/polled', { form })).toMatchObject({ status: 200 })
  // Both isolates know the settings. A shard introduces itself to the journal at its first login.
  await logIn(there)
  for (const used = new Set<number>(); used.size < ports.limits.shards;) {
    const located = await ports.identifiers.locate(await logIn(here))
    used.add(located?.shard.number ?? 0)
  }
})
afterEach(() => vi.restoreAllMocks())
// Other files share the database.
afterAll(() => here.call('DELETE', '/system/upstream_cut_over:polled'))

async function logIn(service: Service): Promise<string> {
  const { transactionId } = await service.triggerWithPin(ada.who, '1234')
  await ada.phone.accept(only(await ada.phone.poll(ada.serial)))
  expect(await service.status(transactionId)).toBe('accept')
  expect(await service.finalize(transactionId)).toBe('ACCEPT')
  return transactionId
}

/** What an object does afterwards, in the background, belongs to no request. */
const ofLogins = (calls: readonly string[]): readonly string[] =>
  calls.filter((one) => !one.startsWith('Journal.') && one !== 'Transactions.recordAudit').toSorted()

it('a moved user’s login takes as many round trips to D1 and object calls as without an upstream', async () => {
  asked.length = 0
  const counts: unknown[] = []
  for (const service of [here, there]) {
    vi.restoreAllMocks()
    answerAsUpstream()
    const [trips, calls] = [countTrips(), countCalls()]
    const { transactionId } = await service.triggerWithPin(ada.who, '1234')
    counts.push({ opened: [trips.length, ofLogins(calls)] })
    await ada.phone.accept(only(await ada.phone.poll(ada.serial)))
    const before = { trips: trips.length, calls: calls.length }
    expect(await service.status(transactionId)).toBe('accept')
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
    counts.push({ finished: [trips.length - before.trips, ofLogins(calls.slice(before.calls))] })
  }
  expect(counts.slice(2)).toEqual(counts.slice(0, 2))
  expect(asked).toEqual(['http://upstream.test/validate/check'])
})
