import { expect, it } from 'vitest'
import { groupByShard } from '../../../src/rules/login/group-by-shard.ts'
import type { Region, TransactionId } from '../../../src/vocabulary.ts'

const address = (region: Region, number: number, id: string) => ({
  shard: { region, number },
  id: id as TransactionId,
})

it('asks each shard once, and leaves out ids that name no shard', () => {
  const addresses = [
    address('weur', 0, 'a'),
    address('weur', 1, 'b'),
    undefined,
    address('enam', 0, 'c'),
    address('weur', 0, 'd'),
  ]
  expect(groupByShard(addresses)).toEqual([
    { shard: { region: 'weur', number: 0 }, ids: ['a', 'd'] },
    { shard: { region: 'weur', number: 1 }, ids: ['b'] },
    { shard: { region: 'enam', number: 0 }, ids: ['c'] },
  ])
  expect(groupByShard([undefined])).toEqual([])
})
