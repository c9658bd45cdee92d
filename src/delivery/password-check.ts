/** Asks a verifier of passwords. Source: docs/password-check.md. */
import { compactVerify, CompactSign } from 'jose'
import { encodeHex, utf8 } from '../bytes.ts'
import type { PasswordCheck } from '../ports/pin-checks.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Instant, type Random, type Seconds, seconds } from '../vocabulary.ts'
import { admit, afterSend, type Breaker, CLOSED } from './breaker.ts'
import { readJson } from './post.ts'
import { readText } from './read-text.ts'

/** How long an answer may take, and how long the verifier may honor the question. */
const LIMIT = seconds(5)
const VALIDITY = seconds(30)
const MOST_READ = 8192
/** The number of questions of one isolate that may wait at once. */
const MOST_WAITING = 100

const ALGORITHM = 'HS256'
/** The `typ` values. A question, or any other kind of JWS, is never accepted as an answer. */
const QUESTION = 'nod-password-question'
const ANSWER = 'nod-password-answer'

interface PasswordCheckOptions {
  readonly url: string
  readonly secret: string
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly random: Random
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void
  readonly limit?: Seconds
}

/** Makes the client of a verifier. Call it once per isolate. */
export function passwordCheck(options: PasswordCheckOptions): PasswordCheck {
  const { url, secret, fetch, now, random, log, limit = LIMIT } = options
  const key = utf8(secret)
  let breaker: Breaker = CLOSED
  let waiting = 0

  function fail(why: string): ReturnType<typeof refuse> {
    breaker = afterSend(breaker, false, now())
    log('password_check_failed', { why })
    return unavailable()
  }

  /** Sends a question, and returns the verifier's signed answer to it. */
  async function send(subject: Readonly<Record<string, string>>): Promise<Outcome<boolean>> {
    const admitted = admit(breaker, now())
    if (!admitted.admitted) return unavailable(admitted.retryAfter)
    if (waiting >= MOST_WAITING) return unavailable()
    breaker = admitted.next
    waiting += 1
    const controller = new AbortController()
    const work = async (): Promise<boolean | string> => {
      const id = encodeHex(random(16))
      const iat = Math.floor(now() / 1000)
      const claims = { aud: url, jti: id, iat, exp: iat + VALIDITY, ...subject }
      const body = await new CompactSign(utf8(JSON.stringify(claims)))
        .setProtectedHeader({ alg: ALGORITHM, typ: QUESTION })
        .sign(key)
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/jose', accept: 'application/jose' },
        body,
        redirect: 'manual',
        signal: controller.signal,
      })
      if (response.status !== 200) {
        await response.body?.cancel().catch(() => undefined)
        return `HTTP ${response.status}`
      }
      const text = await readText(response, MOST_READ)
      return text === undefined ? 'too_large' : ((await readAnswer(key, text, id)) ?? 'unsigned')
    }
    try {
      const answer = await withTimeLimit(
        work().catch(() => 'unreachable'),
        limit,
      )
      if (typeof answer === 'string') return fail(answer)
      breaker = afterSend(breaker, true, now())
      return done(answer)
    } finally {
      waiting -= 1
      controller.abort()
    }
  }

  return {
    url,
    ask: ({ login, realm }, password) => send({ login, realm, password }),
    async probe() {
      const answered = await send({})
      return answered.ok ? done(undefined) : answered
    },
  }
}

export const unavailable = (retryAfter = seconds(5)) => refuse({ reason: 'pin_check_unavailable', retryAfter })

/** Reads the answer to the question of this id; undefined for any other text. The algorithm is fixed. */
async function readAnswer(key: Uint8Array, text: string, id: string): Promise<boolean | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(text.trim(), key, { algorithms: [ALGORITHM] })
    if (protectedHeader.typ !== ANSWER) return undefined
    const claims = (readJson(new TextDecoder().decode(payload)) ?? {}) as Readonly<Record<string, unknown>>
    return claims['jti'] === id && typeof claims['valid'] === 'boolean' ? claims['valid'] : undefined
  } catch {
    return undefined
  }
}
