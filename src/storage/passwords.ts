/** Passwords of administrators: one stands in the configuration, the others in the table `administrators`. */
import type { Administrator } from '../ports/administrators.ts'
import type { ReadAgain } from '../ports/pins.ts'
import type { Credentials, OpenedPassword } from '../ports/ports.ts'
import { done } from '../refusal.ts'
import type { Bytes, Random } from '../vocabulary.ts'
import { utf8 } from '../bytes.ts'
import type { Log } from './run-query.ts'
import type { ResealOnUse } from './reseal.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'
import { passwordHash } from './password-hash.ts'

const identity = (login: string): string => sealedIdentity('administrators', login)

interface Configured {
  readonly login: string
  readonly password: string
  readonly breakGlassSecret?: string | undefined
}

export async function passwords(
  sealer: Sealer,
  random: Random,
  configured: Configured,
  log: Log,
  resealOnUse: ResealOnUse,
): Promise<Pick<Credentials, 'bootstrap' | 'openPassword' | 'sealPassword' | 'isBreakGlassSecret'>> {
  const { login, password: configuredPassword, breakGlassSecret } = configured
  const hash = passwordHash(sealer, random, log)
  const isolateKey = await macKey(random)
  /** MACs of passwords that were right, by their sealed hash. A plugin that signs in for every login does not pay for PBKDF2 each
   *  time. */
  const verified = new Map<string, Bytes>()

  async function isConfigured(password: string): Promise<boolean> {
    if (await isEqual(isolateKey, password, configuredPassword)) return true
    await hash.simulateMatch(password)
    return false
  }

  async function openSealed(name: string, sealed: string, readAgain: ReadAgain) {
    const line = { event: 'password_unreadable', fields: { login: name } }
    const opened = await hash.open(identity(name), sealed, readAgain, line)
    if (!opened.ok) return opened
    return done<OpenedPassword>({
      async matches(password) {
        const digest = await mac(isolateKey, password)
        const known = verified.get(sealed)
        if (known !== undefined && crypto.subtle.timingSafeEqual(digest, known)) return true
        const matches = await hash.matches(opened.value, password)
        if (!matches) return false
        verified.set(sealed, digest)
        resealOnUse('administrators', name, sealed)
        return true
      },
    })
  }

  const bootstrap: Administrator = { login, role: 'admin', disabled: false, phoneRequired: false }
  return {
    bootstrap,
    // Without a secret nothing equals the empty text, which is asked for all the same: it takes as long.
    isBreakGlassSecret: async (secret) =>
      (await isEqual(isolateKey, secret, breakGlassSecret ?? '')) && breakGlassSecret !== undefined,
    sealPassword: (name, password) => hash.seal(identity(name), password),
    async openPassword(administrator, readAgain) {
      if (administrator?.password !== undefined)
        return openSealed(administrator.login, administrator.password, readAgain)
      if (administrator?.login === login) return done({ matches: isConfigured })
      return done({
        async matches(password) {
          await hash.simulateMatch(password)
          return false
        },
      })
    },
  }
}

const macKey = (random: Random): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', random(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

const mac = async (key: CryptoKey, text: string): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text)))

/** Compares two texts by MACs under a key of this isolate: the time shows neither length nor content. */
async function isEqual(key: CryptoKey, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([mac(key, one), mac(key, other)])
  return crypto.subtle.timingSafeEqual(a, b)
}
