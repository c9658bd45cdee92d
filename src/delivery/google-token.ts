/** Gets access tokens for Google's APIs, by JWT bearer grant (RFC 7523). */
import { CompactSign, importPKCS8 } from 'jose'
import * as z from 'zod/mini'
import { withTimeLimit } from '../time-limit.ts'
import { addSeconds, type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { post, readJson, readRetryAfter } from './post.ts'
import { type NotDelivered, tryLater } from './fcm-response.ts'

/** The fields of a service account's key file that are needed. */
export interface ServiceAccount {
  readonly projectId: string
  readonly clientEmail: string
  /** PKCS#8, PEM. */
  readonly privateKey: string
  readonly privateKeyId: string
  readonly tokenUri: string
}

/** An access token, or the result of the delivery that needs one. */
type AccessToken =
  | { readonly ok: true; readonly token: string }
  /** `date`: Google's time, if it has told it. */
  | { readonly ok: false; readonly outcome: NotDelivered; readonly date?: string | null }

export interface AccessTokens {
  /** Returns the account's token, and renews it when it has less than five minutes left. Of many callers at once, one renews and
   *  the others wait for it, each until its own `signal`. Never throws. */
  of(account: ServiceAccount, signal: AbortSignal): Promise<AccessToken>
  /** Drops a token that Google no longer takes. A token that was renewed meanwhile stays. */
  forget(account: ServiceAccount, token: string): void
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'
/** The longest that Google lets an assertion live. */
const ASSERTION_LIFETIME = seconds(3_600)
const RENEW_BEFORE = seconds(300)

/** Keeps access tokens in memory, for as long as the isolate lives. One renewal takes at most `timeLimit`. */
export function googleTokens(options: {
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly timeLimit: Seconds
}): AccessTokens {
  const kept = new Map<ServiceAccount, { readonly token: string; readonly renewAt: Instant }>()
  const renewals = new Map<ServiceAccount, { readonly token: Promise<AccessToken>; readonly until: Instant }>()

  async function renew(account: ServiceAccount): Promise<AccessToken> {
    const start = options.now()
    const abort = new AbortController()
    const granted = await withTimeLimit(grant(options.fetch, account, start, abort.signal), options.timeLimit, abort)
    if (granted === 'late') return undelivered(tryLater('timeout'))
    if (!granted.ok) return granted
    // A token of a few minutes would be renewed for every message: it is used for at least half of its life.
    const usedFor = granted.lifetime - Math.min(RENEW_BEFORE, granted.lifetime / 2)
    kept.set(account, { token: granted.token, renewAt: addSeconds(start, seconds(usedFor)) })
    return { ok: true, token: granted.token }
  }

  return {
    async of(account, signal) {
      const current = kept.get(account)
      const now = options.now()
      if (current !== undefined && now < current.renewAt) return { ok: true, token: current.token }
      let renewal = renewals.get(account)
      // On Workers a renewal dies with the request that started it: after its time limit it is started anew.
      if (renewal === undefined || now >= renewal.until) {
        renewal = {
          token: renew(account).finally(() => renewals.delete(account)),
          until: addSeconds(now, options.timeLimit),
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
  | { readonly ok: true; readonly token: string; readonly lifetime: Seconds }
  | Extract<AccessToken, { ok: false }>

/** Asks for one access token. Source: docs/protocol.md, "Google access token"; the scope is the least that suffices. */
async function grant(
  fetch: typeof globalThis.fetch,
  account: ServiceAccount,
  now: Instant,
  signal: AbortSignal,
): Promise<Granted> {
  const assertion = await sign(account, now)
  if (assertion === undefined) return undelivered({ kind: 'failed', why: 'credentials' })
  const response = await post(fetch, account.tokenUri, {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
    signal,
  })
  if (!response.ok) return undelivered(tryLater(response.why))
  const { status, body, retryAfter, date = null } = response.value
  if (status === 200) {
    const token = tokenResponse.safeParse(readJson(body))
    if (token.success) {
      const { access_token: accessToken, expires_in: lifetime = 3_600 } = token.data
      return { ok: true, token: accessToken, lifetime: seconds(lifetime) }
    }
  }
  // Google answers 400 and 401 for an unknown key, a deleted account and a wrong clock: these do not pass by waiting.
  const isTemporary = status < 400 || status >= 500 || status === 408 || status === 429
  const outcome: NotDelivered = isTemporary
    ? tryLater('unavailable', readRetryAfter(retryAfter, now))
    : { kind: 'failed', why: 'credentials' }
  return { ...undelivered(outcome), date }
}

const undelivered = (outcome: NotDelivered): Extract<AccessToken, { ok: false }> => ({ ok: false, outcome })

const tokenResponse = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: z.optional(z.number().check(z.positive())),
})

/** Signs the assertion; undefined when the account's key is not an RSA key. */
async function sign(account: ServiceAccount, now: Instant): Promise<string | undefined> {
  const iat = Math.floor(now / 1000)
  const claims = { scope: SCOPE, iss: account.clientEmail, aud: account.tokenUri, iat, exp: iat + ASSERTION_LIFETIME }
  try {
    return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: account.privateKeyId })
      .sign(await importPKCS8(account.privateKey, 'RS256'))
  } catch {
    return undefined
  }
}

/** Resolves as `timeout` when the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<AccessToken> =>
  new Promise((resolve) => {
    const end = (): void => resolve(undelivered(tryLater('timeout')))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
