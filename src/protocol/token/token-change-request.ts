/** Requests to change tokens. Source: docs/protocol.md, "Token changes", golden 16-token-admin. */
import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Instant, seconds } from '../../vocabulary.ts'
import type { TokenSettings } from '../../vocabulary/tokens.ts'
import {
  ignoring,
  isTrue,
  nameList,
  optional,
  optionalOrEmpty,
  parserOf,
  required,
  type RequestParser,
} from '../parameters.ts'
import { clipDescription, parsePeriodBound } from './token-fields.ts'

/** The tokens a request selects: those it names, or all tokens of a user. If it names both, the tokens have to be the user's. */
export interface TokenSelection {
  readonly serials?: readonly string[]
  readonly user?: string
  readonly realm?: string
}

/** Tokens and the change to make. */
export interface TokenChangeRequest<T> {
  readonly tokens: TokenSelection
  readonly change: T
}

/** Serials that one request may name. */
const MAX_SERIALS = 100

const tokensSchema = z.object({
  serial: optional('Serial of one token', 255),
  serials: nameList('Serials, separated by commas or as a list; at most 100', 8000),
  user: optional('Owner: without a serial, selects all their tokens; with one, it has to be theirs', 320),
  realm: optional('Realm of the owner', 255),
})

/** Joins the selected tokens and the change. Refuses: `parameter_missing` without token and user; `parameter_invalid` for too many
 *  serials; as `change`. */
function changeRequest<T>(fields: z.output<typeof tokensSchema>, change: Outcome<T>): Outcome<TokenChangeRequest<T>> {
  const { serial, serials: several, user, realm } = fields
  if (serial === undefined && several === undefined && user === undefined)
    return refuse({ reason: 'parameter_missing', name: "'serial' or 'serials'" })
  const named = new Set([...(serial === undefined ? [] : [serial]), ...(several ?? [])])
  if (named.size > MAX_SERIALS)
    return refuse({ reason: 'parameter_invalid', name: 'serials', why: `expected at most ${MAX_SERIALS}` })
  const serials = serial === undefined && several === undefined ? undefined : [...named]
  return change.ok ? done({ tokens: { serials, user, realm }, change: change.value }) : change
}

/** Makes a parser of a change. There is one resolver, so `resolver` restricts nothing. */
const changeParser = <Schema extends typeof tokensSchema, T>(
  schema: Schema,
  judge: (fields: z.output<Schema>) => Outcome<TokenChangeRequest<T>>,
): RequestParser<TokenChangeRequest<T>> => ignoring(parserOf(schema, judge), 'resolver', 'encryptpin')

/** Parses which tokens to change. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseTokenSelection = changeParser(tokensSchema, (fields) => changeRequest(fields, done(undefined)))

const pinSchema = z.extend(tokensSchema, {
  otppin: optionalOrEmpty('The new PIN; an empty one takes the PIN away', 1024),
  pin: optionalOrEmpty('Another name of otppin', 1024),
})

/** Parses the new PIN; undefined when none is sent. Refuses: as `parseTokenSelection`. */
export const parsePinChange = changeParser(pinSchema, (fields) =>
  changeRequest(fields, done(fields.otppin ?? fields.pin)),
)

const pauseSchema = z.extend(tokensSchema, {
  minutes: optional(
    'For how long, in minutes: 60 by default; at most 1440 (a day) for users, 10080 (a week) for others',
    8,
  ),
})
const DEFAULT_PAUSE = '60'
const LONGEST_PAUSE = 7 * 24 * 60

/** Parses for how long to pause rings. Refuses: as `parseTokenSelection`. */
export const parsePause = changeParser(pauseSchema, (fields) => {
  const minutes = whole('minutes', fields.minutes ?? DEFAULT_PAUSE, 1, LONGEST_PAUSE)
  return changeRequest(fields, minutes.ok ? done(seconds((minutes.value ?? 0) * 60)) : minutes)
})

const settingsSchema = z.extend(tokensSchema, {
  description: optionalOrEmpty('Shown in lists, cut after 80 characters'),
  max_failcount: optional('Failed attempts before the token is locked, 1 to 1000', 16),
  count_auth_max: optional('How often it may be used, failures included; 0: no limit', 16),
  count_auth_success_max: optional('How often it may be used with success; 0: no limit', 16),
  validity_period_start: optionalOrEmpty('ISO 8601 with offset; empty: from the beginning', 64),
  validity_period_end: optionalOrEmpty('ISO 8601 with offset; empty: for good', 64),
})

/** Parses the fields to set. Refuses: as `parseTokenSelection`; `period_unparsable`. */
export const parseTokenSettings = ignoring(
  parserOf(settingsSchema, (fields) => changeRequest(fields, settingsOf(fields))),
  'resolver',
  // Of codes, which a push token does not have.
  'count_window',
  'sync_window',
  'hashlib',
  'otplen',
)

function settingsOf(fields: z.output<typeof settingsSchema>): Outcome<TokenSettings> {
  const { description } = fields
  const maxAttempts = whole('max_failcount', fields.max_failcount, 1, 1000)
  if (!maxAttempts.ok) return maxAttempts
  const maxUses = whole('count_auth_max', fields.count_auth_max, 0, 1_000_000)
  if (!maxUses.ok) return maxUses
  const maxSuccesses = whole('count_auth_success_max', fields.count_auth_success_max, 0, 1_000_000)
  if (!maxSuccesses.ok) return maxSuccesses
  const validFrom = bound('start', fields.validity_period_start)
  if (!validFrom.ok) return validFrom
  const validUntil = bound('end', fields.validity_period_end)
  if (!validUntil.ok) return validUntil
  // Only the keys that were sent: `/token/set` answers their number.
  return done(
    present({
      description: description === undefined ? undefined : clipDescription(description),
      maxAttempts: maxAttempts.value,
      maxUses: maxUses.value === 0 ? null : maxUses.value,
      maxSuccesses: maxSuccesses.value === 0 ? null : maxSuccesses.value,
      validFrom: validFrom.value,
      validUntil: validUntil.value,
    }),
  )
}

const bound = (which: 'start' | 'end', text: string | undefined): Outcome<Instant | null | undefined> =>
  text === '' ? done(null) : parsePeriodBound(which, text)

function whole(name: string, text: string | undefined, least: number, most: number): Outcome<number | undefined> {
  if (text === undefined) return done(undefined)
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return done(value)
  return refuse({ reason: 'parameter_invalid', name, why: `expected a whole number from ${least} to ${most}` })
}

const descriptionSchema = z.extend(tokensSchema, {
  description: optionalOrEmpty('Shown in lists, cut after 80 characters; must be there, and may be empty'),
})

/** Parses the new description. Refuses: as `parseTokenSelection`; `parameter_missing`. */
export const parseDescription = changeParser(descriptionSchema, (fields) => {
  const { description } = fields
  if (description === undefined) return refuse({ reason: 'parameter_missing', name: 'description' })
  return changeRequest(fields, done({ description: clipDescription(description) }))
})

/** Parses an assignment of a token to a user. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseAssign = ignoring(
  parserOf(
    z.object({
      serial: required('Serial of the token', 255),
      user: required('Whose it is from now on', 320),
      realm: optional('Realm of the user', 255),
      pin: optionalOrEmpty('The new PIN; an empty one takes the PIN away', 1024),
    }),
  ),
  'resolver',
  'encryptpin',
)

const realmsSchema = z.extend(tokensSchema, { realms: nameList('Realms, separated by commas or as a list', 8000) })

/** Parses the realms that shall list the tokens. Refuses: as `parseTokenSelection`; `parameter_missing`. */
export const parseTokenRealms = changeParser(realmsSchema, (fields) =>
  changeRequest(
    fields,
    fields.realms === undefined ? refuse({ reason: 'parameter_missing', name: 'realms' }) : done(fields.realms),
  ),
)

/** Parses which token to copy from, and to which. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseCopy = parserOf(
  z.object({
    from: required('Serial of the token to copy from', 255),
    to: required('Serial of the token to copy to', 255),
  }),
)

/** Parses the serial of a lost phone's token. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseLostToken = parserOf(z.object({ serial: required('Serial of the token', 255) }), ({ serial }) =>
  done(serial),
)

/** Keys of a token's info that Nod writes; no administrator may. */
const OWN =
  /^(?:tokenkind|(?:creation|assignment)_date|(?:edu)?push_firebase_configuration|firebase_token|(?:public|private)_key_.*|enrollment_credential|count_auth.*|last_auth|failcounter_exceeded|validity_period_.*|rings_paused_until|.*\.type)$/i
const KEY = /^[\w.:-]{1,64}$/

/** A change of one entry of a token's info. */
export type InfoEntry =
  | { readonly kind: 'info'; readonly key: string; readonly value?: string }
  /** The one entry of Nod's own that an administrator may set. */
  | { readonly kind: 'polling_allowed'; readonly allowed?: boolean }

const infoKeySchema = z.extend(tokensSchema, { key: required('Name of the entry', 255) })
const infoSchema = z.extend(infoKeySchema, { value: required('A text; of polling_allowed, True or False', 255) })

/** Parses an info entry to set. Refuses: as `parseInfoKey`. */
export const parseInfoEntry = changeParser(infoSchema, (fields) => {
  const entry = infoEntryOf(fields.key)
  if (!entry.ok) return entry
  const { value } = fields
  const change: InfoEntry =
    entry.value.kind === 'polling_allowed' ? { ...entry.value, allowed: isTrue(value) } : { ...entry.value, value }
  return changeRequest(fields, done(change))
})

/** Parses an info entry to remove. Refuses: as `parseTokenSelection`; `parameter_invalid` for a key of Nod's own or a malformed one. */
export const parseInfoKey = changeParser(infoKeySchema, (fields) => changeRequest(fields, infoEntryOf(fields.key)))

function infoEntryOf(key: string): Outcome<InfoEntry> {
  if (key === 'polling_allowed') return done({ kind: 'polling_allowed' })
  if (!KEY.test(key))
    return refuse({ reason: 'parameter_invalid', name: 'key', why: 'expected at most 64 letters, digits and _.:-' })
  return OWN.test(key)
    ? refuse({ reason: 'parameter_invalid', name: 'key', why: `Nod keeps ${key} itself` })
    : done({ kind: 'info', key })
}
