import { read } from './call.ts'
import type { Nod } from './connection.ts'
import { done, type Failure, type Outcome } from './outcome.ts'

/** The claims of a security event token, as a webhook receives it. Source: docs/webhooks.md, "The token". */
export interface SecurityEventToken {
  readonly iss: string
  readonly aud: string
  /** Seconds since 1970: when the event reached Nod's outbox. */
  readonly iat: number
  /** The same every time the event is sent: receive each once. */
  readonly jti: string
  /** Seconds since 1970: when it happened. */
  readonly toe: number
  /** The login, if it is about one. */
  readonly txn?: string
  readonly sub_id: SubjectId
  /** What happened: statements by the URI of their type. */
  readonly events: Readonly<Record<string, Statement>>
}

/** Whom an event is about. Source: RFC 9493. */
export interface SubjectId {
  readonly format: 'complex' | 'uri' | 'opaque'
  /** The user, in the realm `tenant`; without one an administrator. */
  readonly user?: { readonly format: 'iss_sub'; readonly iss: string; readonly sub: string }
  readonly tenant?: { readonly format: 'opaque'; readonly id: string }
  /** The token's serial. */
  readonly device?: { readonly format: 'opaque'; readonly id: string }
  /** The service. */
  readonly application?: { readonly format: 'opaque'; readonly id: string }
  readonly uri?: string
  readonly id?: string
}

export interface Statement {
  /** Seconds since 1970. */
  readonly event_timestamp?: number
  readonly address?: string
  readonly administrator?: string
  readonly [field: string]: unknown
}

/** Why a token is no event for this receiver. `code` is what RFC 8935 has a receiver answer, with status 400: `{"err": code}`. */
export interface InvalidEvent {
  readonly kind: 'invalid_event'
  readonly code: 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience'
  readonly message: string
}

export type VerifiedEvent =
  | Outcome<SecurityEventToken>
  | { readonly ok: false; readonly failure: Failure | InvalidEvent }

export interface VerifierOptions {
  /** The `aud` of the webhook: its address without its query, unless it was added with another one. */
  readonly audience: string
  /** The `iss` of Nod: the address of the connection unless set. */
  readonly issuer?: string | undefined
}

/** Nod gives an event up after three days. */
const MOST_AGE_S = 4 * 86_400
const KEYS_MS = 5 * 60_000
const SHORTEST_TURN_MS = 30_000

type Key = JsonWebKey & { readonly kid?: string }
type Json = Readonly<Record<string, unknown>>

/** Makes the function that verifies the security event tokens a webhook receives: that this Nod has signed them, for this receiver. It
 *  keeps Nod's public keys for five minutes. Whether an event came before, by its `jti`, is the receiver's to know. */
export function eventVerifier(
  nod: Nod,
  { audience, issuer = nod.url }: VerifierOptions,
): (token: string) => Promise<VerifiedEvent> {
  let keys: readonly Key[] = []
  let fetchedAt = -Infinity

  /** The key, if Nod has it. Asks Nod for its keys when they are old, or may lack this one. */
  async function keyOf(kid: unknown): Promise<Outcome<Key | undefined>> {
    const find = (): Key | undefined => keys.find((key) => key.kid === kid)
    const age = Date.now() - fetchedAt
    if (age > KEYS_MS || (find() === undefined && age > SHORTEST_TURN_MS)) {
      const listed = await read(nod, 'GET /.well-known/jwks.json')
      if (!listed.ok) return listed
      keys = listed.value.keys
      fetchedAt = Date.now()
    }
    return done(find())
  }

  return async (token) => {
    const [head = '', body = '', signature = '', ...more] = token.split('.')
    const header = jsonOf(head)
    if (more.length > 0 || header?.['typ'] !== 'secevent+jwt' || header['alg'] !== 'ES256')
      return invalid('invalid_request', 'The token is no security event token signed by ES256')
    const key = await keyOf(header['kid'])
    if (!key.ok) return key
    if (key.value === undefined || !(await isSignedBy(key.value, `${head}.${body}`, signature)))
      return invalid('invalid_key', 'The token is not signed by a key of this Nod')
    const claims = jsonOf(body) ?? {}
    if (claims['iss'] !== issuer) return invalid('invalid_issuer', `The issuer of the token is not ${issuer}`)
    if (claims['aud'] !== audience) return invalid('invalid_audience', `The token is not for ${audience}`)
    const { jti, iat, events } = claims
    if (typeof jti !== 'string' || typeof iat !== 'number' || typeof events !== 'object')
      return invalid('invalid_request', 'The token lacks jti, iat or events')
    if (iat < Date.now() / 1000 - MOST_AGE_S) return invalid('invalid_request', 'The token is older than four days')
    return done(claims as unknown as SecurityEventToken)
  }
}

const invalid = (code: InvalidEvent['code'], message: string): VerifiedEvent => ({
  ok: false,
  failure: { kind: 'invalid_event', code, message },
})

async function isSignedBy({ kty, crv, x, y }: Key, text: string, signature: string): Promise<boolean> {
  const bytes = bytesOf(signature)
  if (bytes === undefined || kty !== 'EC' || x === undefined || y === undefined) return false
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('jwk', { kty, crv: crv ?? '', x, y }, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, key, bytes, new TextEncoder().encode(text))
}

function jsonOf(base64url: string): Json | undefined {
  const bytes = bytesOf(base64url)
  try {
    const value: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(base64url)) return undefined
  try {
    return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    )
  } catch {
    return undefined
  }
}
