/** Keycloak with the privacyIDEA provider 1.8.0 on java-client 1.5.1 (docs/protocol.md, "Java client and Keycloak"): each value is percent-encoded twice,
 *  once by the client and once by the HTTP library. */
import { sleep } from '../driver/waiting.ts'
import { type JavaAnswer, readAuthAnswer, readJavaAnswer } from './java-answer.ts'
import { byteLength, exchange, host, target } from './raw-http.ts'

type Form = readonly (readonly [string, string])[]

export interface KeycloakOptions {
  readonly url: string
  readonly serviceAccount?: { readonly login: string; readonly password: string }
  readonly realm?: string
  /** Of the service account; that of the users unless set. */
  readonly serviceRealm?: string
  /** "poll in browser": the origin of the login page, which polls by itself. */
  readonly pageOrigin?: string
  readonly acceptLanguage?: string
  /** Seconds between the page's reloads; the last is repeated. */
  readonly reloads?: readonly number[]
}

/** How a login ends for the user. */
export type LoginResult = 'logged in' | 'declined' | 'still waiting' | `error: ${string}`

/** The provider goes on without a challenge: its page asks for an OTP. */
class NoServiceAccount extends Error {}

const AGENT = 'privacyIDEA-Keycloak/1.8.0 Keycloak/26.4.0'
const TIMEOUT = 10_000
const RELOADS = [4, 3, 2]
const BROWSER_POLL = 300

export class Keycloak {
  readonly #options: KeycloakOptions
  #jwt: { readonly token: string; readonly expiresAt: number } | undefined

  constructor(options: KeycloakOptions) {
    this.#options = options
  }

  /** At start-up, and again 60 s before it ends. */
  async authToken(): Promise<string> {
    if (this.#jwt !== undefined && this.#jwt.expiresAt - 60 > Date.now() / 1000) return this.#jwt.token
    const { login = '', password = '' } = this.#options.serviceAccount ?? {}
    const { realm = '', serviceRealm = realm } = this.#options
    const form: [string, string][] = [
      ['username', login],
      ['password', password],
    ]
    if (serviceRealm !== '') form.push(['realm', serviceRealm])
    this.#jwt = readAuthAnswer((await this.#post('/auth', form, [])).body)
    return this.#jwt.token
  }

  /** Asks nothing without a service account, whatever the server would say. */
  async triggerChallenges(user: string): Promise<JavaAnswer> {
    if (this.#options.serviceAccount === undefined) throw new NoServiceAccount()
    const headers = [`Authorization: ${await this.authToken()}`, ...this.#forwarded()]
    const { body } = await this.#post('/validate/triggerchallenge', this.#inRealm([['user', user]]), headers)
    return readJavaAnswer(body)
  }

  async validateCheck(user: string, pass: string, transactionId = ''): Promise<JavaAnswer> {
    const form = this.#inRealm([
      ['user', user],
      ['pass', pass],
    ])
    if (transactionId !== '') form.push(['transaction_id', transactionId])
    return readJavaAnswer((await this.#post('/validate/check', form, this.#forwarded())).body)
  }

  async pollTransaction(transactionId: string): Promise<JavaAnswer['challengeStatus']> {
    const { url } = this.#options
    const path = `${target(url)}/validate/polltransaction?transaction_id=${twice(transactionId)}`
    const head = [`GET ${path} HTTP/1.1`, `User-Agent: ${AGENT}`, ...tail(url)]
    return readJavaAnswer((await exchange(url, head, '', TIMEOUT)).body).challengeStatus
  }

  /** A whole login, with the user's PIN or by the service account, until it is decided or `seconds` are over. */
  async login(user: string, { pin, seconds = 20 }: { pin?: string; seconds?: number } = {}): Promise<LoginResult> {
    const opened = pin === undefined ? await this.triggerChallenges(user) : await this.validateCheck(user, pin)
    if (isSuccess(opened)) return 'logged in'
    if (opened.error !== undefined) return `error: ${opened.error.message}`
    const push = opened.challenges.find(({ type, clientMode }) => type === 'push' && clientMode === 'poll')
    if (push === undefined) return `error: ${opened.message}`
    if (push.image !== '') return 'error: the page shows an enrollment'
    const { pageOrigin } = this.#options
    const until = Date.now() + seconds * 1000
    if (pageOrigin === undefined) return this.#reloads(user, opened.transactionId, until)
    return this.#pollsInBrowser(user, opened.transactionId, until)
  }

  async #reloads(user: string, transactionId: string, until: number): Promise<LoginResult> {
    const { reloads = RELOADS } = this.#options
    for (let turn = 0; Date.now() < until; turn++) {
      await sleep((reloads[turn] ?? reloads.at(-1) ?? 2) * 1000)
      const status = await this.pollTransaction(transactionId)
      if (status === 'accept') return this.#finalized(user, transactionId)
      if (status === 'declined') return 'declined'
      if (status !== 'pending') return 'error: push failed'
    }
    return 'still waiting'
  }

  /** The page's worker fetches across origins: a browser shows it the answer only if that origin is allowed. */
  async #pollsInBrowser(user: string, transactionId: string, until: number): Promise<LoginResult> {
    const { url, pageOrigin = '' } = this.#options
    while (Date.now() < until) {
      await sleep(BROWSER_POLL)
      const path = `${target(url)}/validate/polltransaction?transaction_id=${transactionId}`
      const browser = ['Connection: keep-alive', 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0)', 'Accept: */*']
      const head = [`GET ${path} HTTP/1.1`, `Host: ${host(url)}`, ...browser, `Origin: ${pageOrigin}`]
      const answer = await exchange(url, head)
      const allowed = answer.headers['access-control-allow-origin']
      if (allowed !== '*' && allowed !== pageOrigin) return 'error: NetworkError when attempting to fetch resource.'
      if (answer.status < 200 || answer.status > 299) return `error: ${answer.reason}`
      const { detail } = JSON.parse(answer.body) as { detail: { challenge_status?: unknown } }
      if (detail.challenge_status === 'accept') return this.#finalized(user, transactionId)
      if (detail.challenge_status === 'declined') return 'declined'
    }
    return 'still waiting'
  }

  async #finalized(user: string, transactionId: string): Promise<LoginResult> {
    const used = await this.validateCheck(user, '', transactionId)
    return isSuccess(used) ? 'logged in' : `error: ${used.error?.message ?? used.message}`
  }

  #inRealm(form: Form): [string, string][] {
    const { realm = '' } = this.#options
    const filled = form.map(([name, value]): [string, string] => [name, value])
    return realm === '' ? filled : [...filled, ['realm', realm]]
  }

  #forwarded(): string[] {
    return [`accept-language: ${this.#options.acceptLanguage ?? 'en-US,en;q=0.5'}`]
  }

  async #post(path: string, form: Form, headers: readonly string[]) {
    const { url } = this.#options
    const body = form.map(([name, value]) => `${name}=${twice(value)}`).join('&')
    const head = [
      `POST ${target(url)}${path} HTTP/1.1`,
      ...headers.filter((header) => header.startsWith('Authorization')),
      `User-Agent: ${AGENT}`,
      ...headers.filter((header) => !header.startsWith('Authorization')),
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${byteLength(body)}`,
      ...tail(url),
    ]
    return exchange(url, head, body, TIMEOUT)
  }
}

/** A success: ACCEPT or `value`, and no `multi_challenge`. Source: docs/protocol.md, "Java client and Keycloak". */
const isSuccess = ({ authentication, value, challenges }: JavaAnswer): boolean =>
  (authentication === 'ACCEPT' || value) && challenges.length === 0

const tail = (url: string): string[] => [`Host: ${host(url)}`, 'Connection: Keep-Alive', 'Accept-Encoding: gzip']

/** Java's URLEncoder, then the library: of what the first leaves, the second changes `%` and `+`. */
function twice(value: string): string {
  const once = encodeURIComponent(value)
    .replaceAll(/[!'()~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
  return once.replaceAll('%', '%25').replaceAll('+', '%2B')
}
