/** One shard and a user with two phones: what is done to their logins, said shortly. */
import { evictDurableObject } from 'cloudflare:test'
import { seconds, type Serial, type TransactionId } from '../../src/vocabulary.ts'
import { type drawLogin, enroll, finalizing, openLogin, shard, shardStub, valueOf, verdict } from './world.ts'

type More = [Parameters<typeof drawLogin>[2]?, Parameters<typeof drawLogin>[3]?]

/** The phones are serials that begin so; `at` is the shard, which no other file uses. */
export function twoPhones(at: number, begin: string) {
  const A = `${begin}A` as Serial
  const B = `${begin}B` as Serial
  const both = [
    { serial: A, key: 0 },
    { serial: B, key: 1 },
  ]
  return {
    A,
    B,
    both,
    enrollBoth: () => Promise.all(both.map(({ serial, key }) => enroll(serial, { key }))),
    stands: async (id: TransactionId) => valueOf(await shard(at).status({ id, wait: seconds(0) })),
    evict: () => evictDurableObject(shardStub(at)),
    open: (...more: More) => openLogin(at, both, ...more),
    finalize: async (id: TransactionId, more: object = {}) =>
      verdict(await shard(at).finalize({ ...finalizing(id), ...more })),
  }
}
