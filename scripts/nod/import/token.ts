/** Converts a token of the other server. Pure: takes a row, returns what is sent or what is wrong with it. */
import { createHash, createPrivateKey, createPublicKey, pbkdf2Sync, randomBytes, type KeyObject } from 'node:crypto'
import { POLL_ONLY } from '../../../src/vocabulary.ts'
import { number, type Row, text, truth } from './database.ts'
import type { EncKey } from './enckey.ts'
import type { People } from './people.ts'

/** A token with all that belongs to it. */
export interface SourceToken {
  readonly row: Row
  readonly info: ReadonlyMap<string, string>
  readonly owners: readonly { readonly resolver: string; readonly userId: string; readonly realm: string }[]
  readonly realms: readonly string[]
  readonly container: string | undefined
}

/** Values that all tokens share. */
export interface Plan {
  readonly enckey: EncKey
  readonly people: People
  /** Where phones of this owner were told to register. Undefined: no policy says so; a text that begins with `!` is why not. */
  registrationUrl(type: string, owner: Owner | undefined): string | undefined
  /** Names of Firebase configurations, as the deployment has them. */
  readonly firebase: ReadonlyMap<string, string>
  readonly pins: 'upstream' | 'unset'
  readonly ttlMinutes: number
  readonly now: number
}

export interface Owner {
  readonly login: string
  readonly realm: string
  readonly resolver: string
}

/** A token that can be imported. */
export interface PlannedToken {
  readonly serial: string
  readonly digest: string
  /** As `POST /deployment/import` takes it. */
  readonly sent: Readonly<Record<string, unknown>>
  /** What the server key's public half is, to check signatures with; of a token that waits for its phone, none. */
  readonly publicKey: KeyObject | undefined
  /** What will differ, each for one line of the report. */
  readonly notes: readonly string[]
}

export interface TokenFault {
  readonly serial: string
  readonly why: string
}

const MAX_INFO = 32
const INFO_LENGTH = 255

/** The entry in which an export writes the digest that a token then has there. */
export const WAY_BACK = 'nod_way_back'

/** Entries of the token info that have become fields, or that make no sense elsewhere. */
export const FIELDS: ReadonlySet<string> = new Set([
  'assignment_date',
  'creation_date',
  'tokenkind',
  'firebase_token',
  'enrollment_credential',
  'public_key_smartphone',
  'public_key_server',
  'private_key_server',
  'private_key_server.type',
  'push_firebase_configuration',
  'edupush_firebase_configuration',
  'polling_allowed',
  'count_auth',
  'count_auth_max',
  'count_auth_success',
  'count_auth_success_max',
  'last_auth',
  'validity_period_start',
  'validity_period_end',
  'failcounter_exceeded',
  WAY_BACK,
])

export function planToken(token: SourceToken, plan: Plan): PlannedToken | TokenFault {
  const { row, info } = token
  const serial = text(row['serial'])
  const fault = (why: string): TokenFault => ({ serial, why })
  if (!/^[0-9A-Za-z_-]{1,40}$/.test(serial)) return fault('its serial has other characters than 0-9, A-Z, a-z, _ and -')
  const type = text(row['tokentype']).toLowerCase()
  const owner = ownerOf(token, plan.people)
  if (typeof owner === 'string') return fault(owner)
  const named = text(info.get(`${type}_firebase_configuration`))
  const firebase = named === POLL_ONLY || named === '' ? POLL_ONLY : (plan.firebase.get(named) ?? named)
  const registrationUrl = plan.registrationUrl(type, owner?.user)
  if (registrationUrl === undefined)
    return fault(`no policy says ${type}_registration_url for its owner (--registration-url)`)
  if (registrationUrl.startsWith('!')) return fault(registrationUrl.slice(1))
  const state = text(row['rollout_state'])
  const revoked = truth(row['revoked'])
  const isLocked = truth(row['locked'])
  const notes: string[] = []
  if (isLocked && !revoked) notes.push('locked tokens become disabled ones')
  const pin = pinOf(row, plan)
  if (pin === undefined) return fault('its encrypted PIN does not open with this enckey')
  const common = {
    serial,
    type,
    ...(owner === undefined ? {} : { user: owner.sent }),
    description: text(row['description']),
    active: truth(row['active']) && !revoked && !isLocked,
    revoked,
    firebase,
    registration_url: registrationUrl,
    pin: pin.sent,
    polling_allowed: pollingAllowed(info.get('polling_allowed')),
    attempts: Math.max(0, number(row['failcount'])),
    max_attempts: Math.max(1, number(row['maxfail'], 10)),
    max_uses: limitOf(info.get('count_auth_max')),
    max_successes: limitOf(info.get('count_auth_success_max')),
    valid_from: timeOf(info.get('validity_period_start')),
    valid_until: timeOf(info.get('validity_period_end')),
    realms: token.realms.filter((realm) => realm !== owner?.user.realm),
    ...notesAndKept(token, notes),
  }
  const successes = number(info.get('count_auth_success'))
  const counted = {
    successes,
    failures: Math.max(0, number(info.get('count_auth')) - successes),
    last_use: timeOf(info.get('last_auth')),
    // privacyIDEA 3.9 does not say.
    created_at: timeOf(info.get('creation_date')) ?? plan.now,
  }
  const keys = state === 'enrolled' ? keysOf(token, plan.enckey) : waiting(token, state, plan)
  if (typeof keys === 'string') return fault(keys)
  const { publicKey, expires, ...own } = keys
  // What changes with every login or run is no part of the digest: it would not be the same twice.
  const digest = createHash('sha256')
    .update(JSON.stringify({ ...common, pin: pin.fixed, ...own }))
    .digest('hex')
  const sent = {
    ...common,
    ...counted,
    ...own,
    ...(expires === undefined ? {} : { credential_expires: expires }),
    digest,
  }
  return { serial, digest, sent, publicKey, notes }
}

interface Keys {
  readonly state: 'enrolled' | 'clientwait'
  readonly publicKey?: KeyObject
  readonly expires?: number
  readonly [field: string]: unknown
}

function keysOf({ info }: SourceToken, enckey: EncKey): Keys | string {
  const encrypted = info.get('private_key_server')
  if (encrypted === undefined || encrypted === '') return 'it has no private key of the server'
  const pem = enckey.decrypt('password', encrypted)
  if (pem === undefined) return 'its private key does not open with this enckey'
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(
      pem.includes('-----') ? pem : { key: Buffer.from(pem, 'base64'), format: 'der', type: 'pkcs1' },
    )
  } catch {
    return 'its private key opens with this enckey, and is no key'
  }
  const publicKey = createPublicKey(privateKey)
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 4096)
    return `its server key has ${bits} bits; Nod takes RSA keys of 2048 to 4096`
  const stored = text(info.get('public_key_server')).replaceAll(/-----[^-]+-----|\s/g, '')
  if (stored !== publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64'))
    return 'its private and public keys are no pair: its phone would not believe Nod'
  const phoneKey = text(info.get('public_key_smartphone'))
    .replaceAll(/-----[^-]+-----|\s/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  const phoneFault = phoneKeyFault(phoneKey)
  if (phoneFault !== undefined) return phoneFault
  return {
    state: 'enrolled',
    publicKey,
    registration_token: info.get('firebase_token') ?? null,
    phone_key: phoneKey,
    private_key: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  }
}

function phoneKeyFault(base64: string): string | undefined {
  if (base64 === '') return 'it has no key of a phone'
  try {
    createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
    return undefined
  } catch {
    return 'the key of its phone cannot be read'
  }
}

/** A token whose QR code may still be on somebody's screen. */
function waiting({ info }: SourceToken, state: string, { ttlMinutes, now }: Plan): Keys | string {
  if (state !== 'clientwait') return `its rollout state is '${state}': no phone has it, and none can get it`
  const credential = info.get('enrollment_credential')
  if (credential === undefined) return 'it waits for its phone, and has no enrollment credential'
  return { state, credential, expires: now + ttlMinutes * 60_000 }
}

function ownerOf({ owners, realms }: SourceToken, people: People) {
  const [one, another] = owners
  if (one === undefined) return undefined
  if (another !== undefined) return 'it has several owners'
  const { resolver, userId } = one
  const realm = (one.realm === '' && realms.length === 1 ? (realms[0] ?? '') : one.realm).toLowerCase()
  if (realm === '') return `its owner ${userId} of the resolver ${resolver} is in no realm`
  if (!people.resolvers.has(resolver)) return `its owner ${userId} is of the resolver ${resolver}, which is gone`
  const person = people.find(resolver, userId)
  if (person === undefined) return `its owner ${userId} of the resolver ${resolver} has no name here (--users)`
  const { login, givenName, surname, email } = person
  return {
    user: { login, realm, resolver },
    sent: { login, realm, given_name: givenName, surname, email, user_id: userId, resolver },
  }
}

const ROUNDS = 100_000
type Pin = { readonly sent: unknown; readonly fixed: unknown }

/** The PIN as it is sent, and what of it is the same each time. Undefined if it is encrypted with another key. */
function pinOf(row: Row, { enckey, pins }: Pick<Plan, 'enckey' | 'pins'>): Pin | undefined {
  const stored = text(row['pin_hash'])
  if (stored === '') return { sent: null, fixed: null }
  if (stored.startsWith('@@')) {
    const plain = enckey.decrypt('pin', stored.slice(2))
    if (plain === undefined) return undefined
    if (plain === '') return { sent: null, fixed: null }
    const salt = randomBytes(16)
    const hash = pbkdf2Sync(plain, salt, ROUNDS, 32, 'sha256')
    const sent = { digest: 'SHA-256', rounds: ROUNDS, salt: salt.toString('base64'), hash: hash.toString('base64') }
    return { sent, fixed: stored }
  }
  const [, digest = '', rounds = '', salt = '', hash = ''] =
    /^\$pbkdf2-(sha256|sha512)\$(\d+)\$([A-Za-z0-9./]*)\$([A-Za-z0-9./]+)$/.exec(stored) ?? []
  if (hash === '' || Number(rounds) > ROUNDS) return { sent: pins, fixed: [pins, stored] }
  // passlib writes a dot where base64 has a plus.
  const sent = {
    digest: digest === 'sha256' ? 'SHA-256' : 'SHA-512',
    rounds: Number(rounds),
    salt: salt.replaceAll('.', '+'),
    hash: hash.replaceAll('.', '+'),
  }
  return { sent, fixed: sent }
}

function notesAndKept({ info, container }: SourceToken, notes: string[]) {
  const entries: [string, string][] = []
  const kept: Record<string, string> = {}
  for (const [key, value] of info) {
    if (FIELDS.has(key)) continue
    if (entries.length < MAX_INFO && key.length <= INFO_LENGTH && value.length <= INFO_LENGTH)
      entries.push([key, value])
    else {
      kept[key] = value
      notes.push('some of their info entries are too long, or too many, and are kept where no list shows them')
    }
  }
  if (container !== undefined) {
    kept['container'] = container
    notes.push('the container they are in is imported as information only')
  }
  return { info: Object.fromEntries(entries), kept }
}

const pollingAllowed = (value: string | undefined): boolean | null =>
  value === undefined || value === '' ? null : ['1', 'true'].includes(value.toLowerCase())

const limitOf = (value: string | undefined): number | null => {
  const limit = number(value)
  return limit > 0 ? limit : null
}

/** A time as the other server writes it: `2026-11-29T13:52+0000`, `2026-11-29 13:52:15.123456+00:00`. Null where it is none. */
export function timeOf(value: string | undefined): number | null {
  const [, date = '', time = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?$/.exec(value?.trim() ?? '') ?? []
  if (date === '') return null
  const offset = zone === '' || zone === 'Z' ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2')
  const at = Date.parse(`${date}T${time.slice(0, 12)}${offset}`)
  return Number.isNaN(at) ? null : at
}
