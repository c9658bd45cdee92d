/** Encrypts secrets at rest. Each is bound to an identity, the row it belongs to. */
import type { Bytes, Random } from '../vocabulary.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'

export interface Sealer {
  /** Encrypts with AES-256-GCM under the current key; answers `1.<base64url of IV and ciphertext>`. */
  seal(identity: string, plain: Bytes): Promise<string>
  /** Undefined when none of the keys sealed this under this identity. */
  open(identity: string, sealed: string): Promise<Bytes | undefined>
}

const VERSION = '1'
const IV_BYTES = 12

const algorithm = (identity: string, iv: Bytes) => ({
  name: 'AES-GCM',
  iv,
  // A sealed value that is copied to another row does not open there.
  additionalData: utf8(identity),
})

/** Seals with the first of `keys`, and opens with any of them: the current key, then the previous one. */
export function sealer(keys: readonly [CryptoKey, ...CryptoKey[]], random: Random): Sealer {
  return {
    async seal(identity, plain) {
      const iv = random(IV_BYTES)
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm(identity, iv), keys[0], plain))
      const whole = new Uint8Array(IV_BYTES + sealed.length)
      whole.set(iv)
      whole.set(sealed, IV_BYTES)
      return `${VERSION}.${encodeBase64Url(whole)}`
    },

    async open(identity, text) {
      const [version, encoded, ...rest] = text.split('.')
      if (version !== VERSION || encoded === undefined || rest.length > 0) return undefined
      const whole = decodeBase64(encoded)
      // Base64 leaves spare bits in the last letter; only one spelling is accepted, so no changed text opens.
      if (whole === undefined || whole.length <= IV_BYTES || encodeBase64Url(whole) !== encoded) return undefined
      const parameters = algorithm(identity, whole.slice(0, IV_BYTES))
      for (const key of keys) {
        try {
          // One after the other: nearly everything opens with the first.
          return new Uint8Array(await crypto.subtle.decrypt(parameters, key, whole.slice(IV_BYTES)))
        } catch {
          // Another key, or another identity: AES-GCM does not say which.
        }
      }
      return undefined
    },
  }
}
