/** php-client 2 as simpleSAMLphp, ownCloud and others carry it (docs/protocol.md, "PHP client"): posts are multipart, a GET ends in `&`, and
 *  what an answer holds goes into typed properties, where a wrong type is the end of the login. */
import { randomBytes } from 'node:crypto'
import { byteLength, exchange, host, target } from './raw-http.ts'

export interface PhpOptions {
  readonly url: string
  readonly userAgent?: string
  readonly realm?: string
  readonly serviceAccount?: { readonly login: string; readonly password: string }
}

export interface PhpChallenge {
  readonly transactionId: string
  readonly message: string
  readonly serial: string
  readonly type: string
  readonly image: string
  readonly attributes: string
  readonly clientMode: string
}

export interface PhpAnswer {
  readonly error: { readonly code: string; readonly message: string } | undefined
  readonly status: boolean
  readonly value: boolean
  readonly authentication: string
  readonly message: string
  readonly messages: string
  readonly transactionId: string
  readonly preferredMode: string
  readonly challenges: readonly PhpChallenge[]
}

type Json = Readonly<Record<string, unknown>>
type Params = readonly (readonly [string, string])[]

/** PHP's TypeError. */
export class PhpTypeError extends Error {}

export class PhpClient {
  readonly #options: PhpOptions

  constructor(options: PhpOptions) {
    this.#options = options
  }

  async validateCheck(user: string, pass: string, transactionId = ''): Promise<PhpAnswer> {
    const params: [string, string][] = [
      ['user', user],
      ['pass', pass],
    ]
    if (transactionId !== '') params.push(['transaction_id', transactionId])
    return readAnswer(await this.#post('/validate/check', this.#inRealm(params)))
  }

  async triggerChallenge(user: string): Promise<PhpAnswer> {
    const token = await this.authToken()
    const params = this.#inRealm([['user', user]])
    return readAnswer(await this.#post('/validate/triggerchallenge', params, [`authorization:${token}`]))
  }

  /** Declared to return a bool. */
  async pollTransaction(transactionId: string): Promise<boolean> {
    const { url } = this.#options
    const path = `${target(url)}/validate/polltransaction?transaction_id=${transactionId}&`
    const answer = await exchange(url, [`GET ${path} HTTP/1.1`, ...this.#head()])
    const { result } = JSON.parse(answer.body) as { result: Json }
    const { value } = result
    if (value === null || value === undefined || typeof value === 'object')
      throw new PhpTypeError(`pollTransaction(): Return value must be of type bool, ${JSON.stringify(value)} returned`)
    return Boolean(value)
  }

  /** Before every trigger; empty unless the first `role` in the whole body is `admin`. */
  async authToken(): Promise<string> {
    const { login = '', password = '' } = this.#options.serviceAccount ?? {}
    const body: unknown = JSON.parse(
      await this.#post('/auth', [
        ['username', login],
        ['password', password],
      ]),
    )
    const { value } = (body as { result: { value?: { token?: string } } }).result
    return value?.token !== undefined && firstRole(body) === 'admin' ? value.token : ''
  }

  #inRealm(params: Params): Params {
    const { realm = '' } = this.#options
    return realm === '' ? params : [...params, ['realm', realm]]
  }

  #head(): string[] {
    const { url, userAgent = 'simpleSAMLphp/4.2.0' } = this.#options
    return [`Host: ${host(url)}`, `User-Agent: ${userAgent}`, 'Accept: */*']
  }

  async #post(path: string, params: Params, headers: readonly string[] = []): Promise<string> {
    const boundary = `------------------------${randomBytes(11).toString('hex')}`
    const parts = params.map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const body = `${parts.join('')}--${boundary}--\r\n`
    const { url } = this.#options
    const head = [
      `POST ${target(url)}${path} HTTP/1.1`,
      ...this.#head(),
      ...headers,
      `Content-Length: ${byteLength(body)}`,
      `Content-Type: multipart/form-data; boundary=${boundary}`,
    ]
    return (await exchange(url, head, body)).body
  }
}

function firstRole(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'role') return inner
    const found = firstRole(inner)
    if (found !== undefined) return found
  }
  return undefined
}

function readAnswer(text: string): PhpAnswer {
  const { result, detail } = JSON.parse(text) as { result: Json; detail?: Json | null }
  const of: Json = detail ?? {}
  const preferred = isset(of, 'preferred_client_mode') ? typed(of, 'preferred_client_mode') : ''
  const blank = { status: false, value: false, authentication: '', message: '', messages: '', transactionId: '' }
  // "php-client decides "error" solely by absence (or null) of `result.value`."
  if (!isset(result, 'value')) {
    const { code, message } = result['error'] as Json
    return { ...blank, error: { code: String(code), message: String(message) }, preferredMode: '', challenges: [] }
  }
  const entries = isset(of, 'multi_challenge') ? (of['multi_challenge'] as readonly Json[]) : []
  const known = ['CHALLENGE', 'ACCEPT', 'REJECT'].find((one) => one === result['authentication'])
  return {
    error: undefined,
    status: Boolean(result['status']),
    value: Boolean(result['value']),
    authentication: known ?? 'NONE',
    message: isset(of, 'message') ? typed(of, 'message') : '',
    messages: isset(of, 'messages') ? [...new Set(of['messages'] as readonly string[])].join(', ') : '',
    transactionId: isset(of, 'transaction_id') ? typed(of, 'transaction_id') : '',
    preferredMode: { poll: 'push', interactive: 'otp' }[preferred] ?? preferred,
    challenges: entries.map((entry) => ({
      transactionId: typed(entry, 'transaction_id'),
      message: typed(entry, 'message'),
      serial: typed(entry, 'serial'),
      type: typed(entry, 'type'),
      image: isset(entry, 'image') ? typed(entry, 'image') : '',
      attributes: isset(entry, 'attributes') ? typed(entry, 'attributes') : '',
      clientMode: isset(entry, 'client_mode') ? typed(entry, 'client_mode') : '',
    })),
  }
}

const isset = (from: Json, name: string): boolean => from[name] !== undefined && from[name] !== null

/** A property declared a string: numbers become text, anything else does not fit. */
function typed(from: Json, name: string): string {
  const value = from[name]
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new PhpTypeError(`Cannot assign ${JSON.stringify(value)} to property $${name} of type string`)
}
