import type { Bytes, Nonce, Serial, Shard, TransactionAddress, TransactionId } from '../vocabulary.ts'

export interface Identifiers {
  /** Draws a new id; the same `seed` (five bytes or more) gives the same id. */
  draw(shard: Shard, seed?: Bytes): Promise<TransactionId>
  /** Draws the credential that a phone registers with for this serial. */
  drawCredential(serial: Serial): Promise<string>
  /** Whether the credential was drawn here for this serial. One of before a rotation to which the key is lost reads as a stranger's. */
  isOwnCredential(serial: Serial, credential: string): Promise<boolean>
  /** Digests a text with a key, so that nobody else can compute the digest. */
  digest(text: string): Promise<Bytes>
  /** Checks the id's MAC and reads the shard that it names; undefined for any other text. */
  locate(id: string): Promise<TransactionAddress | undefined>
  nonceFor(id: TransactionId, commitment: Bytes): Promise<Nonce>
  /** Reads the login that a nonce names; undefined for any other text. */
  transactionOf(nonce: string): Promise<TransactionAddress | undefined>
}
