import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Serial } from '../../src/vocabulary.ts'
import { drawLogin, enroll, FAR, shard, shardStub, valueOf } from './world.ts'

const AT = 47
const mine = { serial: 'PIPULISTING1' as Serial, key: 0 }

beforeAll(() => enroll(mine.serial, { key: mine.key }))
afterEach(() => {
  vi.useRealTimers()
})

it('shows nothing that had expired when the list was cleared, however many logins are newer', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  const first = await drawLogin(AT, [mine])
  valueOf(await shard(AT).open(first.opening))
  vi.setSystemTime(FAR + 121_000)
  const second = await drawLogin(AT, [mine])
  valueOf(await shard(AT).open(second.opening))
  // With the second, as many as a list looks at, and one more.
  await runInDurableObject(shardStub(AT), (_, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 500)
       INSERT INTO opened (id, due, body)
       SELECT 'newer' || n, due, json_set(body, '$.transaction.id', 'newer' || n) FROM counted, opened WHERE id = ?`,
      second.id,
    )
  })
  await evictDurableObject(shardStub(AT))
  expect(valueOf(await shard(AT).listChallenges({ ids: [first.id] }))).toHaveLength(1)
  valueOf(await shard(AT).discardExpired())
  expect(valueOf(await shard(AT).listChallenges({ ids: [first.id] }))).toEqual([])
  expect(valueOf(await shard(AT).listChallenges({}))).toHaveLength(500)
})
