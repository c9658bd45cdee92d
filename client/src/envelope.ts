import { done, type Failure, failed, type Outcome, reasonOf } from './outcome.ts'

type Fields = Readonly<Record<string, unknown>>

/** The parts of Nod's JSON frame that a caller reads. */
export interface Envelope {
  readonly value: unknown
  readonly detail: Fields
  /** The outcome of a login, on endpoints about logins. */
  readonly authentication: 'ACCEPT' | 'CHALLENGE' | 'REJECT' | 'DECLINED' | undefined
  /** Seconds, where a rejected login has to wait. */
  readonly retryAfter: number | undefined
}

/** Reads an answer in Nod's frame. */
export async function readEnvelope(response: Response): Promise<Outcome<Envelope>> {
  const body = jsonOf(await response.text())
  const result = fieldsOf(fieldsOf(body)['result'])
  if (!response.ok || result['status'] !== true) return failed(failureOf(response, body))
  return done({
    value: result['value'],
    detail: fieldsOf(fieldsOf(body)['detail']),
    authentication: result['authentication'] as Envelope['authentication'],
    retryAfter: retryAfterOf(response),
  })
}

/** Reads JSON without the frame. */
export async function readJson(response: Response): Promise<Outcome<unknown>> {
  const body = jsonOf(await response.text())
  return response.ok && body !== undefined ? done(body) : failed(failureOf(response, body))
}

/** Reads an answer that is no JSON. */
export async function readBlob(response: Response): Promise<Outcome<Blob>> {
  return response.ok ? done(await response.blob()) : failed(failureOf(response, jsonOf(await response.text())))
}

/** What a response without a value says. */
export function failureOf(response: Response, body: unknown): Failure {
  const { status } = response
  const error = fieldsOf(fieldsOf(fieldsOf(body)['result'])['error'])
  const { code, message } = error
  const text = typeof message === 'string' ? message : `HTTP ${status}`
  const retryAfter = retryAfterOf(response)
  const later = retryAfter === undefined ? {} : { retryAfter }
  // A fault of Nod's, a limit, or a gateway before it that has no answer of Nod's.
  if (status === 429 || (status >= 500 && status !== 501))
    return { kind: 'unavailable', status, message: text, ...later }
  if (typeof code !== 'number')
    return { kind: 'invalid_response', status, message: `HTTP ${status}, and no answer of Nod's` }
  const field = fieldOf(text)
  const about = field === undefined ? {} : { field }
  return { kind: 'refused', status, code, reason: reasonOf(code), message: text, ...about, ...later }
}

/** The parameter that a message of code 905 names. */
const fieldOf = (message: string): string | undefined =>
  /^ERR905: (?:Missing|Invalid|Unknown) parameter:? '?([\w.-]+)/.exec(message)?.[1]

function retryAfterOf({ headers }: Response): number | undefined {
  const text = headers.get('Retry-After') ?? ''
  return /^\d+$/.test(text) ? Number(text) : undefined
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
