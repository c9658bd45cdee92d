import canonicalize from 'canonicalize'
import { encodeHex, utf8 } from '../../bytes.ts'
import {
  type Bytes,
  type Nonce,
  type Random,
  REGIONS,
  type Serial,
  type Shard,
  type TransactionAddress,
  type TransactionId,
} from '../../vocabulary.ts'
import { decodeBase32, encodeBase32Unpadded } from './base32.ts'

// A transaction id is 64 bits: region (4), shard (8), random (36), and a MAC (16) over these 48. It names its object
// without a lookup. One in 65,536 invented ids passes the MAC here, and then still misses the 36 random bits.
// Source: docs/protocol.md, "Identifiers".
const HEAD_BYTES = 6
const ID_BYTES = 8
const TAIL_BYTES = 32
const COMMITMENT_LABEL = 'nod/nonce/1'

/** The two HMAC-SHA-256 keys of identifiers. While a deployment rotates its master key it has two such pairs. */
export interface IdentifierKeys {
  /** Authenticates ids. */
  readonly mac: CryptoKey
  /** Masks the id in a nonce. */
  readonly mask: CryptoKey
}

/** Generates a transaction id for a shard: 20 decimal digits with leading zeros.
 *  @param random called once, for 5 bytes, of which 36 bits are used. With a keyed digest in its place, the same
 *  request gets the same id. */
export async function generateTransactionId(
  keys: IdentifierKeys,
  shard: Shard,
  random: Random,
): Promise<TransactionId> {
  const region = REGIONS.indexOf(shard.region)
  if (!Number.isInteger(shard.number) || shard.number < 0 || shard.number > 255) {
    throw new RangeError(`a shard's number fits 8 bits, unlike ${shard.number}`)
  }
  const head = new Uint8Array(HEAD_BYTES)
  head.set(random(5), 1)
  // Region and shard are the first 12 bits, the random bits the other 36.
  head[0] = (region << 4) | (shard.number >>> 4)
  head[1] = ((shard.number & 15) << 4) | ((head[1] ?? 0) & 15)
  const bytes = new Uint8Array(ID_BYTES)
  bytes.set(head)
  bytes.set(await macOf(keys, head), HEAD_BYTES)
  return digitsOf(bytes)
}

/** Reads an id that one of the keys authenticates, and the shard it names; undefined for any other text. */
export async function locateTransaction(
  keys: readonly IdentifierKeys[],
  text: string,
): Promise<TransactionAddress | undefined> {
  const bytes = bytesOf(text)
  if (bytes === undefined) return undefined
  for (const pair of keys) {
    if (!(await hasValidMac(pair, bytes))) continue
    const shard = shardInId(bytes)
    return shard && { id: text as TransactionId, shard }
  }
  return undefined
}

/** The commitment in a nonce: SHA-256 of a label, a salt of 16 bytes and the context as canonical JSON (RFC 8785).
 *  Whoever has the salt can show later which context the phone approved. */
export async function commitmentOf(salt: Bytes, context: unknown): Promise<Bytes> {
  const text = canonicalize(context)
  if (text === undefined) throw new TypeError('a context is a JSON value')
  const parts = [utf8(COMMITMENT_LABEL), salt, utf8(text)]
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

/** Makes the nonce of a challenge, 64 letters of base32: the masked id, then the commitment, from which the mask is
 *  derived. Without the mask key nobody learns the id from it, neither the phone nor Google. */
export async function nonceFor(keys: IdentifierKeys, id: TransactionId, commitment: Bytes): Promise<Nonce> {
  const bytes = bytesOf(id)
  if (bytes === undefined || commitment.length !== TAIL_BYTES) throw new RangeError('an id and 32 bytes make a nonce')
  const whole = new Uint8Array(ID_BYTES + TAIL_BYTES)
  whole.set(await masked(keys, bytes, commitment))
  whole.set(commitment, ID_BYTES)
  return encodeBase32Unpadded(whole) as Nonce
}

/** The transaction id of a nonce that was made with one of the keys; undefined for any other text. */
export async function transactionIdOfNonce(
  keys: readonly IdentifierKeys[],
  nonce: string,
): Promise<TransactionId | undefined> {
  const whole = nonce.length === 64 ? decodeBase32(nonce) : undefined
  if (whole?.length !== ID_BYTES + TAIL_BYTES) return undefined
  const hidden = whole.slice(0, ID_BYTES)
  const tail = whole.slice(ID_BYTES)
  for (const pair of keys) {
    const bytes = await masked(pair, hidden, tail)
    if ((await hasValidMac(pair, bytes)) && shardInId(bytes) !== undefined) return digitsOf(bytes)
  }
  return undefined
}

/** Whether a text is a well-formed serial. */
export const isSerial = (text: string): text is Serial => /^[0-9a-zA-Z_-]{1,40}$/.test(text)

const SERIAL_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** The largest multiple of 36 in a byte. Bytes above it are skipped, because they would make some letters more
 *  frequent. */
const FAIR_BYTES = 252

const SERIAL_RANDOM_LETTERS = 8

/** Generates a serial: the prefix of the token type and eight letters or digits, all equally likely. */
export function generateSerial(prefix: string, random: Random): Serial {
  let serial = prefix
  // A working source of random bytes fills a serial in one or two rounds.
  for (let rounds = 0; rounds < 64; rounds++) {
    for (const byte of random(SERIAL_RANDOM_LETTERS)) {
      if (byte < FAIR_BYTES) serial += SERIAL_LETTERS.charAt(byte % SERIAL_LETTERS.length)
      if (serial.length === prefix.length + SERIAL_RANDOM_LETTERS && isSerial(serial)) return serial
    }
  }
  throw new Error('the source of random bytes is stuck')
}

/** A keyed digest of a text, by which a repeated request is recognized. Separated by domain from the MACs of
 *  transaction ids, which cover six bytes. */
export const repeatDigest = (keys: IdentifierKeys, text: string): Promise<Bytes> =>
  hmac(keys.mac, utf8(`nod/repeat/1:${text}`))

// An enrollment credential is 14 random bytes and a MAC of 6 over these and the serial, in hexadecimal as privacyIDEA's. So one that
// somebody has made up is told without a look-up. 112 random bits: SP 800-63B-4, section 4.1.2.2.
const CREDENTIAL_RANDOM_BYTES = 14
const CREDENTIAL_MAC_BYTES = 6
/** All bytes of an enrollment credential. */
export const CREDENTIAL_BYTES = CREDENTIAL_RANDOM_BYTES + CREDENTIAL_MAC_BYTES

/** Generates the credential that a phone registers with for this serial. */
export async function generateCredential(keys: IdentifierKeys, serial: Serial, random: Random): Promise<string> {
  const drawn = encodeHex(random(CREDENTIAL_RANDOM_BYTES))
  return drawn + (await credentialMac(keys, serial, drawn))
}

/** Whether one of the keys authenticates the credential for this serial. */
export async function isCredentialOf(
  keys: readonly IdentifierKeys[],
  serial: Serial,
  credential: string,
): Promise<boolean> {
  const drawn = credential.slice(0, CREDENTIAL_RANDOM_BYTES * 2)
  const macs = await Promise.all(keys.map((pair) => credentialMac(pair, serial, drawn)))
  return macs.some((mac) => drawn + mac === credential)
}

/** Separated by domain from the MACs of transaction ids. */
const credentialMac = async ({ mac }: IdentifierKeys, serial: Serial, drawn: string): Promise<string> =>
  encodeHex((await hmac(mac, utf8(`nod/enrollment/1:${serial}:${drawn}`))).slice(0, CREDENTIAL_MAC_BYTES))

const hmac = async (key: CryptoKey, bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))

const macOf = async (keys: IdentifierKeys, head: Bytes): Promise<Bytes> =>
  (await hmac(keys.mac, head)).slice(0, ID_BYTES - HEAD_BYTES)

async function hasValidMac(keys: IdentifierKeys, id: Bytes): Promise<boolean> {
  const mac = await macOf(keys, id.slice(0, HEAD_BYTES))
  return mac[0] === id[HEAD_BYTES] && mac[1] === id[HEAD_BYTES + 1]
}

/** Masks or unmasks an id: both are the same XOR. */
async function masked(keys: IdentifierKeys, id: Bytes, tail: Bytes): Promise<Bytes> {
  const mask = await hmac(keys.mask, tail)
  return id.map((byte, at) => byte ^ (mask[at] ?? 0))
}

function shardInId(id: Bytes): Shard | undefined {
  const [first = 0, second = 0] = id
  const region = REGIONS[first >>> 4]
  return region === undefined ? undefined : { region, number: ((first & 15) << 4) | (second >>> 4) }
}

const digitsOf = (id: Bytes): TransactionId =>
  new DataView(id.buffer, id.byteOffset).getBigUint64(0).toString().padStart(20, '0') as TransactionId

function bytesOf(text: string): Bytes | undefined {
  if (!/^[0-9]{20}$/.test(text)) return undefined
  const value = BigInt(text)
  if (value >= 2n ** 64n) return undefined
  const bytes = new Uint8Array(ID_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}
