/** What an administrator may ask to be changed of tokens. Source: docs/protocol.md, "Token changes", golden 16-token-admin. */
import * as z from 'zod/mini'
import { present } from '../../present.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant } from '../../vocabulary.ts'
import type { TokenSettings } from '../../vocabulary/tokens.ts'
import { isTrue, nameList, optional, optionalOrEmpty, parserOf, required } from '../parameters.ts'
import { clipDescription, parsePeriodBound } from './token-fields.ts'

/** The tokens of a request: those it names, or all of a user. As given; named and of a user they have to be the user's. */
export interface TokenSelection {
  readonly serials?: readonly string[]
  readonly user?: string
  readonly realm?: string
}

/** Tokens, and what is wanted of them. */
export interface TokenChangeRequest<T> {
  readonly tokens: TokenSelection
  readonly wanted: T
}

/** Tokens that one request may name. */
const MOST_SERIALS = 100

const tokensSchema = z.object({
  serial: optional('Serial of one token', 255),
  serials: nameList('Serials, separated by commas or as a list; at most 100', 8000),
  user: optional('Owner: without a serial, all their tokens are meant; with one, it has to be theirs', 320),
  realm: optional('Realm of the owner', 255),
})

/** Refuses: `parameter_missing` where no token is named and no user, `parameter_invalid` for too many; as `wanted`. */
function changeAsked<T>(fields: z.output<typeof tokensSchema>, wanted: Outcome<T>): Outcome<TokenChangeRequest<T>> {
  const { serial, serials: several, user, realm } = fields
  if (serial === undefined && several === undefined && user === undefined)
    return refuse({ reason: 'parameter_missing', name: "'serial' or 'serials'" })
  const named = new Set([...(serial === undefined ? [] : [serial]), ...(several ?? [])])
  if (named.size > MOST_SERIALS)
    return refuse({ reason: 'parameter_invalid', name: 'serials', why: `expected at most ${MOST_SERIALS}` })
  const serials = serial === undefined && several === undefined ? undefined : [...named]
  return wanted.ok ? done({ tokens: present({ serials, user, realm }), wanted: wanted.value }) : wanted
}

/** Which tokens a change is for. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseTokenSelection = parserOf(tokensSchema, (fields) => changeAsked(fields, done(undefined)))

const pinSchema = z.extend(tokensSchema, {
  otppin: optionalOrEmpty('The new PIN; an empty one takes the PIN away', 1024),
  pin: optionalOrEmpty('Another name of otppin', 1024),
})

/** The PIN to be set; undefined where none is given. Refuses: as `parseTokens`. */
export const parsePinChange = parserOf(pinSchema, (fields) => changeAsked(fields, done(fields.otppin ?? fields.pin)))

const settingsSchema = z.extend(tokensSchema, {
  description: optionalOrEmpty('Shown in lists, cut after 80 characters'),
  max_failcount: optional('Failed attempts before the token is locked, 1 to 1000', 16),
  count_auth_max: optional('How often it may be used, failures included; 0: no limit', 16),
  count_auth_success_max: optional('How often it may be used with success; 0: no limit', 16),
  validity_period_start: optionalOrEmpty('ISO 8601 with offset; empty: from the beginning', 64),
  validity_period_end: optionalOrEmpty('ISO 8601 with offset; empty: for good', 64),
})

/** What of tokens is to be set. Refuses: as `parseTokens`; `period_unparsable`. */
export const parseTokenSettings = parserOf(settingsSchema, (fields) => changeAsked(fields, settingsOf(fields)))

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

/** Refuses: as `parseTokens`; `parameter_missing`. */
export const parseDescription = parserOf(descriptionSchema, (fields) => {
  const { description } = fields
  if (description === undefined) return refuse({ reason: 'parameter_missing', name: 'description' })
  return changeAsked(fields, done({ description: clipDescription(description) }))
})

/** A token gets an owner. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseAssign = parserOf(
  z.object({
    serial: required('Serial of the token', 255),
    user: required('Whose it is from now on', 320),
    realm: optional('Realm of the user', 255),
    pin: optionalOrEmpty('The new PIN; an empty one takes the PIN away', 1024),
  }),
)

const realmsSchema = z.extend(tokensSchema, { realms: nameList('Realms, separated by commas or as a list', 8000) })

/** The realms tokens are to be listed in. Refuses: as `parseTokens`; `parameter_missing`. */
export const parseTokenRealms = parserOf(realmsSchema, (fields) =>
  changeAsked(
    fields,
    fields.realms === undefined ? refuse({ reason: 'parameter_missing', name: 'realms' }) : done(fields.realms),
  ),
)

/** From which token to which. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseCopy = parserOf(
  z.object({
    from: required('Serial of the token to copy from', 255),
    to: required('Serial of the token to copy to', 255),
  }),
)

/** The token whose phone is lost. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseLostToken = parserOf(z.object({ serial: required('Serial of the token', 255) }), ({ serial }) =>
  done(serial),
)

/** Keys of a token's info that mean something: none of them is anybody's to write but Nod's. */
const OWN =
  /^(?:tokenkind|(?:creation|assignment)_date|(?:edu)?push_firebase_configuration|firebase_token|(?:public|private)_key_.*|enrollment_credential|count_auth.*|last_auth|failcounter_exceeded|validity_period_.*|.*\.type)$/i
const KEY = /^[\w.:-]{1,64}$/

/** An entry of a token's info. */
export type InfoEntry =
  | { readonly kind: 'info'; readonly key: string; readonly value?: string }
  /** The one entry of Nod's own that is an administrator's to set. */
  | { readonly kind: 'polling_allowed'; readonly allowed?: boolean }

const noteKeySchema = z.extend(tokensSchema, { key: required('Name of the entry', 255) })
const noteSchema = z.extend(noteKeySchema, { value: required('A text; of polling_allowed, True or False', 255) })

/** What is to be noted of tokens. Refuses: as `parseNoteKey`. */
export const parseInfoEntry = parserOf(noteSchema, (fields) => {
  const note = noteOf(fields.key)
  if (!note.ok) return note
  const { value } = fields
  const noted: InfoEntry =
    note.value.kind === 'polling_allowed' ? { ...note.value, allowed: isTrue(value) } : { ...note.value, value }
  return changeAsked(fields, done(noted))
})

/** Which note is to go. Refuses: as `parseTokens`; `parameter_invalid` for a key that is Nod's own, or that is none. */
export const parseInfoKey = parserOf(noteKeySchema, (fields) => changeAsked(fields, noteOf(fields.key)))

function noteOf(key: string): Outcome<InfoEntry> {
  if (key === 'polling_allowed') return done({ kind: 'polling_allowed' })
  if (!KEY.test(key))
    return refuse({ reason: 'parameter_invalid', name: 'key', why: 'expected at most 64 letters, digits and _.:-' })
  return OWN.test(key)
    ? refuse({ reason: 'parameter_invalid', name: 'key', why: `Nod keeps ${key} itself` })
    : done({ kind: 'info', key })
}
