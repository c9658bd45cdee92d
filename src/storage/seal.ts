/** Secrets at rest: sealed with a key of the deployment, and bound to the row they belong to. */
import type { Bytes, Random } from '../vocabulary.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'

export interface Sealer {
  /** AES-256-GCM under the current key, as `1.<base64url of IV and ciphertext>`. */
  seal(identity: string, plain: Bytes): Promise<string>
  /** `undefined` when no key of ours sealed this under this identity. */
  open(identity: string, sealed: string): Promise<Bytes | undefined>
}

const VERSION = '1'
const IV_BYTES = 12

const algorithm = (identity: string, iv: Bytes) => ({
  name: 'AES-GCM',
  iv,
  // A sealed value copied into another row does not open there.
  additionalData: utf8(identity),
})

/** Seals with the first of `keys`; opens with whichever fits, in their order: the current key, then the one before. */
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
      // Spelled in one way only, down to the last letter's spare bits: a text that was changed anyhow does not open.
      if (whole === undefined || whole.length <= IV_BYTES || encodeBase64Url(whole) !== encoded) return undefined
      const parameters = algorithm(identity, whole.slice(0, IV_BYTES))
      for (const key of keys) {
        try {
          // In turn, since nearly everything opens with the first.
          return new Uint8Array(await crypto.subtle.decrypt(parameters, key, whole.slice(IV_BYTES)))
        } catch {
          // Not sealed with this key, or not under this identity: AES-GCM does not say which.
        }
      }
      return undefined
    },
  }
}
