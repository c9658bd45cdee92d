/** The deployment's keys, derived from its master key. */
import type { Bytes } from '../vocabulary.ts'
import { encodeHex, utf8 } from '../bytes.ts'

export interface DerivedKeys {
  /** The fingerprint of the master key, 12 hexadecimal digits: sealed values name their key by it. */
  readonly id: string
  /** AES-256-GCM, for secrets at rest. */
  readonly sealing: CryptoKey
  /** HMAC-SHA-256, for the last 16 bits of a transaction id. */
  readonly identifierMac: CryptoKey
  /** HMAC-SHA-256, for the mask over the transaction id in a nonce. */
  readonly identifierMask: CryptoKey
}

const ID_BITS = 48

/** HKDF-SHA-256 for one purpose. The key that it derives from is 32 random bytes, so the salt is empty (RFC 5869, 3.1). */
export const hkdf = (purpose: string) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: new Uint8Array(0),
  info: utf8(purpose),
})

/** Derives one key for each purpose by HKDF-SHA-256; none can be exported. Changing a name below makes everything unreadable
 *  that its key sealed or signed. `masterKey` is 32 random bytes. */
export async function deriveKeys(masterKey: Bytes): Promise<DerivedKeys> {
  const root = await crypto.subtle.importKey('raw', masterKey, 'HKDF', false, ['deriveKey', 'deriveBits'])
  const derive = (purpose: string, algorithm: SubtleCryptoImportKeyAlgorithm, usages: string[]): Promise<CryptoKey> =>
    crypto.subtle.deriveKey(hkdf(purpose), root, algorithm, false, usages)
  const mac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
  const [fingerprint, sealing, identifierMac, identifierMask] = await Promise.all([
    crypto.subtle.deriveBits(hkdf('nod/key-id/1'), root, ID_BITS),
    derive('nod/sealing/1', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']),
    derive('nod/identifier-mac/1', mac, ['sign', 'verify']),
    derive('nod/identifier-mask/1', mac, ['sign', 'verify']),
  ])
  return { id: encodeHex(new Uint8Array(fingerprint)), sealing, identifierMac, identifierMask }
}
