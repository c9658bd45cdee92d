/** An answer as java-client 1.5.1 reads it (docs/protocol.md, "What clients read"): what it casts blindly fails here too. */

type Json = Readonly<Record<string, unknown>>

export interface JavaChallenge {
  readonly serial: string
  readonly message: string
  readonly clientMode: string
  readonly image: string
  readonly transactionId: string
  readonly type: string
}

export interface JavaAnswer {
  readonly authentication: 'ACCEPT' | 'CHALLENGE' | 'REJECT' | 'NONE'
  readonly status: boolean
  readonly value: boolean
  readonly error: { readonly code: number; readonly message: string } | undefined
  readonly message: string
  readonly messages: readonly string[]
  readonly transactionId: string
  /** Translated: `poll` is push, `interactive` is otp. */
  readonly preferredMode: string
  readonly challengeStatus: 'accept' | 'declined' | 'pending' | 'none'
  readonly challenges: readonly JavaChallenge[]
}

/** Thrown where the client throws a ClassCastException, and its login page shows an error 500. */
export class CastFailed extends Error {}

export function readJavaAnswer(text: string): JavaAnswer {
  const root = object(JSON.parse(text), 'the body')
  number(root, 'id')
  const result = object(root['result'], 'result')
  const failure = result['error']
  const detail = root['detail'] === undefined || root['detail'] === null ? {} : object(root['detail'], 'detail')
  // `getAsJsonObject` and `getAsJsonArray` cast whatever is there, null included.
  if ('passkey' in detail) object(detail['passkey'], 'detail.passkey')
  const messages = 'messages' in detail ? list(detail['messages'], 'detail.messages') : []
  const challenges = 'multi_challenge' in detail ? list(detail['multi_challenge'], 'detail.multi_challenge') : []
  const preferred = string(detail, 'preferred_client_mode')
  number(detail, 'otplen')
  return {
    authentication: oneOf<JavaAnswer['authentication']>(
      string(result, 'authentication'),
      ['ACCEPT', 'CHALLENGE', 'REJECT'],
      'NONE',
    ),
    status: boolean(result, 'status'),
    value: boolean(result, 'value'),
    error:
      failure === undefined || failure === null
        ? undefined
        : { code: number(object(failure, 'result.error'), 'code'), message: string(object(failure, ''), 'message') },
    message: string(detail, 'message'),
    messages: messages.map(String),
    transactionId: string(detail, 'transaction_id'),
    preferredMode: { poll: 'push', interactive: 'otp' }[preferred] ?? preferred,
    challengeStatus: oneOf<JavaAnswer['challengeStatus']>(
      string(detail, 'challenge_status'),
      ['accept', 'declined', 'pending'],
      'none',
    ),
    challenges: challenges.map((entry) => {
      const challenge = object(entry, 'an entry of multi_challenge')
      return {
        serial: string(challenge, 'serial'),
        message: string(challenge, 'message'),
        clientMode: string(challenge, 'client_mode'),
        image: string(challenge, 'image'),
        transactionId: string(challenge, 'transaction_id'),
        type: string(challenge, 'type'),
      }
    }),
  }
}

/** Seconds since the epoch at which the JWT of an `/auth` answer ends. The payload is decoded with the standard base64
 *  alphabet, and `time` is read on the way: without it there is no token. */
export function readAuthAnswer(text: string): { readonly token: string; readonly expiresAt: number } {
  const root = object(JSON.parse(text), 'the body')
  const token = string(object(object(root['result'], 'result')['value'], 'result.value'), 'token')
  const payload = token.split('.')[1] ?? ''
  if (!/^[A-Za-z0-9+/]+$/.test(payload)) throw new CastFailed('Illegal base64 character in the JWT')
  if (typeof root['time'] !== 'number') throw new CastFailed('no time in the /auth answer')
  const { exp } = object(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')), 'the payload')
  if (typeof exp !== 'number' || !Number.isInteger(exp) || exp >= 2 ** 31) throw new CastFailed(`exp is ${String(exp)}`)
  return { token, expiresAt: exp }
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CastFailed(`${name} is ${JSON.stringify(value)}, not an object`)
  return { ...value }
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new CastFailed(`${name} is ${JSON.stringify(value)}, not a list`)
  return value
}

/** Absent or null: empty. */
function string(from: Json, name: string): string {
  const value = from[name]
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') throw new CastFailed(`${name} is ${JSON.stringify(value)}, not text`)
  return String(value)
}

function number(from: Json, name: string): number {
  const value = from[name]
  if (value === undefined || value === null) return 0
  if (!Number.isInteger(Number(value)) || typeof value === 'boolean')
    throw new CastFailed(`${name} is ${JSON.stringify(value)}, not an integer`)
  return Number(value)
}

/** Of a number, Gson makes false: so a triggered login is no success. */
const boolean = (from: Json, name: string): boolean => string(from, name).toLowerCase() === 'true'

const oneOf = <T extends string>(value: string, known: readonly [T, ...T[]], otherwise: T): T =>
  known.find((one) => one === value) ?? otherwise
