/** Google's OAuth token endpoint, as far as a service account needs it: RFC 7523's JWT-bearer grant, and the refusals
 *  Google words in its own way. docs/protocol.md, "Google access token" says what Nod sends. */
import { type KeyObject, createPublicKey, randomBytes, verify } from 'node:crypto'

export interface TokenRequest {
  readonly at: number
  readonly claims: Readonly<Record<string, unknown>>
  readonly answered: number | string
}

export interface Grant {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const FIREBASE_SCOPES = [
  'https://www.googleapis.com/auth/firebase.messaging',
  'https://www.googleapis.com/auth/firebase',
  'https://www.googleapis.com/auth/cloud-platform',
]
const HOUR = 3600

export class AccessTokens {
  readonly #publicKey: KeyObject
  readonly #account: { readonly email: string; readonly keyId: string }
  readonly #lifetime: number
  readonly #expiry = new Map<string, number>()

  /** `lifetime` in seconds: Google gives 3599. */
  constructor(privateKeyPem: string, account: { email: string; keyId: string }, lifetime: number) {
    this.#publicKey = createPublicKey(privateKeyPem)
    this.#account = account
    this.#lifetime = lifetime
  }

  /** Answer a token request; `audience` is this endpoint's own address. */
  grant(form: URLSearchParams, audience: string, now: number): Grant {
    if (form.get('grant_type') !== JWT_BEARER)
      return refused('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`)
    const parts = (form.get('assertion') ?? '').split('.')
    const [header, claims] = [decoded(parts[0]), decoded(parts[1])]
    if (parts.length !== 3 || header === undefined || claims === undefined)
      return refused('invalid_grant', 'Bad Request')
    const why = this.#flaw(parts, header, claims, audience, now / 1000)
    if (why !== undefined) return refused(why.error, why.description, claims)

    const token = `ya29.simulated-${randomBytes(12).toString('base64url')}`
    this.#expiry.set(token, now + this.#lifetime * 1000)
    const body = { access_token: token, expires_in: this.#lifetime, token_type: 'Bearer' }
    return { status: 200, body, claims }
  }

  accepts(authorization: string | undefined, now: number): boolean {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    return token !== undefined && now < (this.#expiry.get(token) ?? 0)
  }

  /** As when an administrator disables the account: what was granted is worth nothing from now on. */
  revoke(): void {
    this.#expiry.clear()
  }

  #flaw(parts: readonly string[], header: Claims, claims: Claims, audience: string, seconds: number): Flaw | undefined {
    if (header['alg'] !== 'RS256') return invalid('Invalid JWT: Failed signature algorithm check.')
    if (header['kid'] !== undefined && header['kid'] !== this.#account.keyId) return invalid('Invalid JWT Signature.')
    const signature = Buffer.from(parts[2] ?? '', 'base64url')
    if (!verify('RSA-SHA256', Buffer.from(`${parts[0]}.${parts[1]}`), this.#publicKey, signature))
      return invalid('Invalid JWT Signature.')
    if (claims['iss'] !== this.#account.email) return invalid('Invalid grant: account not found')
    if (claims['aud'] !== audience)
      return invalid(`Invalid JWT: Failed audience check. The right audience is ${audience}`)
    const [iat, exp] = [claims['iat'], claims['exp']]
    const timely = typeof iat === 'number' && typeof exp === 'number' && exp <= iat + HOUR && iat <= seconds + 60
    if (!timely || exp <= seconds)
      return invalid(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. ' +
          'Check your iat and exp values in the JWT claim.',
      )
    const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : []
    if (!scopes.some((scope) => FIREBASE_SCOPES.includes(scope)))
      return { error: 'invalid_scope', description: 'Invalid OAuth scope or ID token audience provided.' }
    return undefined
  }
}

type Claims = Readonly<Record<string, unknown>>
interface Flaw {
  readonly error: string
  readonly description: string
}

const invalid = (description: string): Flaw => ({ error: 'invalid_grant', description })

function refused(error: string, description: string, claims: Claims = {}): Grant {
  return { status: 400, body: { error, error_description: description }, claims }
}

function decoded(part: string | undefined): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
