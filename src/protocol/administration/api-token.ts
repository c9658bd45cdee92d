import { compactVerify, CompactSign, decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose'
import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { instant, type Instant, type Role, ROLES, type Seconds } from '../../vocabulary.ts'

/** The holder of an API token. */
interface Holder {
  readonly username: string
  /** Empty for an administrator of the deployment itself. */
  readonly realm: string
  /** `enrolling`: an administrator who may only enroll a phone. */
  readonly role: Role | 'user' | 'enrolling'
  /** Voids the token after a change of password or administrator; see `Administrator.generations`. */
  readonly generation: string
  /** For a user: the token of the phone that approved the sign-in. */
  readonly serial?: string | undefined
}

/** The holder, the key that signed the API token, and until when it is valid. */
export interface ApiTokenClaims extends Holder {
  readonly keyId: string
  /** Names this one API token. */
  readonly nonce: string
  readonly expiresAt: Instant
}

export interface SigningKey {
  readonly id: string
  readonly key: CryptoKey
}

export interface VerificationKey {
  readonly key: CryptoKey
  /** No API token that it signed is valid later; undefined while it signs new ones. */
  readonly tokensValidUntil?: Instant | undefined
}

/** Finds the key that a header's `kid` names; undefined if there is none. */
export type FindKey = (id: string) => Promise<Outcome<VerificationKey | undefined>>

const ALGORITHM = 'HS256'
/** The form of every key's id: no other `kid` is looked up. */
const KEY_ID = /^[0-9a-f]{16}$/

/** Signs an API token: a JWT with HS256, valid for `lifetime` seconds from `now`. `nonce` makes two tokens of one second differ.
 *  The Java client decodes the payload with the standard alphabet of base64, so that segment has no `-` and no `_`; see
 *  `asciiJson`. The header's `kid` names the key. Source: docs/protocol.md, "Credentials". */
export function issueApiToken(
  { id, key }: SigningKey,
  claims: Holder & { readonly rights: readonly string[]; readonly nonce: string },
  now: Instant,
  lifetime: Seconds,
): Promise<string> {
  const { username, realm, nonce, role, rights, generation, serial } = claims
  const authtype = serial === undefined ? 'password' : 'pi'
  const exp = Math.floor(now / 1000) + Math.floor(lifetime)
  const payload = asciiJson({ username, realm, nonce, role, authtype, exp, rights, generation, serial })
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: id })
    .sign(key)
}

const claimsSchema = z.object({
  username: z.string(),
  realm: z.string(),
  nonce: z.string(),
  role: z.enum([...ROLES, 'user', 'enrolling']),
  exp: z.int(),
  generation: z.string(),
  serial: z.optional(z.string()),
})

/** Verifies an API token and answers its claims.
 *  Refuses: `authorization_undecodable`, worded as recorded; `authorization_expired`, only for a token that its key signed; as
 *  `findKey`. The algorithm is fixed: the header's is compared, never followed. Source: golden 01-auth. */
export async function readApiToken(findKey: FindKey, text: string, now: Instant): Promise<Outcome<ApiTokenClaims>> {
  if (text.split('.').length !== 3) return undecodable('Not enough segments')
  const header = headerOf(text)
  if (header === undefined) return undecodable('Invalid header padding')
  if (header.alg !== ALGORITHM) return undecodable('The specified alg value is not allowed')
  const keyId = typeof header.kid === 'string' && KEY_ID.test(header.kid) ? header.kid : undefined
  const found = keyId === undefined ? done(undefined) : await findKey(keyId)
  if (!found.ok) return found
  const payload = found.value && (await verifiedPayload(found.value.key, text))
  if (keyId === undefined || payload === undefined) return undecodable('Signature verification failed')
  const claims = claimsSchema.safeParse(payload).data
  const isUser = claims?.role === 'user'
  if (claims === undefined || isUser !== (claims.serial !== undefined)) return undecodable('Invalid payload')
  const { exp, ...holder } = claims
  const expiresAt = instant(exp * 1000)
  // A retired key signed nothing that is valid longer: whoever learned it later did.
  const { tokensValidUntil } = found.value ?? {}
  if (tokensValidUntil !== undefined && expiresAt > tokensValidUntil)
    return undecodable('Signature verification failed')
  return now >= expiresAt ? refuse({ reason: 'authorization_expired' }) : done({ ...holder, keyId, expiresAt })
}

const undecodable = (why: string) => refuse({ reason: 'authorization_undecodable', why })

function headerOf(text: string): ProtectedHeaderParameters | undefined {
  try {
    return decodeProtectedHeader(text)
  } catch {
    return undefined
  }
}

/** The parsed payload; undefined if the key did not sign it, null if it is no JSON. */
async function verifiedPayload(key: CryptoKey, text: string): Promise<unknown> {
  try {
    const { payload } = await compactVerify(text, key, { algorithms: [ALGORITHM] })
    return parsed(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** JSON whose base64 is the same in both alphabets. The alphabets differ in the digits 62 and 63, whose first five bits are set. An
 *  ASCII byte begins with a 0, and that bit is among the first five of every digit except each fourth one, which is the low six bits
 *  of a byte. Those are 62 or 63 only in `>`, `?`, `~` and DEL. So these four and everything beyond ASCII are escaped. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[>?~\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
