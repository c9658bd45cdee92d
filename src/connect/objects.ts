import { COUNTER_VERBS } from '../ports/counter-object.ts'
import { JOURNAL_VERBS, type JournalObject } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { TRANSACTIONS_VERBS, type TransactionsObject } from '../ports/transactions-object.ts'
import type { KnownSerials } from '../storage/known-serials.ts'
import { type Region, type Shard, shardName } from '../vocabulary.ts'
import { phoneObjectName } from '../vocabulary/phones.ts'
import type { Namespaces } from './namespaces.ts'
import { objectCalls } from './object-calls.ts'
import { phoneCalls } from './phone-calls.ts'

/** Connects the one object that keeps the journal. */
export const connectJournal = ({ JOURNAL }: Namespaces, world: Pick<Ports, 'now' | 'log'>): JournalObject =>
  objectCalls('Journal', () => JOURNAL.get(JOURNAL.idFromName('journal')), JOURNAL_VERBS, world)

/** Connects the Durable Objects: a phone by its token's serial, a shard by its region and number, a counter by its name. */
export function connectObjects(
  { TRANSACTIONS, PHONE, COUNTER }: Namespaces,
  world: Pick<Ports, 'now' | 'log'>,
  { isRegistered, isKnown, findSigner, objectNumber }: KnownSerials,
  { regions, shardsPerRegion }: { readonly regions: readonly Region[]; readonly shardsPerRegion: number },
): Pick<Ports, 'phones' | 'transactions' | 'counters'> {
  const shards = regions.flatMap((region) =>
    Array.from({ length: shardsPerRegion }, (_, number) => ({ region, number })),
  )
  const phones = phoneCalls(
    (name, near) =>
      PHONE.get(PHONE.idFromName(phoneObjectName(name)), near === undefined ? {} : { locationHint: near }),
    world,
  )
  const counterOf = (name: string) =>
    objectCalls('Counter', () => COUNTER.get(COUNTER.idFromName(name)), COUNTER_VERBS, world)
  const inShard = (shard: Shard): TransactionsObject => {
    const id = TRANSACTIONS.idFromName(shardName(shard))
    const stub = () => TRANSACTIONS.get(id, { locationHint: shard.region })
    return objectCalls('Transactions', stub, TRANSACTIONS_VERBS, world)
  }
  return {
    phones: {
      ...phones,
      find: async (serial, near) =>
        (await isRegistered(serial)) ? phones.of(serial, near, objectNumber(serial)) : undefined,
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
