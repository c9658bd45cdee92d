import { decodeBase32 } from './base32.ts'
import { shiftedStamp } from './clock.ts'
import { userOf, liveAuthorization } from './credentials.ts'
import type { HttpRequest } from './http.ts'
import { signLike } from './phone-signature.ts'
import { type Exchange, isObject, type Json, parametersOf } from './recording.ts'
import type { Run } from './run.ts'

/** Builds the live request: the recorded one with the values of this run. */

export interface NoCredentials {
  readonly refused: string
}

/** A nonce that no server issued. */
const MADE_UP = 'A'.repeat(64)

export async function liveRequest(run: Run, index: number): Promise<HttpRequest | NoCredentials> {
  const exchange = run.recording.exchanges[index]
  if (!exchange) throw new Error(`no exchange ${index}`)
  const { request } = exchange
  const headers = await liveHeaders(run, exchange)
  if ('refused' in headers) return headers
  const values = liveValues(run, exchange, index)
  const fill = (recorded: Json): Json => (isObject(recorded) ? withLiveValues(recorded, values) : recorded)
  const body = withNonce(run, exchange, index, request.body === undefined ? null : fill(request.body))
  return {
    method: request.method,
    path: run.translation.text(request.path),
    headers: headers.headers,
    query: request.query ? withLiveValues(request.query, values) : {},
    bodyType: request.body_type ?? null,
    body: inNameOfUser(headers.inNameOf, body),
  }
}

const withLiveValues = (
  recorded: Readonly<Record<string, Json>>,
  values: Readonly<Record<string, Json>>,
): Record<string, Json> => Object.fromEntries(Object.keys(recorded).map((key) => [key, values[key] ?? null]))

interface Headers {
  readonly headers: Record<string, string>
  readonly inNameOf?: string
}

async function liveHeaders(run: Run, exchange: Exchange): Promise<Headers | NoCredentials> {
  const headers: Record<string, string> = { ...exchange.request.headers }
  for (const name of ['Authorization', 'PI-Authorization']) {
    const recorded = headers[name]
    if (recorded === undefined) continue
    const live = await liveAuthorization(run.service, recorded, exchange)
    if (live === undefined && run.isSentByAdministrator(exchange.label)) {
      return { headers: { ...headers, [name]: await run.service.adminToken() }, inNameOf: userOf(recorded) }
    }
    if (live === undefined) return { refused: `no API token for ${userOf(recorded)}` }
    headers[name] = live
  }
  return { headers }
}

const inNameOfUser = (user: string | undefined, body: Json): Json =>
  user !== undefined && isObject(body) ? { ...body, user } : body

const isPhoneRequest = (exchange: Exchange): boolean => exchange.request.path === '/ttype/push'

function liveValues(run: Run, exchange: Exchange, index: number): Record<string, Json> {
  const recorded = parametersOf(exchange.request)
  learnTimestamp(run, exchange, recorded['timestamp'])
  const values = Object.entries(recorded).map(([key, value]) => [key, liveValue(run, key, value)] as const)
  const signature = isPhoneRequest(exchange) ? liveSignature(run, index) : undefined
  return Object.fromEntries(signature === undefined ? values : [...values, ['signature', signature]])
}

function learnTimestamp({ translation }: Run, exchange: Exchange, recorded: Json | undefined): void {
  if (typeof recorded !== 'string') return
  const live = shiftedStamp(recorded, exchange, Date.now())
  if (live !== undefined) translation.learn('timestamp', recorded, live)
}

/** The password of the administrator in the recordings: shorter than one may be at Nod. */
const RECORDED_PASSWORD = 'adminpw'

/** Presence options and display codes are translated in the two fields that can hold one. */
const liveValue = ({ translation, service }: Run, key: string, value: Json): Json => {
  if (typeof value !== 'string') return value
  if (key === 'password' && value === RECORDED_PASSWORD) return service.administratorPassword
  return key === 'presence_answer' || key === 'pass' ? translation.short(value) : translation.text(value)
}

/** The parts of the signed text with the values of this run. */
function liveParts({ recording, translation }: Run, index: number, parts: readonly string[]): string[] {
  const exchange = recording.exchanges[index]
  const presence = exchange && parametersOf(exchange.request)['presence_answer']
  return parts.map((part) => (part === presence ? translation.short(part) : translation.text(part)))
}

function liveSignature(run: Run, index: number): string | undefined {
  const understood = run.signedTexts[index]
  return understood && signLike(understood, liveParts(run, index, understood.parts), run.recording.keys)
}

const RSA_2048 = 256

/** Whether a phone answers a prompt here: what it sends depends on the mode. */
export function isAnswer(exchange: Exchange): boolean {
  const parameters = parametersOf(exchange.request)
  const isSigned = 'signature' in parameters && !('new_fb_token' in parameters)
  return isPhoneRequest(exchange) && exchange.request.method === 'POST' && isSigned
}

/** Adds the nonce an app would name: the one it signed, or else the newest it was shown. */
function withNonce(run: Run, exchange: Exchange, index: number, body: Json): Json {
  const parameters = parametersOf(exchange.request)
  if (run.mode === 'without nonce' || !isAnswer(exchange) || !isObject(body)) return body
  const understood = run.signedTexts[index]
  const signed = understood && understood.parts.length > 1 ? liveParts(run, index, understood.parts)[0] : undefined
  const signature = typeof parameters['signature'] === 'string' ? parameters['signature'] : ''
  // A well-formed signature over an unknown text: the recorder made up the nonce.
  const isMadeUp = !understood && decodeBase32(signature)?.length === RSA_2048
  const newest = isMadeUp ? undefined : run.newestNonce.get(String(body['serial']))
  return { ...body, nonce: signed ?? newest ?? MADE_UP }
}
