import { compare, type Difference } from './compare.ts'
import type { CapturedMessage } from './google.ts'
import { learn, type RepeatedValue } from './learn.ts'
import { promptFaults } from './prompt.ts'
import { at, type Exchange, type Json, type RecordedMessage, type Recording } from './recording.ts'
import type { Run } from './run.ts'

/** The messages that an exchange makes the server send to Google. */

/** The recorded messages of each exchange. A message names the label of its exchange only: where several exchanges have
 *  that label, each takes as many as it has challenges. */
export function messagesByExchange({ exchanges, fcm }: Recording): readonly (readonly RecordedMessage[])[] {
  const left = [...fcm]
  return exchanges.map((exchange) => {
    const isUnique = exchanges.filter((other) => other.label === exchange.label).length === 1
    const limit = isUnique ? Infinity : challengesIn(exchange)
    const caused = left.filter((message) => isCausedBy(message, exchange)).slice(0, limit)
    for (const message of caused) left.splice(left.indexOf(message), 1)
    return firstTries(caused)
  })
}

const isCausedBy = ({ captured_after_exchange: cause }: RecordedMessage, { label }: Exchange): boolean =>
  cause === label || cause === `during: ${label}`

function challengesIn(exchange: Exchange): number {
  const challenges = at(exchange.response.json, 'detail', 'multi_challenge')
  return Array.isArray(challenges) ? Math.max(1, challenges.length) : 1
}

/** The first message of each nonce that is not in `seen`. Further ones with that nonce are further tries. */
export function firstTries<Message extends { readonly body: Json }>(
  messages: readonly Message[],
  seen: ReadonlySet<Json> = new Set(),
): Message[] {
  const fresh = messages.filter((message) => !seen.has(nonceOf(message)))
  return fresh.filter((message, index) => fresh.findIndex((other) => nonceOf(other) === nonceOf(message)) === index)
}

export const nonceOf = (message: { readonly body: Json }): Json => at(message.body, 'message', 'data', 'nonce') ?? null

const serialIn = (message: { readonly body: Json }): Json | undefined => at(message.body, 'message', 'data', 'serial')

/** Live messages in the order of the recorded ones. Messages of one request to several phones arrive in any order. */
function pairedWith(
  recorded: readonly RecordedMessage[],
  live: readonly CapturedMessage[],
): (CapturedMessage | undefined)[] {
  const left = [...live]
  const partners = recorded.map((message) => {
    const index = left.findIndex((candidate) => serialIn(candidate) === serialIn(message))
    return index < 0 ? undefined : left.splice(index, 1)[0]
  })
  return [...partners, ...left]
}

export interface CaptureResult {
  readonly differences: Difference[]
  readonly repeats: RepeatedValue[]
}

export function judgeMessages(
  run: Run,
  recorded: readonly RecordedMessage[],
  live: readonly CapturedMessage[],
): CaptureResult {
  const partners = pairedWith(recorded, live)
  const repeats = partners.flatMap((message, index) =>
    learn(run, bodyOf(recorded[index]), bodyOf(message), ['fcm', index, 'body']),
  )
  for (const message of live) rememberNonce(run, at(message.body, 'message', 'data'))
  const differences = partners.flatMap((message, index) => judgeMessage(run, recorded[index], message, index))
  return { differences, repeats }
}

const bodyOf = (message: { readonly body: Json } | undefined): Json | undefined => message?.body

function judgeMessage(
  run: Run,
  recorded: RecordedMessage | undefined,
  live: CapturedMessage | undefined,
  index: number,
): Difference[] {
  const path = ['fcm', index]
  if (!recorded || !live) return [{ path, expected: bodyOf(recorded), got: bodyOf(live) }]
  const frame = { path: recorded.path, authorization: 'Bearer …' }
  const liveFrame = { path: live.path, authorization: live.authorization.replace(/^Bearer .+$/, 'Bearer …') }
  return [
    ...compare(run, frame, liveFrame, path),
    ...compare(run, recorded.body, live.body, [...path, 'body']),
    ...promptFaults(at(live.body, 'message', 'data'), run.serverKeys, [...path, 'body', 'message', 'data']),
  ]
}

/** Keeps the nonce of a prompt, which the app names in its answer unless the recording has another one. */
export function rememberNonce(run: Run, prompt: Json | undefined): void {
  const [serial, nonce] = [at(prompt, 'serial'), at(prompt, 'nonce')]
  if (typeof serial === 'string' && typeof nonce === 'string') run.newestNonce.set(serial, nonce)
}
