/** Administrators' passwords: of one the configuration holds it, of the others the table `administrators`. */
import type { Administrator } from '../ports/administrators.ts'
import type { Credentials } from '../ports/ports.ts'
import type { Bytes, Random } from '../vocabulary.ts'
import { encodeBase64Url, utf8 } from '../bytes.ts'
import type { Sealer } from './seal.ts'
import { passwordHash } from './password-hash.ts'

const identity = (login: string): string => `administrator:${login}`

interface Configured {
  readonly login: string
  readonly password: string
  /** The keys that sign API tokens: the current one, then the one before. */
  readonly keys: readonly [CryptoKey, ...CryptoKey[]]
}

export async function passwords(
  sealer: Sealer,
  random: Random,
  configured: Configured,
): Promise<Pick<Credentials, 'bootstrap' | 'passwordMatches' | 'sealPassword'>> {
  const { login, password: wanted } = configured
  const stretched = passwordHash(sealer, random)
  const mine = await macKey(random)
  const [current, ...before] = configured.keys
  /** Passwords that were right, by the mark under which they were sealed: a plugin signs in anew for every login. */
  const right = new Map<string, Bytes>()

  async function isConfigured(password: string): Promise<boolean> {
    if (await same(mine, password, wanted)) return true
    await stretched.simulateMatch(password)
    return false
  }

  async function isSealed(who: string, sealed: string, password: string): Promise<boolean> {
    const given = await mac(mine, password)
    const known = right.get(sealed)
    if (known !== undefined && crypto.subtle.timingSafeEqual(given, known)) return true
    const matches = await stretched.matches(identity(who), sealed, password)
    if (matches) right.set(sealed, given)
    return matches
  }

  const bootstrap: Administrator = {
    login,
    role: 'admin',
    disabled: false,
    generations: [
      await generationOf(current, login, wanted),
      ...(await Promise.all(before.map((key) => generationOf(key, login, wanted)))),
    ],
  }
  return {
    bootstrap,
    sealPassword: (who, password) => stretched.seal(identity(who), password),
    async passwordMatches(administrator, password) {
      if (administrator?.password !== undefined) return isSealed(administrator.login, administrator.password, password)
      if (administrator?.login === login) return isConfigured(password)
      await stretched.simulateMatch(password)
      return false
    },
  }
}

/** Another password, another generation: whoever changes the setting ends what was signed in with the old one. Made with
 *  a key, because the holder of a token reads it and must not guess against it. */
async function generationOf(key: CryptoKey, login: string, password: string): Promise<string> {
  return encodeBase64Url((await mac(key, `nod/bootstrap/1\n${login}\n${password}`)).slice(0, 12))
}

const macKey = (random: Random): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', random(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

const mac = async (key: CryptoKey, text: string): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text)))

/** Compared as digests under a key of this isolate: neither length nor content shows in the time it takes. */
async function same(key: CryptoKey, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([mac(key, one), mac(key, other)])
  return crypto.subtle.timingSafeEqual(a, b)
}
