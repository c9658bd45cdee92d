/** Encrypts secrets at rest. Each is bound to an identity, the row it belongs to. */
import type { Bytes, Random } from '../vocabulary.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'
import type { DerivedKeys } from './derived-keys.ts'
import type { KeyRing } from './key-ring.ts'

export interface Sealer {
  /** Encrypts with AES-256-GCM under the current key; answers `2.<key id>.<base64url of IV and ciphertext>`. */
  seal(identity: string, plain: Bytes): Promise<string>
  /** Returns the secret. Undefined if no configured key opens the value under this identity; `faultOf` says why. */
  open(identity: string, sealed: string): Promise<Bytes | undefined>
  /** Whether a value is sealed as `seal` would do it now. */
  isCurrent(sealed: string): boolean
  /** Why a value does not open, for the log. `key_unknown`: its key is not configured here; else it was changed, copied from
   *  another row, or never was a sealed value. */
  faultOf(sealed: string): { readonly why: 'key_unknown' | 'unreadable'; readonly key: string }
}

const NAMED = '2'
/** The form of values of earlier versions, which does not name the key. */
const UNNAMED = '1'
const IV_BYTES = 12

/** Returns the beginning of every value that is sealed with this key in the form `2`. */
export const sealedPrefix = (keyId: string): string => `${NAMED}.${keyId}.`

const algorithm = (identity: string, iv: Bytes) => ({
  name: 'AES-GCM',
  iv,
  // A sealed value that is copied to another row does not open there.
  additionalData: utf8(identity),
})

/** The parts of a sealed value; undefined for any other text. */
function partsOf(sealed: string): { readonly key?: string; readonly encoded: string } | undefined {
  const [version, ...parts] = sealed.split('.')
  const [first, second] = parts
  if (version === UNNAMED && parts.length === 1 && first !== undefined) return { encoded: first }
  if (version === NAMED && parts.length === 2 && second !== undefined) return { key: first, encoded: second }
  return undefined
}

/** Encrypts with this key, in the form that names it unless `isNamed` is false. */
export async function sealWith(
  { id, sealing }: DerivedKeys,
  identity: string,
  plain: Bytes,
  random: Random,
  isNamed = true,
): Promise<string> {
  const iv = random(IV_BYTES)
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(algorithm(identity, iv), sealing, plain))
  const whole = new Uint8Array(IV_BYTES + ciphertext.length)
  whole.set(iv)
  whole.set(ciphertext, IV_BYTES)
  return `${isNamed ? sealedPrefix(id) : `${UNNAMED}.`}${encodeBase64Url(whole)}`
}

/** Decrypts with the key that the value names, or with any of these if it names none. */
export async function openWith(
  keys: readonly DerivedKeys[],
  identity: string,
  sealed: string,
): Promise<Bytes | undefined> {
  const parts = partsOf(sealed)
  if (parts === undefined) return undefined
  const whole = decodeBase64(parts.encoded)
  // Base64 leaves spare bits in the last letter; only one spelling is accepted, so no changed text opens.
  if (whole === undefined || whole.length <= IV_BYTES || encodeBase64Url(whole) !== parts.encoded) return undefined
  const parameters = algorithm(identity, whole.slice(0, IV_BYTES))
  for (const { id, sealing } of keys) {
    if (parts.key !== undefined && parts.key !== id) continue
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters, sealing, whole.slice(IV_BYTES)))
    } catch {
      // Another key, or another identity: AES-GCM does not say which.
    }
  }
  return undefined
}

/** Seals with the ring's current key, and opens with any of the ring's keys. `refresh` is awaited before a value is sealed: it
 *  makes sure that the ring knows the current key as of a moment ago. */
export function sealer(ring: KeyRing, random: Random, refresh: () => Promise<unknown> = async () => undefined): Sealer {
  return {
    async seal(identity, plain) {
      await refresh()
      return sealWith(ring.current(), identity, plain, random, ring.namesKeys())
    },
    open: (identity, sealed) => openWith(ring.all, identity, sealed),
    isCurrent: (sealed) =>
      ring.namesKeys() ? sealed.startsWith(sealedPrefix(ring.current().id)) : sealed.startsWith(`${UNNAMED}.`),
    faultOf(sealed) {
      const key = partsOf(sealed)?.key
      const why = key !== undefined && ring.find(key) === undefined ? 'key_unknown' : 'unreadable'
      return { why, key: key ?? 'unnamed' }
    },
  }
}
