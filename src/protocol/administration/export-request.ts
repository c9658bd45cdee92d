/** Requests that export tokens to the server that others came from, and what keeps their secrets on the way. Source: docs/protocol.md,
 *  "Exports". */
import * as z from 'zod/mini'
import { decodeBase64, encodeBase64Url, utf8 } from '../../bytes.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Bytes, Random } from '../../vocabulary.ts'
import type { ReturningToken } from '../../vocabulary/exports.ts'
import { nameList, optional, parserOf, required } from '../parameters.ts'
import { tokenItem } from '../token/token-item.ts'

export interface ExportRequest {
  /** Tokens after this serial. */
  readonly after: string
  /** Of owners in these realms; empty: of all. */
  readonly realms: readonly string[]
  /** SubjectPublicKeyInfo. */
  readonly recipient: Bytes
}

const exportSchema = z.object({
  after: optional('The last serial of the page before', 40),
  realms: nameList('Only tokens of owners in these realms, or who were in them when they were imported'),
  recipient: required('The public RSA key that secrets are encrypted for: SubjectPublicKeyInfo, base64', 2000),
})

/** Parses which tokens to export, and for whom. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseExport = parserOf(exportSchema, ({ after = '', realms = [], recipient }): Outcome<ExportRequest> => {
  const spki = decodeBase64(recipient)
  if (spki === undefined) return refuse({ reason: 'parameter_invalid', name: 'recipient', why: 'expected base64' })
  return done({ after, realms: realms.map((realm) => realm.toLowerCase()), recipient: spki })
})

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const
const LEAST_BITS = 3072

/** Encrypts JSON for the holder of an RSA key: a JWE in compact form, RSA-OAEP-256 with A256GCM (RFC 7516). Undefined for a key that is
 *  none, or has fewer than 3072 bits. */
export async function encryptFor(
  recipient: Bytes,
  random: Random,
): Promise<((value: unknown) => Promise<string>) | undefined> {
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('spki', recipient, OAEP, false, ['encrypt'])
  } catch {
    // Web Crypto says nothing about what is wrong with a key.
    return undefined
  }
  if (Number((key.algorithm as { modulusLength?: number }).modulusLength) < LEAST_BITS) return undefined
  return async (value) => {
    const header = encodeBase64Url(utf8(JSON.stringify({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })))
    const [contentKey, iv] = [random(32), random(12)]
    const gcm = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt'])
    const sealed = new Uint8Array(
      await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: utf8(header) },
        gcm,
        utf8(JSON.stringify(value)),
      ),
    )
    const wrapped = new Uint8Array(await crypto.subtle.encrypt(OAEP, key, contentKey))
    const parts = [wrapped, iv, sealed.subarray(0, -16), sealed.subarray(-16)].map(encodeBase64Url)
    return [header, ...parts].join('.')
  }
}

/** A token as an export answers it: as lists do, with what its phone is reached by. */
export const exportItem = ({ serial, token, origin, isChanged, pin }: ReturningToken) => ({
  serial,
  changed: isChanged,
  origin:
    origin === undefined
      ? null
      : {
          source: origin.source,
          digest: origin.digest,
          user_id: origin.userId ?? null,
          resolver: origin.resolver ?? null,
          kept: Object.keys(origin.kept),
        },
  token:
    token === undefined
      ? null
      : {
          ...tokenItem(token),
          registration_token: token.registrationToken ?? null,
          registration_url: token.registrationUrl,
          signing_key: token.signingKey ?? null,
          has_pin: pin !== undefined,
        },
})
