import type { Identifiers } from '../ports/ports.ts'
import {
  generateTransactionId,
  type IdentifierKeys,
  locateTransaction,
  nonceFor,
  repeatDigest,
  transactionIdOfNonce,
} from '../protocol/encoding/identifiers.ts'
import type { Random } from '../vocabulary.ts'

/** Makes identifiers with the current keys, which are the first, and reads those of the current keys and of the ones before. */
export function identifiers(keys: readonly [IdentifierKeys, ...IdentifierKeys[]], random: Random): Identifiers {
  const [current] = keys
  return {
    draw: (shard, seed) =>
      generateTransactionId(current, shard, seed === undefined ? random : (count) => seed.slice(0, count)),
    digest: (text) => repeatDigest(current, text),
    locate: (id) => locateTransaction(keys, id),
    nonceFor: (id, commitment) => nonceFor(current, id, commitment),
    transactionOf: async (nonce) => {
      const id = await transactionIdOfNonce(keys, nonce)
      return id && locateTransaction(keys, id)
    },
  }
}
