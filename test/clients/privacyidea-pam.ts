/** privacyidea-pam 1.1.0, the module in C++ (docs/protocol.md, "PAM"): a sorted map of parameters, encoded once; whatever is of
 *  another type than it expects ends the process. */
import { sleep } from '../driver/waiting.ts'
import { byteLength, exchange, host, target, Unreachable } from './raw-http.ts'

export interface PamOptions {
  readonly url: string
  readonly realm?: string
  /** What is sent first; without it the user is asked first. */
  readonly first?: 'sendPassword' | 'sendEmptyPass'
  /** Seconds. */
  readonly pollTime?: number
  readonly prompt?: string
}

export interface Conversation {
  readonly user: string
  readonly password?: string
  /** The user types an answer to a prompt. */
  readonly ask?: (prompt: string) => Promise<string> | string
}

/** An exception that the module does not catch: the process ends. */
export class Terminated extends Error {}

interface PamAnswer {
  success: boolean
  errorMessage: string
  message: string
  transactionId: string
  isPushTriggered: boolean
  asksForOtp: boolean
}

const nothing = (): PamAnswer => ({
  success: false,
  errorMessage: '',
  message: '',
  transactionId: '',
  isPushTriggered: false,
  asksForOtp: false,
})

export class PrivacyideaPam {
  readonly #options: PamOptions
  /** How many times it polled the transaction. */
  polls = 0

  constructor(options: PamOptions) {
    this.#options = options
  }

  async authenticate({ user, password = '', ask }: Conversation): Promise<'PAM_SUCCESS' | 'PAM_AUTH_ERR'> {
    const { first, pollTime = 0, prompt: configured = 'Please enter your OTP:' } = this.#options
    let before = nothing()
    if (first === undefined) before.asksForOtp = true
    else before = await this.#check(user, first === 'sendPassword' ? password : '', '')
    if (before.success) return 'PAM_SUCCESS'

    let prompt = configured
    for (;;) {
      if (before.message !== '') prompt = before.message
      let typed = ''
      if (before.asksForOtp) {
        if (ask === undefined) throw new Error(`nobody answers the prompt "${prompt}"`)
        typed = await ask(prompt)
      }
      let answer = nothing()
      let isFinalized = false
      if (before.isPushTriggered) {
        let left = pollTime === 0 || before.asksForOtp ? 0 : pollTime * 2
        do {
          await sleep(500)
          if (await this.#poll(before.transactionId)) {
            answer = await this.#check(user, '', before.transactionId)
            isFinalized = true
            break
          }
          left--
        } while (left > 0)
      }
      if (!isFinalized && before.asksForOtp) answer = await this.#check(user, typed, before.transactionId)
      if (answer.errorMessage !== '') return 'PAM_AUTH_ERR'
      if (answer.transactionId === '') return answer.success ? 'PAM_SUCCESS' : 'PAM_AUTH_ERR'
      before = answer
    }
  }

  async #check(user: string, pass: string, transactionId: string): Promise<PamAnswer> {
    const { url, realm = '' } = this.#options
    const params = { pass, realm, transaction_id: transactionId, user }
    const given = Object.entries(params).filter(([name, value]) => value !== '' || name === 'pass' || name === 'user')
    const body = encoded(given)
    const head = [
      `POST ${target(url)}/validate/check HTTP/1.1`,
      ...this.#head(),
      `Content-Length: ${byteLength(body)}`,
      'Content-Type: application/x-www-form-urlencoded',
    ]
    return this.#answer(head, body)
  }

  async #poll(transactionId: string): Promise<boolean> {
    this.polls++
    const path = `${target(this.#options.url)}/validate/polltransaction?${encoded([['transaction_id', transactionId]])}`
    return (await this.#answer([`GET ${path} HTTP/1.1`, ...this.#head()], '')).success
  }

  #head(): string[] {
    return [`Host: ${host(this.#options.url)}`, 'Accept: */*', 'User-Agent: PAM/1.1.0']
  }

  async #answer(head: readonly string[], body: string): Promise<PamAnswer> {
    try {
      return parsed((await exchange(this.#options.url, head, body)).body)
    } catch (error) {
      if (error instanceof Unreachable) return nothing()
      throw error
    }
  }
}

type Json = Readonly<Record<string, unknown>>

function parsed(text: string): PamAnswer {
  const answer = nothing()
  let root: { result?: Json; detail?: Json | null }
  try {
    root = JSON.parse(text) as { result?: Json; detail?: Json | null }
  } catch {
    return answer
  }
  const { result = {}, detail } = root
  if ('value' in result) answer.success = as(result['value'], 'boolean', 'result.value')
  if ('error' in result) {
    const { message, code } = result['error'] as Json
    answer.errorMessage = as(message, 'string', 'error.message')
    as(code, 'number', 'error.code')
  }
  // Of null, `contains` is false.
  const of = detail ?? {}
  if ('message' in of) answer.message = as(of['message'], 'string', 'detail.message')
  if ('transaction_id' in of) answer.transactionId = as(of['transaction_id'], 'string', 'detail.transaction_id')
  const challenges = Array.isArray(of['multi_challenge']) ? (of['multi_challenge'] as readonly Json[]) : []
  for (const { type, client_mode: mode } of challenges)
    if (type === 'push' && mode !== 'interactive') answer.isPushTriggered = true
    else answer.asksForOtp = true
  if (!answer.isPushTriggered) answer.asksForOtp = true
  return answer
}

function as<T extends 'boolean' | 'string' | 'number'>(value: unknown, type: T, name: string) {
  if (typeof value !== type) throw new Terminated(`${name} must be ${type}, but is ${JSON.stringify(value)}`)
  return value as T extends 'boolean' ? boolean : T extends 'string' ? string : number
}

/** All but letters, digits and `-_.~`, in upper-case hex. */
const encoded = (params: readonly (readonly [string, string])[]): string =>
  params
    .map(([name, value]) => {
      const escaped = encodeURIComponent(value).replaceAll(
        /[!'()*]/g,
        (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
      )
      return `${name}=${escaped}`
    })
    .join('&')
