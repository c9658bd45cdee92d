import type { Credentials } from '../ports/ports.ts'
import type { ApiTokenClaims } from '../protocol/administration/api-token.ts'
import { issueApiToken, readApiToken } from '../protocol/administration/api-token.ts'
import { encodeHex } from '../bytes.ts'
import { done } from '../refusal.ts'
import { LruCache } from '../storage/lru-cache.ts'
import type { Instant, Random, Serial } from '../vocabulary.ts'

/** API tokens whose signature is known: verifying one costs as much as the rest of reading a request. */
const TOKENS_KEPT = 100

/** API tokens: made with the current key, the first, and read with it or the one before. */
export function apiTokens(
  keys: readonly [CryptoKey, ...CryptoKey[]],
  random: Random,
  now: () => Instant,
): Pick<Credentials, 'issueAdministratorToken' | 'issueUserToken' | 'readApiToken'> {
  const [current] = keys
  const known = new LruCache<string, ApiTokenClaims>(TOKENS_KEPT)
  const nonce = (): string => encodeHex(random(20))
  return {
    issueAdministratorToken: ({ login, role, generations: [generation] }, lifetime) => {
      const claims = { username: login, realm: '', role, rights: [], nonce: nonce(), generation }
      return issueApiToken(current, claims, now(), lifetime)
    },
    issueUserToken: ({ owner: { login, realm }, serial, generation }, lifetime) => {
      const claims = { username: login, realm, role: 'user', rights: [], nonce: nonce(), generation, serial } as const
      return issueApiToken(current, claims, now(), lifetime)
    },
    async readApiToken(token) {
      const before = known.get(token)
      const holds = before !== undefined && now() < before.expiresAt
      const read = holds ? done(before) : await readApiToken(keys, token, now())
      if (!read.ok) return read
      known.set(token, read.value)
      const { username, realm, role, generation, serial } = read.value
      if (role !== 'user') return done({ kind: 'administrator', name: username, generation })
      return done({ kind: 'user', owner: { login: username, realm }, serial: (serial ?? '') as Serial, generation })
    },
  }
}
