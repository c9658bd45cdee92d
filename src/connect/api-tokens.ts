import type { Credentials } from '../ports/ports.ts'
import { type ApiTokenClaims, issueApiToken, readApiToken } from '../protocol/administration/api-token.ts'
import { encodeHex } from '../bytes.ts'
import { done } from '../refusal.ts'
import { LruCache } from '../storage/lru-cache.ts'
import type { Instant, Random, Serial } from '../vocabulary.ts'

/** So many verified API tokens are remembered: verifying one costs as much as the rest of reading a request. */
const MAX_REMEMBERED = 100

/** Issues API tokens with the current key, which is the first, and reads those of the current key and of the one before. */
export function apiTokens(
  keys: readonly [CryptoKey, ...CryptoKey[]],
  random: Random,
  now: () => Instant,
): Pick<Credentials, 'issueAdministratorToken' | 'issueUserToken' | 'readApiToken'> {
  const [current] = keys
  const verified = new LruCache<string, ApiTokenClaims>(MAX_REMEMBERED)
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
      const remembered = verified.get(token)
      const isValid = remembered !== undefined && now() < remembered.expiresAt
      const read = isValid ? done(remembered) : await readApiToken(keys, token, now())
      if (!read.ok) return read
      verified.set(token, read.value)
      const { username, realm, role, generation, serial } = read.value
      if (role !== 'user') return done({ kind: 'administrator', name: username, generation })
      return done({ kind: 'user', owner: { login: username, realm }, serial: (serial ?? '') as Serial, generation })
    },
  }
}
