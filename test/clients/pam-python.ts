/** pam_python's module 2.15, the one in Python (docs/protocol.md, "PAM"): no polling; the HTTP status is ignored, the body read. */
import type { Conversation } from './privacyidea-pam.ts'
import { byteLength, exchange, host, target } from './raw-http.ts'

export interface PamPythonOptions {
  readonly url: string
  readonly realm?: string
  readonly prompt?: string
}

export type PamResult = 'PAM_SUCCESS' | 'PAM_AUTH_ERR' | 'PAM_SYSTEM_ERR'

type Json = Readonly<Record<string, unknown>>

export class PamPython {
  readonly #options: PamPythonOptions

  constructor(options: PamPythonOptions) {
    this.#options = options
  }

  async authenticate({ user, ask }: Conversation): Promise<PamResult> {
    const { prompt = 'Your OTP:' } = this.#options
    const asked = async (message: string): Promise<string> => {
      if (ask === undefined) throw new Error(`nobody answers the prompt "${message}"`)
      return ask(message)
    }
    try {
      return await this.#authenticated(user, await asked(`${prompt} `), asked)
    } catch (error) {
      // Any exception is logged and is a refusal; what a test does wrong is not.
      if (error instanceof TypeError || error instanceof SyntaxError) return 'PAM_AUTH_ERR'
      throw error
    }
  }

  async #authenticated(user: string, pass: string, asked: (message: string) => Promise<string>): Promise<PamResult> {
    const { result, detail } = await this.#post([
      ['user', user],
      ['pass', pass],
    ])
    if (!isTrue(result['status'])) return refused(result)
    if (isTrue(result['value'])) return 'PAM_SUCCESS'
    const transactionId = detail['transaction_id']
    if (!isTrue(transactionId)) return 'PAM_AUTH_ERR'
    const { message } = detail
    if (typeof message !== 'string') throw new TypeError(`${JSON.stringify(message)} has no attribute 'encode'`)
    const used = await this.#post([
      ['user', user],
      ['transaction_id', String(transactionId)],
      ['pass', await asked(message)],
    ])
    if (!isTrue(used.result['status'])) return refused(used.result)
    return isTrue(used.result['value']) ? 'PAM_SUCCESS' : 'PAM_AUTH_ERR'
  }

  async #post(params: readonly (readonly [string, string])[]): Promise<{ result: Json; detail: Json }> {
    const { url, realm = '' } = this.#options
    const given = realm === '' ? params : [...params, ['realm', realm] as const]
    const body = given.map(([name, value]) => `${name}=${quoted(value)}`).join('&')
    const head = [
      `POST ${target(url)}/validate/check HTTP/1.1`,
      `Host: ${host(url)}`,
      'user-agent: PAM/2.15.0',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
      `Content-Length: ${byteLength(body)}`,
      'Content-Type: application/x-www-form-urlencoded',
    ]
    const answer = await exchange(url, head, body)
    const { result, detail } = JSON.parse(answer.body) as { result: Json; detail?: Json | null }
    return { result, detail: detail ?? {} }
  }
}

/** An error is logged by its message, and leaves what the module began with. */
function refused(result: Json): PamResult {
  const { message } = result['error'] as Json
  if (message === undefined) throw new TypeError('no message')
  return 'PAM_SYSTEM_ERR'
}

const isTrue = (value: unknown): boolean => Boolean(value)

/** Python's quote_plus. */
const quoted = (value: string): string =>
  encodeURIComponent(value)
    .replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
