import { compactVerify, CompactSign, decodeProtectedHeader } from 'jose'
import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { instant, type Instant, type Role, ROLES, type Seconds } from '../../vocabulary.ts'

/** The holder of an API token. */
interface Holder {
  readonly username: string
  /** Empty for an administrator of the deployment itself. */
  readonly realm: string
  readonly role: Role | 'user'
  /** Voids the token after a change of password or administrator; see `Administrator.generations`. */
  readonly generation: string
  /** For a user: the token of the phone that approved the sign-in. */
  readonly serial?: string | undefined
}

/** The holder, and until when the API token is valid. */
export interface ApiTokenClaims extends Holder {
  readonly expiresAt: Instant
}

const ALGORITHM = 'HS256'

/** Signs an API token: a JWT with HS256, valid for `lifetime` seconds from `now`. `nonce` makes two tokens of one second differ.
 *  The Java client decodes the payload with the standard alphabet of base64, so that segment has no `-` and no `_`; see
 *  `asciiJson`. Source: docs/protocol.md, "Credentials". */
export function issueApiToken(
  key: CryptoKey,
  claims: Holder & { readonly rights: readonly string[]; readonly nonce: string },
  now: Instant,
  lifetime: Seconds,
): Promise<string> {
  const { username, realm, nonce, role, rights, generation, serial } = claims
  const authtype = serial === undefined ? 'password' : 'pi'
  const exp = Math.floor(now / 1000) + Math.floor(lifetime)
  const payload = asciiJson({ username, realm, nonce, role, authtype, exp, rights, generation, serial })
  return new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' }).sign(key)
}

const claimsSchema = z.object({
  username: z.string(),
  realm: z.string(),
  role: z.enum([...ROLES, 'user']),
  exp: z.int(),
  generation: z.string(),
  serial: z.optional(z.string()),
})

/** Verifies an API token and answers its claims.
 *  Refuses: `authorization_undecodable`, worded as recorded; `authorization_expired`, only for a token that one of the keys signed.
 *  The algorithm is fixed: the header's is compared, never followed. Source: golden 01-auth. */
export async function readApiToken(
  keys: readonly CryptoKey[],
  text: string,
  now: Instant,
): Promise<Outcome<ApiTokenClaims>> {
  if (text.split('.').length !== 3) return undecodable('Not enough segments')
  const algorithm = algorithmOf(text)
  if (algorithm === undefined) return undecodable('Invalid header padding')
  if (algorithm !== ALGORITHM) return undecodable('The specified alg value is not allowed')
  const payload = await verifiedPayload(keys, text)
  if (payload === undefined) return undecodable('Signature verification failed')
  const claims = claimsSchema.safeParse(payload).data
  const isUser = claims?.role === 'user'
  if (claims === undefined || isUser !== (claims.serial !== undefined)) return undecodable('Invalid payload')
  const { exp, ...holder } = claims
  const expiresAt = instant(exp * 1000)
  return now >= expiresAt ? refuse({ reason: 'authorization_expired' }) : done({ ...holder, expiresAt })
}

const undecodable = (why: string) => refuse({ reason: 'authorization_undecodable', why })

function algorithmOf(text: string): string | undefined {
  try {
    return decodeProtectedHeader(text).alg ?? ''
  } catch {
    return undefined
  }
}

/** The parsed payload; undefined if no key signed it, null if it is no JSON. */
async function verifiedPayload(keys: readonly CryptoKey[], text: string): Promise<unknown> {
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(text, key, { algorithms: [ALGORITHM] })
      return parsed(new TextDecoder().decode(payload))
    } catch {
      // Signed with another key or none: the next key may fit.
    }
  }
  return undefined
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
