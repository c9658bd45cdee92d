import { comparableAnswers } from './unordered-answers.ts'
import { rememberNonce } from './fcm-messages.ts'
import { compare, type Difference } from './compare.ts'
import type { HttpResponse } from './http.ts'
import { learn, type RepeatedValue } from './learn.ts'
import { promptFaults } from './prompt.ts'
import { at, type Exchange, type Json, parametersOf } from './recording.ts'
import type { Run } from './run.ts'

/** Compares a live answer with the recorded one. */

const JSON_PATH = ['json']

export function judgeAnswer(run: Run, exchange: Exchange, live: HttpResponse): Difference[] {
  rememberServerKey(run, exchange, live)
  const repeats = learn(run, exchange.response.json, live.json, JSON_PATH)
  return [
    ...judgeFrame(run, exchange, live),
    ...judgeBody(run, exchange, live),
    ...repeats.map(repeatFault),
    ...judgePrompts(run, exchange, live),
  ]
}

/** A value that was new in the recording and is an earlier one here. */
export const repeatFault = ({ path, live, earlier }: RepeatedValue): Difference => ({
  path,
  expected: `another value than that for ${earlier}`,
  got: live,
})

function rememberServerKey(run: Run, exchange: Exchange, live: HttpResponse): void {
  const [serial, key] = [parametersOf(exchange.request)['serial'], at(live.json, 'detail', 'public_key')]
  if (typeof serial === 'string' && typeof key === 'string') run.serverKeys.set(serial, key)
}

function judgeFrame(run: Run, exchange: Exchange, live: HttpResponse): Difference[] {
  const { status, content_type: contentType = '', headers = {} } = exchange.response
  const liveHeaders = Object.fromEntries(Object.keys(headers).map((name) => [name, live.headers.get(name)]))
  return [
    ...compare(run, status, live.status, ['status']),
    ...compare(run, contentType.split(';')[0], live.mediaType, ['content_type']),
    ...Object.entries(headers).flatMap(([name, value]) =>
      compare(run, comparableHeader(name, value), comparableHeader(name, liveHeaders[name]), ['headers', name]),
    ),
  ]
}

/** The header as it is compared. Allow is a set; HEAD, OPTIONS and the order are the framework's. */
function comparableHeader(name: string, value: string | null | undefined): Json {
  if (name !== 'Allow' || !value) return value ?? null
  const methods = value.split(',').map((method) => method.trim())
  return methods.filter((method) => method !== 'HEAD' && method !== 'OPTIONS').toSorted()
}

function judgeBody(run: Run, exchange: Exchange, live: HttpResponse): Difference[] {
  const { json, text } = exchange.response
  if (json !== undefined || live.json !== undefined)
    return compare(run, ...comparableAnswers(exchange, live.json), JSON_PATH)
  return compare(run, text ?? '', live.text ?? '', ['text'])
}

/** Verifies the prompts of a phone poll, which are the same as those of a push. */
function judgePrompts(run: Run, exchange: Exchange, live: HttpResponse): Difference[] {
  const isPhonePoll = exchange.request.method === 'GET' && exchange.request.path === '/ttype/push'
  const value = at(live.json, 'result', 'value')
  if (!isPhonePoll || !Array.isArray(value)) return []
  return value.flatMap((prompt, index) => {
    rememberNonce(run, prompt)
    return promptFaults(prompt, run.serverKeys, [...JSON_PATH, 'result', 'value', index])
  })
}
