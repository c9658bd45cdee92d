/** The signing keys of imported tokens: each has its own, which its phone knows. */
import type { OpenSigningKey } from '../ports/exports.ts'
import type { ImportedKeys } from '../ports/imports.ts'
import { encodeBase64, utf8 } from '../bytes.ts'
import type { Bytes } from '../vocabulary.ts'
import { importedKeyId } from '../vocabulary/imports.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

interface ImportedKeysOptions {
  readonly sealer: Sealer
  /** Converts a SubjectPublicKeyInfo to PKCS#1; a matter of `protocol/`, so it is passed in. */
  readonly pkcs1FromSpki: (spki: Bytes) => Bytes
}

/** Opens a signing key of Nod's own, for an export. */
export const openSigningKey =
  (sealer: Sealer): OpenSigningKey =>
  (id, sealed) =>
    sealer.open(identity(id), sealed)

const identity = (id: string): string => sealedIdentity('signing_keys', id)

export const importedKeys = ({ sealer, pkcs1FromSpki }: ImportedKeysOptions): ImportedKeys => ({
  async seal(serial, pkcs8) {
    try {
      const key = await crypto.subtle.importKey('pkcs8', pkcs8, RSA, true, ['sign'])
      const { n, e } = await jwkOf(key)
      const half = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, RSA, true, ['verify'])
      const spki = await crypto.subtle.exportKey('spki', half)
      if (!(spki instanceof ArrayBuffer)) return undefined
      return {
        bits: Number((key.algorithm as { modulusLength?: number }).modulusLength),
        privateKey: await sealer.seal(identity(importedKeyId(serial)), pkcs8),
        publicKey: encodeBase64(pkcs1FromSpki(new Uint8Array(spki))),
      }
    } catch {
      // Web Crypto says nothing about what is wrong with a key.
      return undefined
    }
  },

  async sign({ serial, privateKey }, text) {
    const pkcs8 = await sealer.open(identity(importedKeyId(serial)), privateKey)
    if (pkcs8 === undefined) return undefined
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, RSA, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign(RSA.name, key, utf8(text)))
  },
})

async function jwkOf(key: CryptoKey): Promise<{ readonly n: string; readonly e: string }> {
  const jwk = await crypto.subtle.exportKey('jwk', key)
  if (jwk instanceof ArrayBuffer || jwk.n === undefined || jwk.e === undefined) throw new TypeError('no RSA key')
  return { n: jwk.n, e: jwk.e }
}
