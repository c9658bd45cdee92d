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
import { LruCache } from '../storage/lru-cache.ts'
import type { Random, TransactionAddress } from '../vocabulary.ts'

interface IdentifierKeyRing {
  /** The keys that make identifiers. */
  readonly current: () => IdentifierKeys
  /** All keys whose identifiers are accepted: the same list until they change. */
  readonly accepted: () => readonly IdentifierKeys[]
}

/** So many transaction ids are remembered whose MAC was right: a login names its id in three requests, and more while it is polled. */
const REMEMBERED = 5000

/** Makes identifiers with the current keys, and reads those of every accepted pair. Call it once per isolate. */
export function identifiers({ current, accepted }: IdentifierKeyRing, random: Random): Identifiers {
  let keys = accepted()
  let located = new LruCache<string, TransactionAddress>(REMEMBERED)

  /** The keys that are accepted now. What others have authenticated is forgotten. */
  function acceptedNow(): readonly IdentifierKeys[] {
    if (keys !== accepted()) {
      keys = accepted()
      located = new LruCache(REMEMBERED)
    }
    return keys
  }

  async function locate(id: string): Promise<TransactionAddress | undefined> {
    const by = acceptedNow()
    const known = located.get(id)
    if (known !== undefined) return known
    const found = await locateTransaction(by, id)
    if (found !== undefined && by === keys) located.set(id, found)
    return found
  }

  return {
    draw: (shard, seed) =>
      generateTransactionId(current(), shard, seed === undefined ? random : (count) => seed.slice(0, count)),
    drawCredential: (serial) => generateCredential(current(), serial, random),
    isOwnCredential: (serial, credential) => isCredentialOf(acceptedNow(), serial, credential),
    digest: (text) => repeatDigest(current(), text),
    locate,
    nonceFor: (id, commitment) => nonceFor(current(), id, commitment),
    transactionOf: async (nonce) => {
      const id = await transactionIdOfNonce(acceptedNow(), nonce)
      return id && locate(id)
    },
  }
}
