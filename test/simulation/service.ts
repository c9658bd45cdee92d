/** A service with a privacyIDEA plugin, and the script of its administrator, both as docs/protocol.md
 *  describes them. It shares no line with the server under test. The verbs throw, with what came, where a plugin would give up;
 *  `call` never judges. */
import { type Reply, fields, readReply, summary } from './reply.ts'

export type { Reply }

export type Form = Readonly<Record<string, string>>

/** A user by login, or in a realm, or a token by its serial. */
export type Subject = string | { readonly user: string; readonly realm?: string } | { readonly serial: string }

export interface ServiceOptions {
  /** Without a path: `http://127.0.0.1:8787`; or with one, as a plugin behind `/s/<key>` is given it. */
  readonly baseUrl: string
  readonly fetch?: (request: Request) => Promise<Response>
  /** Sent with every call, as a service key is. A JWT from `auth` is sent as the plugins send it: see `call`. */
  readonly authorization?: string
  readonly userAgent?: string
}

export interface Call {
  readonly form?: Form
  readonly json?: unknown
  /** As php-client posts (docs/protocol.md, "PHP client"). */
  readonly multipart?: Form
  readonly query?: Form
  readonly headers?: Form
}

/** A login the server opened. */
export interface Login {
  readonly transactionId: string
  readonly message: string
  readonly serials: readonly string[]
  /** The option to tap, shown at the login screen with number matching. */
  readonly presence: string | undefined
  readonly clientMode: string | undefined
  readonly reply: Reply
}

export class Service {
  readonly baseUrl: string
  /** The JWT of the last `auth`. */
  token: string | undefined
  readonly #options: ServiceOptions
  readonly #triggered = new Map<string, Form>()

  constructor(options: ServiceOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '')
    this.#options = options
  }

  /** Any call. The JWT goes, bare, with all but `/auth`, `/validate/check` and polltransaction: plugins send it with
   *  triggerchallenge and token calls only (docs/protocol.md, "Credentials"). */
  async call(method: string, path: string, { form, json, multipart, query, headers = {} }: Call = {}): Promise<Reply> {
    const { fetch = globalThis.fetch, authorization, userAgent = 'simulated-service/1.0' } = this.#options
    const sent = new Headers({ 'user-agent': userAgent })
    const anonymous = /^\/(auth|validate\/(check|radiuscheck|polltransaction))(\/|$)/.test(path)
    const authority = authorization ?? (anonymous ? undefined : this.token)
    if (authority !== undefined) sent.set('authorization', authority)
    if (json !== undefined) sent.set('content-type', 'application/json')
    if (form !== undefined) sent.set('content-type', 'application/x-www-form-urlencoded')
    for (const [name, value] of Object.entries(headers)) sent.set(name, value)

    const parameters = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
    const init: RequestInit = { method, headers: sent, redirect: 'manual' }
    if (json !== undefined) init.body = JSON.stringify(json)
    if (form !== undefined) init.body = new URLSearchParams(form).toString()
    if (multipart !== undefined) init.body = multipartOf(multipart)
    return readReply(await fetch(new Request(`${this.baseUrl}${path}${parameters}`, init)))
  }

  /** Sign in (docs/protocol.md, "Sign-in"); the JWT serves the calls that follow. */
  async auth(username: string, password: string): Promise<string> {
    const reply = await this.call('POST', '/auth', { form: { username, password } })
    const token = fields(reply.value)['token']
    if (typeof token !== 'string') throw new Error(`POST /auth: expected a token, got ${summary(reply)}`)
    this.token = token
    return token
  }

  /** Enroll a push token (docs/protocol.md, "Token init"). The detail: `serial`, `pushurl.value` is what the QR code says. */
  async init(parameters: Form): Promise<Reply['detail']> {
    const reply = await this.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...parameters } })
    if (reply.value !== true) throw new Error(`POST /token/init: expected value true, got ${summary(reply)}`)
    return reply.detail
  }

  /** Open a login without a PIN (docs/protocol.md, "Trigger"). */
  async trigger(who: Subject, extra: Form = {}): Promise<Login> {
    const form = { ...named(who), ...extra }
    return this.#opened('/validate/triggerchallenge', form, await this.triggerchallenge(form))
  }

  /** Open a login with the user's PIN (docs/protocol.md, "Check"). */
  async triggerWithPin(who: Subject, pin: string, extra: Form = {}): Promise<Login> {
    const form = { ...named(who), pass: pin, ...extra }
    return this.#opened('/validate/check', form, await this.check(form))
  }

  async triggerchallenge(form: Form): Promise<Reply> {
    return this.call('POST', '/validate/triggerchallenge', { form })
  }

  async check(form: Form): Promise<Reply> {
    return this.call('POST', '/validate/check', { form })
  }

  /** The transaction poll (docs/protocol.md, "Transaction poll"): `accept`, `declined`, `cancelled` or `pending`. */
  async status(transactionId: string): Promise<string> {
    const reply = await this.call('GET', '/validate/polltransaction', { query: { transaction_id: transactionId } })
    const status = reply.detail.challenge_status
    if (status === undefined) throw new Error(`GET /validate/polltransaction: no status in ${summary(reply)}`)
    return status
  }

  /** Finalize an accepted login (docs/protocol.md, "Finalize"); answers with `ACCEPT` or `REJECT`. Whom it is for need not be said of a
   *  login this service opened. A code from the phone goes in as `{ pass: code }`. */
  async finalize(transactionId: string, who?: Subject, extra: Form = {}): Promise<string> {
    const reply = await this.check(this.finalizeForm(transactionId, who, extra))
    if (reply.authentication === undefined) throw new Error(`finalize: expected an outcome, got ${summary(reply)}`)
    return reply.authentication
  }

  /** `pass` may be anything; plugins send it empty (docs/protocol.md, "Finalize"). */
  finalizeForm(transactionId: string, who?: Subject, extra: Form = {}): Form {
    const owner = who === undefined ? this.#triggered.get(transactionId) : named(who)
    if (owner === undefined) throw new Error(`finalize: say who ${transactionId} is for`)
    return { ...owner, pass: '', transaction_id: transactionId, ...extra }
  }

  /** Write a policy (docs/protocol.md, "Policy administration"); `action` as `{ push_wait: '20', push_require_presence: true }`. */
  async setPolicy(
    name: string,
    scope: string,
    action: Readonly<Record<string, string | true>>,
    extra: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const reply = await this.call('POST', `/policy/${name}`, { json: { scope, action, ...extra } })
    if (reply.status !== 200) throw new Error(`POST /policy/${name}: expected HTTP 200, got ${summary(reply)}`)
  }

  async deletePolicy(name: string): Promise<void> {
    const reply = await this.call('DELETE', `/policy/${name}`)
    if (reply.status !== 200) throw new Error(`DELETE /policy/${name}: expected HTTP 200, got ${summary(reply)}`)
  }

  async deleteToken(serial: string): Promise<void> {
    const reply = await this.call('DELETE', `/token/${serial}`)
    if (reply.status !== 200) throw new Error(`DELETE /token/${serial}: expected HTTP 200, got ${summary(reply)}`)
  }

  #opened(path: string, form: Form, reply: Reply): Login {
    const { detail } = reply
    const transactionId = detail.transaction_id
    if (reply.authentication !== 'CHALLENGE' || typeof transactionId !== 'string')
      throw new Error(`POST ${path}: expected CHALLENGE with a transaction_id, got ${summary(reply)}`)
    const owner = Object.entries(form).filter(([name]) => ['user', 'realm', 'resolver', 'serial'].includes(name))
    this.#triggered.set(transactionId, Object.fromEntries(owner))
    return {
      transactionId,
      message: detail.message ?? '',
      serials: detail.multi_challenge?.map(({ serial }) => serial) ?? [],
      presence: detail.presence_answer,
      clientMode: detail.client_mode,
      reply,
    }
  }
}

function named(who: Subject): Form {
  return typeof who === 'string' ? { user: who } : { ...who }
}

function multipartOf(form: Form): FormData {
  const parts = new FormData()
  for (const [name, value] of Object.entries(form)) parts.append(name, value)
  return parts
}
