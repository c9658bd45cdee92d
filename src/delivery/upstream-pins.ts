/** Has the server that users move here from check PINs and passwords. Source: docs/password-check.md; decision 0074. */
import { encodeHex, utf8 } from '../bytes.ts'
import type { PasswordCheck, PinChecks } from '../ports/pin-checks.ts'
import type { Upstream } from '../ports/upstream.ts'
import { done } from '../refusal.ts'
import { type Instant, type Random, seconds } from '../vocabulary.ts'
import { unavailable } from './password-check.ts'
import { readJson } from './post.ts'

/** How long all requests of one check may take, and each of them. */
const WHOLE = seconds(12)
const EACH = seconds(5)
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
/** privacyIDEA's and eduMFA's code for a wrong password at `/auth`. */
const WRONG_CREDENTIALS = 4031

interface UpstreamChecksOptions {
  readonly upstream: Upstream
  readonly now: () => Instant
  readonly random: Random
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void
}

interface Answer {
  readonly status: number
  readonly value: unknown
  readonly code: unknown
  readonly detail: Readonly<Record<string, unknown>>
}

/** Makes the check of PINs of imported tokens. If the old server checked the PIN of a push token directly, it would ring the phone. So this
 *  creates a token without an owner there, has the stored PIN copied to it, checks the PIN against that token, and deletes the token. */
export const importedPinCheck =
  ({ upstream, now, random, log }: UpstreamChecksOptions): NonNullable<PinChecks['imported']> =>
  async (serial, pin) => {
    const end = now() + WHOLE * 1000
    const ask = async (method: string, target: string, fields: Form = {}): Promise<Answer | undefined> => {
      const left = Math.min(EACH, (end - now()) / 1000)
      if (left <= 0) return undefined
      const reply = await upstream.askAsAccount(formRequest(method, target, fields), seconds(left), true)
      return reply.ok ? readAnswer(reply.value.status, reply.value.text) : undefined
    }
    // Until the PIN is copied, the token has a random PIN.
    const unknown = `Aa1-${encodeHex(random(12))}`
    const made = await ask('POST', '/token/init', { type: 'spass', pin: unknown, description: 'Nod: check of a PIN' })
    const copy = made?.status === 200 && made.value === true ? made.detail['serial'] : undefined
    if (typeof copy !== 'string') return unavailable()
    try {
      const copied = await ask('POST', '/token/copypin', { from: serial, to: copy })
      if (copied?.status !== 200 || (copied.value !== true && copied.value !== 1)) return unavailable()
      const checked = await ask('POST', '/validate/check', { serial: copy, pass: pin })
      if (checked?.status !== 200 || typeof checked.value !== 'boolean') return unavailable()
      if (!checked.value) return done(false)
      return checked.detail['serial'] === copy ? done(true) : unavailable()
    } finally {
      const path = `/token/${encodeURIComponent(copy)}`
      const deleted = await upstream.askAsAccount(formRequest('DELETE', path, {}), EACH, true)
      if (!deleted.ok || deleted.value.status !== 200) log('upstream_token_left', { serial: copy })
    }
  }

/** Makes the check of passwords that the old server's resolvers know, by its `/auth`. */
export function upstreamPasswordCheck({ upstream }: Pick<UpstreamChecksOptions, 'upstream'>): PasswordCheck {
  return {
    url: upstream.url,
    async ask({ login, realm }, password) {
      const reply = await upstream.ask(formRequest('POST', '/auth', { username: login, realm, password }), EACH)
      if (!reply.ok) return unavailable()
      const { status, value, code } = readAnswer(reply.value.status, reply.value.text)
      if (status === 401 && code === WRONG_CREDENTIALS) return done(false)
      const session = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
      const isTheirs = isSame(session['username'], login) && isSame(session['realm'], realm)
      const isSignedIn = status === 200 && typeof session['token'] === 'string' && session['role'] === 'user'
      return isSignedIn && isTheirs ? done(true) : unavailable()
    },
    async probe() {
      const target = '/validate/polltransaction?transaction_id=0'
      const reply = await upstream.ask({ method: 'GET', target, headers: { accept: 'application/json' } }, EACH)
      return reply.ok && reply.value.status === 200 ? done(undefined) : unavailable()
    },
  }
}

type Form = Readonly<Record<string, string>>

const formRequest = (method: string, target: string, fields: Form) => ({
  method,
  target,
  headers: FORM,
  ...(Object.keys(fields).length === 0 ? {} : { body: utf8(new URLSearchParams(fields).toString()) }),
})

function readAnswer(status: number, text: string): Answer {
  const { result, detail } = (readJson(text) ?? {}) as {
    readonly result?: { readonly value?: unknown; readonly error?: { readonly code?: unknown } }
    readonly detail?: Readonly<Record<string, unknown>>
  }
  return { status, value: result?.value, code: result?.error?.code, detail: detail ?? {} }
}

const isSame = (one: unknown, other: string): boolean =>
  typeof one === 'string' && one.toLowerCase() === other.toLowerCase()
