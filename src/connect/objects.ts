import { COUNTER_VERBS, PHONE_VERBS, objectCalls, TRANSACTIONS_VERBS } from '../delivery/reaching.ts'
import type { CounterObject, TransactionsObject } from '../ports/objects.ts'
import type { PhoneObject } from '../ports/phone-object.ts'
import type { Identifiers, Ports } from '../ports/ports.ts'
import type { Serial, Shard } from '../vocabulary.ts'
import { REGIONS } from '../vocabulary.ts'

/** The Durable Objects: a phone by its token's serial, a shard in its region by its number, a counter by its name. `mayBe`:
 *  whether there may be a token of this serial. */
export function connectObjects(
  env: Env,
  world: Pick<Ports, 'now' | 'log'>,
  mayBe: (serial: Serial) => Promise<boolean>,
  identifiers: Pick<Identifiers, 'shardOf'>,
  perRegion: number,
): Pick<Ports, 'phones' | 'transactions' | 'counters'> {
  const shards = REGIONS.flatMap((region) => Array.from({ length: perRegion }, (_, number) => ({ region, number })))
  const phoneOf = (serial: Serial): PhoneObject =>
    objectCalls('Phone', (): PhoneObject => env.PHONE.get(env.PHONE.idFromName(serial)), PHONE_VERBS, world)
  const counterOf = (name: string): CounterObject =>
    objectCalls('Counter', (): CounterObject => env.COUNTER.get(env.COUNTER.idFromName(name)), COUNTER_VERBS, world)
  const shardNamed = ({ region, number }: Shard): TransactionsObject => {
    const id = env.TRANSACTIONS.idFromName(`${region}/${number}`)
    const stub = (): TransactionsObject => env.TRANSACTIONS.get(id, { locationHint: region })
    return objectCalls('Transactions', stub, TRANSACTIONS_VERBS, world)
  }
  return {
    phones: { of: phoneOf, find: async (serial) => ((await mayBe(serial)) ? phoneOf(serial) : undefined) },
    counters: { of: counterOf },
    transactions: {
      of: async (id) => {
        const shard = await identifiers.shardOf(id)
        return shard === undefined ? undefined : shardNamed(shard)
      },
      inShard: shardNamed,
      shards: () => shards,
      all: () => shards.map(shardNamed),
    },
  }
}
