import { compactVerify, CompactSign, decodeProtectedHeader } from 'jose'
import * as z from 'zod/mini'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant, Role, Seconds } from '../../vocabulary.ts'
import { instant, ROLES } from '../../vocabulary.ts'

/** Whom an API token names. */
interface Holder {
  readonly username: string
  /** Empty for an administrator of the deployment itself. */
  readonly realm: string
  readonly role: Role | 'user'
  /** Tells a token of today's administrator from one of a time before: see `Administrator`. */
  readonly generation: string
  /** Of a user: the token of the phone that approved. */
  readonly serial?: string | undefined
}

/** The same, as a token says it that holds until then. */
export interface ApiTokenClaims extends Holder {
  readonly expiresAt: Instant
}

const ALGORITHM = 'HS256'

/** A signed API token, JWT with HS256, valid for the lifetime from now. `nonce` keeps two tokens of one second apart.
 *  Java's client decodes the payload with the standard alphabet of base64, so that segment holds no `-` and no `_`:
 *  see `asciiJson`. Source: docs/protocol.md, "Credentials". */
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

/** Whom a text names, if one of the keys signed it and its time is not over.
 *  Refuses: `authorization_undecodable`, worded as recorded; `authorization_expired`, said only of a token that was
 *  ours. The algorithm is fixed: what a header asks for is compared, never followed. Source: golden 01-auth. */
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

/** What a token says, parsed; undefined if no key signed it. Null if it is no JSON: ours always are. */
async function verifiedPayload(keys: readonly CryptoKey[], text: string): Promise<unknown> {
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(text, key, { algorithms: [ALGORITHM] })
      return parsed(new TextDecoder().decode(payload))
    } catch {
      // made with another key, or with none: the next one may fit
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

/** JSON whose base64 has the same letters in both alphabets. They differ in the digits 62 and 63, six bits whose first
 *  five are set. The leading bit of an ASCII byte is 0 and lies within the first five of every digit but the fourth of
 *  four, which is the low six bits of a byte: those are 62 or 63 only in `>`, `?`, `~` and DEL. So these four and all
 *  beyond ASCII are escaped, and no nonce needs to be drawn twice. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[>?~\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
