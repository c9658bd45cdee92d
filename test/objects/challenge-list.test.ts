import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Serial } from '../../src/vocabulary.ts'
import { drawLogin, enroll, FAR, shard, valueOf } from './world.ts'

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
  // As many as a list looks at, and one more.
  for (let count = 0; count < 501; count += 1) valueOf(await shard(AT).open((await drawLogin(AT, [mine])).opening))
  expect(valueOf(await shard(AT).listChallenges({ ids: [first.id] }))).toHaveLength(1)
  valueOf(await shard(AT).discardExpired())
  expect(valueOf(await shard(AT).listChallenges({ ids: [first.id] }))).toEqual([])
  expect(valueOf(await shard(AT).listChallenges({}))).toHaveLength(500)
})
