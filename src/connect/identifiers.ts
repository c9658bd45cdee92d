import type { Identifiers } from '../ports/identifiers.ts'
import {
  generateCredential,
  generateTransactionId,
  type IdentifierKeys,
  isCredentialOf,
  locateTransaction,
  nonceFor,
  repeatDigest,
  transactionIdOfNonce,
} from '../protocol/encoding/identifiers.ts'
import type { Random } from '../vocabulary.ts'

interface IdentifierKeyRing {
  /** The keys that make identifiers. */
  readonly current: () => IdentifierKeys
  /** All keys whose identifiers are accepted. */
  readonly accepted: () => readonly IdentifierKeys[]
}

/** Makes identifiers with the current keys, and reads those of every accepted pair. */
export function identifiers({ current, accepted }: IdentifierKeyRing, random: Random): Identifiers {
  return {
    draw: (shard, seed) =>
      generateTransactionId(current(), shard, seed === undefined ? random : (count) => seed.slice(0, count)),
    drawCredential: (serial) => generateCredential(current(), serial, random),
    isOwnCredential: (serial, credential) => isCredentialOf(accepted(), serial, credential),
    digest: (text) => repeatDigest(current(), text),
    locate: (id) => locateTransaction(accepted(), id),
    nonceFor: (id, commitment) => nonceFor(current(), id, commitment),
    transactionOf: async (nonce) => {
      const id = await transactionIdOfNonce(accepted(), nonce)
      return id && locateTransaction(accepted(), id)
    },
  }
}
