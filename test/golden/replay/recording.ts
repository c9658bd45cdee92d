import { readFileSync } from 'node:fs'

/** A recording: requests to privacyIDEA and its answers, in one JSON file. */

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body_type?: 'form' | 'json' | 'raw' | null
  readonly body?: Json
}

export interface RecordedResponse {
  readonly status: number
  readonly content_type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: Json
  readonly text?: string
}

export interface Exchange {
  readonly label: string
  readonly request: RecordedRequest
  readonly response: RecordedResponse
  readonly elapsed_ms: number
  readonly note?: string
}

/** A step before an exchange that was not recorded itself. One of the optional members is set. */
export interface SetupStep {
  readonly before_exchange: number
  readonly set_policy?: JsonObject
  readonly delete_policy?: string
  readonly set_system_config?: JsonObject
  readonly step?: string
}

export interface EnrolledBeforehand {
  readonly serial: string
  readonly user: string | null
  readonly realm: string | null
  readonly pin: string | null
  readonly phone: string
  readonly fbtoken: string
  readonly enrolled: boolean
  readonly enrollment_credential: string
  readonly server_public_key?: string
}

export interface RecordedMessage {
  readonly path: string
  readonly body: Json
  readonly authorization: string
  readonly answered: string | number
  readonly captured_after_exchange: string
}

export interface Recording {
  readonly file: string
  readonly notes: string
  readonly setup: readonly SetupStep[]
  readonly tokens: readonly EnrolledBeforehand[]
  readonly keys: Readonly<Record<string, string>>
  readonly volatile: readonly string[]
  readonly exchanges: readonly Exchange[]
  readonly fcm: readonly RecordedMessage[]
}

/** The recordings that are replayed, in this order. */
export const FILES = [
  '01-auth',
  '02-enroll-limits',
  '02-enroll-step1',
  '02-enroll-uri-variants',
  '03-enroll-step2',
  '04-trigger',
  '05-check-pin',
  '05-check-pin-policies',
  '06-accept-finalize',
  '07-decline',
  '08-answer-errors',
  '09-poll',
  '09-poll-policies',
  '10-fbtoken-update',
  '11-push-wait',
  '12-presence',
  '14-poll-only',
  '15-fcm-failure',
  '15-fcm-failure-edge',
  '16-token-admin',
  '16-token-list-paging',
  '17-lockout',
  '18-challenges',
  '20-errors',
  '21-texts',
  '22-audit',
  '24-check-shapes',
  '26-token-definitions',
  '27-policy-api',
] as const

/** Recordings in which deliveries fail. */
export const DELIVERY_FAILURES: ReadonlySet<string> = new Set(['15-fcm-failure', '15-fcm-failure-edge'])

/** Recordings whose answers show which policies there are, or which of them decided. */
export const SHOWS_POLICIES: ReadonlySet<string> = new Set(['22-audit', '26-token-definitions', '27-policy-api'])

export function readRecording(file: string): Recording {
  const text = readFileSync(new URL(`../${file}.json`, import.meta.url), 'utf8')
  return { ...(JSON.parse(text) as Omit<Recording, 'file'>), file }
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at the end of the keys; undefined where there is none. */
export function at(value: Json | undefined, ...keys: readonly (string | number)[]): Json | undefined {
  let here = value
  for (const key of keys) {
    if (Array.isArray(here) && typeof key === 'number') here = here[key]
    else if (isObject(here) && typeof key === 'string') here = here[key]
    else return undefined
  }
  return here
}

/** The parameters of a request, from its query and its form or JSON body. */
export function parametersOf(request: RecordedRequest): Readonly<Record<string, Json>> {
  return { ...request.query, ...(isObject(request.body) ? request.body : {}) }
}

/** Every text in the value, with the key it stands under. */
export function* textsIn(
  value: Json | undefined,
  key = '',
): Generator<{ readonly key: string; readonly text: string }> {
  if (typeof value === 'string') yield { key, text: value }
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item, key)
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) yield* textsIn(item, name)
}
