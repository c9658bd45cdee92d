/** Access tokens for Google's APIs, by JWT bearer grant (RFC 7523). */
import { CompactSign, importPKCS8 } from 'jose'
import * as z from 'zod/mini'
import type { Instant } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import { post, readJson, readRetryAfter } from './post.ts'
import type { NotDelivered } from './fcm-response.ts'
import { tryLater } from './fcm-response.ts'
import { abortAfter } from './abort-after.ts'

/** What a service account's key file says, as far as it is needed. */
export interface ServiceAccount {
  readonly projectId: string
  readonly clientEmail: string
  /** PKCS#8, PEM. */
  readonly privateKey: string
  readonly privateKeyId: string
  readonly tokenUri: string
}

/** An access token, or why the message that needs it cannot be sent (now). */
type AccessToken =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly outcome: NotDelivered }

export interface AccessTokens {
  /** The account's token, renewed when it has less than 5 minutes left. Of many callers at once one renews, the others
   *  wait for it, each until its own `signal`. Never throws. */
  of(account: ServiceAccount, signal: AbortSignal): Promise<AccessToken>
  /** Google no longer takes this token: not used again. One that was renewed meanwhile stays. */
  forget(account: ServiceAccount, token: string): void
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'
/** The longest life Google grants an assertion. */
const ASSERTION_SECONDS = 3_600
const RENEW_BEFORE_MS = 300_000

/** Tokens kept in memory, for as long as the isolate lives. `timeoutMs` bounds one renewal. */
export function googleTokens(options: {
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly timeoutMs: number
}): AccessTokens {
  const kept = new Map<ServiceAccount, { readonly token: string; readonly renewAt: Instant }>()
  const renewals = new Map<ServiceAccount, { readonly token: Promise<AccessToken>; readonly until: Instant }>()

  async function renew(account: ServiceAccount): Promise<AccessToken> {
    const asked = options.now()
    const granted = await abortAfter(options.timeoutMs, (signal) => grant(options.fetch, account, asked, signal))
    if (!granted.ok) return granted
    // A token of a few minutes would be renewed for every message, so half of its life is kept at least.
    const life = granted.lifeMs - Math.min(RENEW_BEFORE_MS, granted.lifeMs / 2)
    kept.set(account, { token: granted.token, renewAt: instant(asked + life) })
    return { ok: true, token: granted.token }
  }

  return {
    async of(account, signal) {
      const have = kept.get(account)
      if (have !== undefined && options.now() < have.renewAt) return { ok: true, token: have.token }
      const now = options.now()
      let renewal = renewals.get(account)
      // Past its time it will never come: on Workers a renewal goes down with the request that made it.
      if (renewal === undefined || now >= renewal.until) {
        renewal = {
          token: renew(account).finally(() => renewals.delete(account)),
          until: instant(now + options.timeoutMs),
        }
        renewals.set(account, renewal)
      }
      return Promise.race([renewal.token, aborted(signal)])
    },
    forget(account, token) {
      if (kept.get(account)?.token === token) kept.delete(account)
    },
  }
}

type Granted =
  | { readonly ok: true; readonly token: string; readonly lifeMs: number }
  | Extract<AccessToken, { ok: false }>

/** One grant. Source: docs/protocol.md, "Google access token"; the scope is the least that suffices. */
async function grant(
  fetch: typeof globalThis.fetch,
  account: ServiceAccount,
  now: Instant,
  signal: AbortSignal,
): Promise<Granted> {
  const assertion = await sign(account, now)
  if (assertion === undefined) return no({ kind: 'failed', why: 'credentials' })
  const answer = await post(fetch, account.tokenUri, {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
    signal,
  })
  if (!answer.ok) return no(tryLater(answer.why))
  const { status, body, retryAfter } = answer.value
  if (status === 200) {
    const token = tokenResponse.safeParse(readJson(body))
    if (token.success) {
      const { access_token: granted, expires_in: life = 3_600 } = token.data
      return { ok: true, token: granted, lifeMs: life * 1000 }
    }
  }
  // Google says 400 and 401 for a key it does not know, an account that is gone, a clock that is wrong.
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 429
  return no(mayPass ? tryLater('unavailable', readRetryAfter(retryAfter, now)) : { kind: 'failed', why: 'credentials' })
}

const no = (outcome: NotDelivered): Extract<AccessToken, { ok: false }> => ({ ok: false, outcome })

const tokenResponse = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: z.optional(z.number().check(z.positive())),
})

/** The signed assertion; undefined when the account's key is no RSA key. */
async function sign(account: ServiceAccount, now: Instant): Promise<string | undefined> {
  const iat = Math.floor(now / 1000)
  const claims = { scope: SCOPE, iss: account.clientEmail, aud: account.tokenUri, iat, exp: iat + ASSERTION_SECONDS }
  try {
    return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: account.privateKeyId })
      .sign(await importPKCS8(account.privateKey, 'RS256'))
  } catch {
    return undefined
  }
}

/** Settles when the signal does. */
const aborted = (signal: AbortSignal): Promise<AccessToken> =>
  new Promise((resolve) => {
    const say = (): void => resolve(no(tryLater('timeout')))
    if (signal.aborted) say()
    else signal.addEventListener('abort', say, { once: true })
  })
