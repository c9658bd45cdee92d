/** The deployment's keys, derived from its master key. */
import type { Bytes } from '../vocabulary.ts'
import { utf8 } from '../bytes.ts'

export interface DerivedKeys {
  /** AES-256-GCM, for secrets at rest. */
  readonly sealing: CryptoKey
  /** HMAC-SHA-256, for the last 16 bits of a transaction id. */
  readonly identifierMac: CryptoKey
  /** HMAC-SHA-256, for the mask over the transaction id in a nonce. */
  readonly identifierMask: CryptoKey
}

/** Derives one key for each purpose by HKDF-SHA-256; none can be exported. Changing a name below makes everything unreadable
 *  that its key sealed or signed. `masterKey` is 32 random bytes, so the salt is empty (RFC 5869, 3.1). */
export async function deriveKeys(masterKey: Bytes): Promise<DerivedKeys> {
  const root = await crypto.subtle.importKey('raw', masterKey, 'HKDF', false, ['deriveKey'])
  const derive = (purpose: string, algorithm: SubtleCryptoImportKeyAlgorithm, usages: string[]): Promise<CryptoKey> =>
    crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(purpose) },
      root,
      algorithm,
      false,
      usages,
    )
  const mac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
  const [sealing, identifierMac, identifierMask] = await Promise.all([
    derive('nod/sealing/1', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']),
    derive('nod/identifier-mac/1', mac, ['sign', 'verify']),
    derive('nod/identifier-mask/1', mac, ['sign', 'verify']),
  ])
  return { sealing, identifierMac, identifierMask }
}
