/** Key pairs for ES256, whose private half is stored sealed. */
import { calculateJwkThumbprint } from 'jose'
import type { Bytes } from '../vocabulary.ts'
import type { Sealer } from './seal.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const

interface StoredKeyPair {
  /** The thumbprint of the public key (RFC 7638). */
  readonly id: string
  /** A JWK, as JSON. */
  readonly publicKey: string
  /** PKCS#8, sealed. */
  readonly privateKey: string
}

/** Makes a key pair. `identity`: under which the private key of this id is sealed. */
export async function makeKeyPair(sealer: Sealer, identity: (id: string) => string): Promise<StoredKeyPair> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('ECDSA gave no key pair')
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
  if (!(pkcs8 instanceof ArrayBuffer) || jwk instanceof ArrayBuffer) throw new TypeError('the key does not export')
  const { kty, crv = '', x = '', y = '' } = jwk
  const shown = { kty, crv, x, y }
  const id = await calculateJwkThumbprint(shown)
  return {
    id,
    publicKey: JSON.stringify(shown),
    privateKey: await sealer.seal(identity(id), new Uint8Array(pkcs8)),
  }
}

/** Imports a private key in PKCS#8. */
export const importSigningKey = (pkcs8: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
