import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { Transactions } from '../../src/index.ts'
import { eventually, shardStub } from '../objects/world.ts'
import { MINUTE, pass, SECOND, service, stopTime } from './world.ts'

stopTime()

async function add(login: string): Promise<void> {
  const form = { login, password: `password of ${login}`, role: 'admin' }
  expect(await service.call('POST', '/administrator', { form })).toMatchObject({ status: 200 })
}
const signIn = (username: string, password: string) => service.call('POST', '/auth', { form: { username, password } })
const guess = async (login: string, count: number): Promise<readonly number[]> => {
  const replies = await Promise.all(Array.from({ length: count }, (_, index) => signIn(login, `guess ${index}`)))
  return replies.map(({ headers }) => Number(headers.get('retry-after') ?? '0'))
}

it('guessing a password makes the login wait a minute, then longer each time, at most a quarter of an hour', async () => {
  await add('olive')
  for (const wait of [60, 120, 240, 480, 900, 900]) {
    expect((await guess('olive', 100)).toSorted((one, other) => one - other)).toEqual([
      ...Array<number>(5).fill(0),
      ...Array<number>(95).fill(wait),
    ])
    pass((wait - 1) * SECOND)
    // A try meanwhile makes it no longer, and the right password waits as well.
    expect(Number((await signIn('olive', 'password of olive')).headers.get('retry-after'))).toBe(1)
    pass(SECOND)
  }
  expect(await signIn('olive', 'password of olive')).toMatchObject({ status: 200 })
})

it('of a flood of wrong passwords those that are compared are listed, the others as strangers’, and none is lost', async () => {
  await add('petra')
  pass(MINUTE)
  for (const shard of [0, 1].map(shardStub)) {
    await runInDurableObject(shard, (_, { storage }) => {
      storage.kv.put('strangers', { tokens: 20, at: Date.now(), counted: {} })
    })
    await evictDurableObject(shard)
  }
  const told = vi.spyOn(Transactions.prototype, 'recordAudit')
  await guess('petra', 200)
  // Records come after the response; all of them within this second.
  const ofPetra = () => told.mock.calls.filter((call) => JSON.stringify(call).includes('petra'))
  await eventually(() => expect(ofPetra()).toHaveLength(200))
  vi.restoreAllMocks()
  const rows = async () => {
    const { results } = await env.DB.prepare("SELECT count FROM audit WHERE login = 'petra'").all<{ count: number }>()
    return results
  }
  await eventually(async () => {
    pass(15 * MINUTE)
    for (const number of [0, 1]) await runDurableObjectAlarm(shardStub(number))
    const all = (await rows()).reduce((sum, { count }) => sum + (count ?? 1), 0)
    expect(all).toBe(200)
  })
  // Five that were compared; of those that had to wait, what two shards had left of their budgets, and a count of each.
  expect((await rows()).length).toBe(5 + 2 * 21)
})
