import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { type Seconds, seconds, type Serial } from '../../vocabulary.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { flag, optional, optionalOrEmpty, parserOf, required } from '../parameters.ts'

// The requests of services. `client` is what the caller claims; whether it is trusted is decided where the peer is known.
// Parameters named `push_…` are never read: in privacyIDEA a caller can switch presence off with one (docs/protocol.md,
// "Hardenings").

/** The user or token that a call names, or both, as the caller wrote it. `splitUser` tells login and realm apart. */
export interface SubjectFields {
  readonly user?: string
  readonly realm?: string
  readonly serial?: Serial
}

/** The same, and the address that the caller claims for the user. */
interface CallFields extends SubjectFields {
  readonly client?: string
}

/** A request that opens a login. */
export interface TriggerChallenge extends CallFields {
  /** Whether a failed delivery is an error instead of a hint. */
  readonly exception: boolean
  readonly type?: string
}

/** The first leg of a check. */
export interface CheckTrigger extends TriggerChallenge {
  readonly kind: 'trigger'
  /** The parameter `pass`; absent if it was not sent. A missing PIN equals no PIN, not even an empty one. */
  readonly pin?: string
}

/** The second leg of a check: finalizes the login. */
export interface CheckFinalize extends CallFields {
  readonly kind: 'finalize'
  /** As the caller wrote it: any text. */
  readonly transactionId: string
  /** The parameter `pass`: the code from the phone, if the login needs one. */
  readonly entry: string
}

/** The user does not enroll a phone during this login. If the call names a user or token, it must be that of the login. */
export interface CheckCancel extends CallFields {
  readonly kind: 'cancel'
  readonly transactionId: string
}

export type Check = CheckTrigger | CheckFinalize | CheckCancel

export interface SignInRequest {
  readonly username: string
  readonly password: string
  readonly realm?: string
  /** Present in the second leg of a sign-in by phone. */
  readonly transactionId?: string
  /** Signs in a user only, and only by the code that the phone shows, or by a bypass code. */
  readonly byCode?: true
}

export interface PollTransaction {
  /** As the caller wrote it: any text. */
  readonly transactionId: string
  /** How long to wait for a change; 0: not at all. */
  readonly wait: Seconds
}

const LONGEST_WAIT = seconds(30)

const userField = () => optional('Login name, alone or as user@realm or realm\\user', 320)
const realmField = () => optional('Realm of the user; without it the default realm', 255)
const serialField = () => optional('Serial of one token', 255)
const clientField = () => optional('Address of the end user, where the caller may say so', 255)
const typeField = () => optional('Restricts to tokens of one type', 64)
const exceptionField = () => flag('1: a failed delivery is an error')

const triggerChallengeSchema = z.object({
  user: userField(),
  realm: realmField(),
  serial: serialField(),
  type: typeField(),
  exception: exceptionField(),
  client: clientField(),
})

const checkSchema = z.extend(triggerChallengeSchema, {
  pass: optionalOrEmpty('PIN in the first leg; in the second the display code, or anything', 1024),
  transaction_id: optional('Makes it the second leg of this login', 64),
  state: optional('Another name of transaction_id', 64),
  cancel_enrollment: flag('1: the user does not enroll a phone during this login, where that is left open'),
})

const authSchema = z.object({
  username: optional('Login name of an administrator', 320),
  password: optionalOrEmpty('Password', 1024),
  realm: optional('Realm, for users of a realm', 255),
  transaction_id: optional('Makes it the second leg of this login', 64),
  code_only: flag('1: signs in a user only, and never by a tap; refused where `login_mode` is not `code`'),
})

const pollTransactionSchema = z.object({
  transaction_id: required('The login whose state is asked for', 64),
  wait: optional('Seconds to wait for a change, at most 30', 8),
})

/** Parses a request to `/validate/check`, by its leg.
 *  Refuses: `owner_or_serial_missing`; `token_unknown` for a text that is no serial; `parameter_missing`,
 *  `parameter_invalid`. Source: docs/protocol.md, "Enrollment during a login", "Check" and "Finalize". */
export const parseCheck = parserOf(checkSchema, (fields): Outcome<Check> => {
  const transactionId = fields.transaction_id ?? fields.state
  const call = callOf(fields, { reason: 'token_unknown' })
  const { pass, exception, client, type } = fields
  if (fields.cancel_enrollment) return cancelOf(transactionId, call, client)
  if (!call.ok) return call
  if (transactionId !== undefined) return done({ kind: 'finalize', transactionId, ...call.value, entry: pass ?? '' })
  return done({ kind: 'trigger', ...call.value, exception, ...present({ pin: pass, type }) })
})

function cancelOf(
  transactionId: string | undefined,
  call: Outcome<CallFields>,
  client: string | undefined,
): Outcome<Check> {
  if (transactionId === undefined) return refuse({ reason: 'parameter_missing', name: 'transaction_id' })
  if (!call.ok && call.refusal.reason !== 'owner_or_serial_missing') return call
  return done({ kind: 'cancel', transactionId, ...(call.ok ? call.value : present({ client })) })
}

/** Parses a request to `/validate/triggerchallenge`. Refuses: `owner_or_serial_missing`, `parameter_invalid`. Source:
 *  docs/protocol.md, "Trigger". */
export const parseTriggerChallenge = parserOf(triggerChallengeSchema, (fields): Outcome<TriggerChallenge> => {
  const call = callOf(fields, { reason: 'parameter_invalid', name: 'serial', why: 'not a serial' })
  if (!call.ok) return call
  const { exception, type } = fields
  return done({ ...call.value, exception, ...present({ type }) })
})

/** Parses a request to `/auth`. A missing password is an empty one, and as wrong as any. Refuses: `username_missing`. */
export const parseAuth = parserOf(authSchema, (fields): Outcome<SignInRequest> => {
  const { password, realm, transaction_id: transactionId, code_only: codeOnly } = fields
  const byCode = codeOnly ? (true as const) : undefined
  const username = fields.username?.trim()
  if (username === undefined || username === '') return refuse({ reason: 'username_missing' })
  return done({ username, password: password ?? '', ...present({ realm, transactionId, byCode }) })
})

/** Parses a request to `/validate/polltransaction`. The wait is at most 30 seconds. Refuses: `parameter_missing`,
 *  `parameter_invalid`. Source: docs/protocol.md, "Transaction poll". */
export const parsePollTransaction = parserOf(pollTransactionSchema, (fields): Outcome<PollTransaction> => {
  const { transaction_id: transactionId, wait = '0' } = fields
  if (!/^[0-9]{1,8}(?:\.[0-9]+)?$/.test(wait)) {
    return refuse({ reason: 'parameter_invalid', name: 'wait', why: 'expected a number of seconds' })
  }
  return done({ transactionId, wait: seconds(Math.min(Number(wait), LONGEST_WAIT)) })
})

const transactionSchema = z.object({ transaction_id: required('The login', 64) })

/** Parses the transaction id of a request: any text. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseTransactionId = parserOf(transactionSchema, (fields) => done(fields.transaction_id))

/** Splits the name of a user. `user@realm` and `realm\user` are split if the realm exists; otherwise the whole text is
 *  the login. A realm that was sent beside it counts more. The realm is returned in lower case. Source: docs/protocol.md,
 *  "Token init". */
export function splitUser(
  user: string,
  realm: string | undefined,
  isKnownRealm: (realm: string) => boolean,
): { readonly login: string; readonly realm: string | undefined } {
  const given = realm === undefined || realm === '' ? undefined : realm.toLowerCase()
  const split = possibleSplits(user).find((one) => isKnownRealm(one.realm))
  return { login: split?.login ?? user, realm: given ?? split?.realm }
}

/** Lists the ways to split the name of a user, the preferred one first; realms in lower case. */
export function possibleSplits(user: string): readonly { readonly login: string; readonly realm: string }[] {
  const at = user.lastIndexOf('@')
  const slash = user.indexOf('\\')
  const splits = [
    { cut: at, login: user.slice(0, at), realm: user.slice(at + 1) },
    { cut: slash, login: user.slice(slash + 1), realm: user.slice(0, Math.max(slash, 0)) },
  ]
  return splits
    .filter(({ cut, login, realm }) => cut >= 0 && login !== '' && realm !== '')
    .map(({ login, realm }) => ({ login, realm: realm.toLowerCase() }))
}

/** Reads the user or token that a call names. Wildcards are for lists and are refused here. */
function callOf(
  fields: Readonly<Record<'user' | 'realm' | 'serial' | 'client', string | undefined>>,
  noSerial: Refusal,
): Outcome<CallFields> {
  const { realm, serial, client } = fields
  const trimmed = fields.user?.trim()
  const user = trimmed === '' ? undefined : trimmed
  if (user === undefined && serial === undefined) return refuse({ reason: 'owner_or_serial_missing' })
  if (serial?.includes('*')) return refuse({ reason: 'parameter_invalid', name: 'serial', why: 'no wildcard here' })
  if (user?.includes('%')) return refuse({ reason: 'parameter_invalid', name: 'user', why: 'no wildcard here' })
  if (serial !== undefined && !isSerial(serial)) return refuse(noSerial)
  return done(present({ user, realm, serial, client }))
}
