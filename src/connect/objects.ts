import { COUNTER_VERBS } from '../ports/counter-object.ts'
import { JOURNAL_VERBS, type JournalObject } from '../ports/journal-object.ts'
import { PHONE_VERBS } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { TRANSACTIONS_VERBS, type TransactionsObject } from '../ports/transactions-object.ts'
import type { KnownSerials } from '../storage/known-serials.ts'
import { REGIONS, type Serial, type Shard, shardName } from '../vocabulary.ts'
import { objectCalls } from './object-calls.ts'

/** Connects the one object that keeps the journal. */
export const connectJournal = (env: Env, world: Pick<Ports, 'now' | 'log'>): JournalObject =>
  objectCalls('Journal', () => env.JOURNAL.get(env.JOURNAL.idFromName('journal')), JOURNAL_VERBS, world)

/** Connects the Durable Objects: a phone by its token's serial, a shard by its region and number, a counter by its name. */
export function connectObjects(
  env: Env,
  world: Pick<Ports, 'now' | 'log'>,
  { exists, isKnown, findSigner }: KnownSerials,
  shardsPerRegion: number,
): Pick<Ports, 'phones' | 'transactions' | 'counters'> {
  const shards = REGIONS.flatMap((region) =>
    Array.from({ length: shardsPerRegion }, (_, number) => ({ region, number })),
  )
  const phoneOf = (serial: Serial) =>
    objectCalls('Phone', () => env.PHONE.get(env.PHONE.idFromName(serial)), PHONE_VERBS, world)
  const counterOf = (name: string) =>
    objectCalls('Counter', () => env.COUNTER.get(env.COUNTER.idFromName(name)), COUNTER_VERBS, world)
  const inShard = (shard: Shard): TransactionsObject => {
    const id = env.TRANSACTIONS.idFromName(shardName(shard))
    const stub = () => env.TRANSACTIONS.get(id, { locationHint: shard.region })
    return objectCalls('Transactions', stub, TRANSACTIONS_VERBS, world)
  }
  return {
    phones: {
      of: phoneOf,
      find: async (serial) => ((await exists(serial)) ? phoneOf(serial) : undefined),
      isKnown,
      findSigner,
    },
    counters: { of: counterOf },
    transactions: {
      of: ({ shard }) => inShard(shard),
      inShard,
      shards: () => shards,
      all: () => shards.map(inShard),
    },
  }
}
