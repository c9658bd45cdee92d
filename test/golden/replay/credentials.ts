import { recordedStart } from './clock.ts'
import type { Exchange } from './recording.ts'
import type { Service } from './service.ts'

/** Replaces the API tokens of the recording by those of this run. */

interface Claims {
  readonly username: string
  readonly realm: string
  readonly role: string
  readonly nonce: string
  readonly exp: number
}

function claimsOf(token: string): Claims | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
  } catch {
    return undefined
  }
}

/** Tokens the recorder made by hand, and signed with a wrong key, have no real nonce. */
const isHandMade = (claims: Claims): boolean => claims.nonce.length < 40

/** Changes one character of the signature, so that it stays well-formed and is wrong. */
function withWrongSignature(token: string): string {
  const start = token.lastIndexOf('.') + 1
  return token.slice(0, start) + (token[start] === 'A' ? 'B' : 'A') + token.slice(start + 1)
}

/** Users of the recording sign in with their login and `pw`. */
const signInAs = (service: Service, { username, realm }: Claims): Promise<string | undefined> =>
  service.signIn({ login: username, password: `${username}pw` }, realm)

/** The live header for a recorded one. Undefined if the server gives no such token. */
export async function liveAuthorization(
  service: Service,
  recorded: string,
  exchange: Exchange,
): Promise<string | undefined> {
  const prefix = recorded.startsWith('Bearer ') ? 'Bearer ' : ''
  const claims = claimsOf(recorded.slice(prefix.length))
  if (!claims) return recorded
  const token = await liveToken(service, claims, exchange)
  return token === undefined ? undefined : prefix + token
}

async function liveToken(service: Service, claims: Claims, exchange: Exchange): Promise<string | undefined> {
  if (isHandMade(claims)) return withWrongSignature(await service.adminToken())
  const hadExpired = claims.exp * 1000 < (recordedStart(exchange) ?? 0)
  if (hadExpired) return service.expiredToken()
  return claims.role === 'admin' ? service.adminToken() : signInAs(service, claims)
}

/** The user whose token the recorded request carries; for the message when this run has none. */
export const userOf = (recorded: string): string => claimsOf(recorded)?.username ?? 'nobody'
