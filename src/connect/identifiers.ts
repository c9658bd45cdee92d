import type { Identifiers } from '../ports/ports.ts'
import type { IdentifierKeys } from '../protocol/encoding/identifiers.ts'
import { digestOf, drawTransactionId, nonceFor, shardOf, transactionOf } from '../protocol/encoding/identifiers.ts'
import type { Random } from '../vocabulary.ts'

/** Identifiers: made with the current keys, the first, and read with them or those before. */
export function identifiers(keys: readonly [IdentifierKeys, ...IdentifierKeys[]], random: Random): Identifiers {
  const [current] = keys
  return {
    draw: (shard, seed) =>
      drawTransactionId(current, shard, seed === undefined ? random : (count) => seed.slice(0, count)),
    digest: (text) => digestOf(current, text),
    shardOf: (id) => shardOf(keys, id),
    nonceFor: (id, commitment) => nonceFor(current, id, commitment),
    transactionOf: (nonce) => transactionOf(keys, nonce),
  }
}
