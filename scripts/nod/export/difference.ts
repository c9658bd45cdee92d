/** Computes how a token at the other server has to change. Pure: takes the token at both servers, returns the changes. */
import { createPrivateKey, createPublicKey, pbkdf2Sync } from 'node:crypto'
import { number, text, truth } from '../import/database.ts'
import type { EncKey } from '../import/enckey.ts'
import { FIELDS, type SourceToken, timeOf, WAY_BACK } from '../import/token.ts'
import type { NodToken, PinHash, Returning } from './fetch.ts'

/** A user as the other server names them. */
export interface OldOwner {
  readonly resolver: string
  readonly userId: string
  readonly realm: string
}

export interface World {
  readonly enckey: Pick<EncKey, 'encrypt' | 'decrypt'>
  /** PKCS#8 in base64, by the id of the signing key. */
  readonly keys: ReadonlyMap<string, string>
  /** Undefined: the other server does not know them. */
  ownerOf(login: string, realm: string): OldOwner | undefined
  /** The login name and realm of an owner there. */
  nameOf(owner: OldOwner): { readonly login: string; readonly realm: string } | undefined
  /** The name there of a Firebase configuration. */
  firebaseOf(name: string): string
  /** Realms that both have. */
  readonly realms: ReadonlySet<string>
}

export interface InfoValue {
  readonly value: string
  /** `password`: encrypted. */
  readonly type?: string
}

/** Columns of `token`, entries of `tokeninfo` (undefined: none), the owner (null: none), and realms. */
export interface Changes {
  readonly row: Readonly<Record<string, string | number | boolean>>
  readonly info: ReadonlyMap<string, InfoValue | undefined>
  readonly owner?: OldOwner | null
  readonly addedRealms: readonly string[]
  readonly removedRealms: readonly string[]
  /** For people. */
  readonly names: readonly string[]
}

/** passlib writes a dot where base64 has a plus, and no padding. */
const passlib64 = (base64: string): string => base64.replaceAll('+', '.').replaceAll('=', '')
const passlibHash = ({ digest, rounds, salt, hash }: PinHash): string =>
  `$pbkdf2-${digest === 'SHA-256' ? 'sha256' : 'sha512'}$${rounds}$${passlib64(salt)}$${passlib64(hash)}`

/** Counters that change with every login at either server, and only grow. */
const COUNTED = ['count_auth', 'count_auth_success', 'last_auth'] as const
function isMore(name: (typeof COUNTED)[number], here: string | undefined, there: string | undefined): boolean {
  if (name === 'last_auth') return (timeOf(here) ?? 0) > (timeOf(there) ?? 0)
  return number(here) > number(there)
}
/** Values that only an administrator or the phone changes. */
const SET = [
  'polling_allowed',
  'count_auth_max',
  'count_auth_success_max',
  'validity_period_start',
  'validity_period_end',
] as const

const NAMES: Readonly<Record<string, string>> = {
  pin_hash: 'PIN',
  failcount: 'fail counter',
  maxfail: 'most failures',
  firebase_token: 'registration token',
  public_key_smartphone: 'key of the phone',
  private_key_server: 'signing key',
  rollout_state: 'enrolled',
}

/** Returns the changes of a token that exists there; undefined if there are none; a text that says why it cannot be changed. */
export function differenceOf(there: SourceToken, here: Returning, world: World): Changes | string | undefined {
  const { token, changed, origin } = here
  if (token === null) return undefined
  const row: Record<string, string | number | boolean> = {}
  const info = new Map<string, InfoValue | undefined>()
  const set = (name: string, value: string | undefined): void => {
    if (!isSame(name, there.info.get(name), value)) info.set(name, value === undefined ? undefined : { value })
  }
  if (number(there.row['failcount']) !== token.failcount) {
    row['failcount'] = token.failcount
    set('failcounter_exceeded', token.info['failcounter_exceeded'])
  }
  for (const name of COUNTED) if (isMore(name, token.info[name], there.info.get(name))) set(name, token.info[name])
  if (!changed) return changesOf(row, info)
  if (token.rollout_state !== 'enrolled')
    return text(there.row['rollout_state']) === 'enrolled' ? 'it waits for its phone here' : undefined

  const wasActive = truth(there.row['active']) && !truth(there.row['revoked']) && !truth(there.row['locked'])
  if (token.revoked !== truth(there.row['revoked']) || token.active !== wasActive) Object.assign(row, stateOf(token))
  if (text(there.row['description']) !== token.description) row['description'] = token.description
  if (number(there.row['maxfail'], 10) !== token.maxfail) row['maxfail'] = token.maxfail
  const pin = pinOf(here)
  if (pin !== undefined && pin !== text(there.row['pin_hash']) && !isEncryptedAlike(there, here, world))
    row['pin_hash'] = pin
  for (const name of SET) set(name, token.info[name])
  const firebase = `${token.tokentype}_firebase_configuration`
  set(firebase, world.firebaseOf(token.info[firebase] ?? ''))
  if (token.registration_token !== null) set('firebase_token', token.registration_token)
  const notes = notesOf(token.info)
  for (const [name, value] of notes) set(name, value)
  for (const name of there.info.keys())
    if (!FIELDS.has(name) && !notes.has(name) && !origin?.kept.includes(name) && !name.endsWith('.type'))
      info.set(name, undefined)
  const fault = setKeys(there, here, world, row, info)
  return fault ?? withOwner(there, token, world, changesOf(row, info))
}

/** Returns what has to be written for a token that does not exist there. */
export function additionOf(here: Returning, world: World): Changes | string {
  const { token } = here
  if (token === null) return 'it was deleted'
  if (token.rollout_state !== 'enrolled') return 'it waits for its phone: enroll it there'
  const none: SourceToken = { row: {}, info: new Map(), owners: [], realms: [], container: undefined }
  const changes = differenceOf(none, { ...here, changed: true }, world)
  if (typeof changes === 'string') return changes
  const info = new Map(changes?.info)
  for (const name of ['tokenkind', 'creation_date', 'assignment_date']) {
    const value = token.info[name]
    if (value !== undefined) info.set(name, { value })
  }
  if (!info.has('firebase_token')) info.set('firebase_token', { value: 'no_firebase_token' })
  const row = {
    ...stateOf(token),
    description: token.description,
    pin_hash: pinOf(here) ?? '',
    maxfail: token.maxfail,
    failcount: token.failcount,
    rollout_state: token.rollout_state,
  }
  return { addedRealms: [], removedRealms: [], names: [], ...changes, row, info }
}

/** `active`, `revoked` and `locked`, as the other server has them after it disabled or revoked a token. */
const stateOf = ({ active, revoked }: NodToken) => ({ active: active && !revoked, revoked, locked: revoked })

/** Undefined: the PIN there stays. */
function pinOf({ token, pin }: Returning): string | undefined {
  if (token?.has_pin === false) return ''
  return pin === undefined ? undefined : passlibHash(pin)
}

/** Whether the PIN that the other server has encrypted is the one whose hash Nod has: the import hashed it. */
function isEncryptedAlike({ row }: SourceToken, { pin }: Returning, { enckey }: World): boolean {
  const stored = text(row['pin_hash'])
  const plain = stored.startsWith('@@') ? enckey.decrypt('pin', stored.slice(2)) : undefined
  if (plain === undefined || pin === undefined) return false
  const hash = Buffer.from(pin.hash, 'base64')
  const digest = pin.digest === 'SHA-256' ? 'sha256' : 'sha512'
  return pbkdf2Sync(plain, Buffer.from(pin.salt, 'base64'), pin.rounds, hash.length, digest).equals(hash)
}

function notesOf(info: NodToken['info']): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(info).filter(
      ([name]) =>
        !FIELDS.has(name) && !['pin_state', 'rings_paused_until', 'fraud_reported', 'pin_suspended'].includes(name),
    ),
  )
}

const plainKey = (value: string): string =>
  value
    .replaceAll(/-----[^-]+-----|\s/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')

function isSame(name: string, one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true
  if (name.startsWith('count_')) return number(one) === number(other)
  if (name.startsWith('validity_') || name === 'last_auth' || name === 'failcounter_exceeded')
    return timeOf(one) === timeOf(other)
  if (name === 'polling_allowed') return (one ?? '').toLowerCase() === (other ?? '').toLowerCase()
  return false
}

/** The phone's key, and the server's where it is not the one that was imported. */
function setKeys(
  { info: there }: SourceToken,
  { serial, token }: Returning,
  { keys, enckey }: World,
  row: Record<string, string | number | boolean>,
  info: Map<string, InfoValue | undefined>,
): string | undefined {
  const phoneKey = token?.info['public_key_smartphone']
  if (token === null || phoneKey === undefined) return 'it has no key of a phone'
  if (plainKey(there.get('public_key_smartphone') ?? '') !== phoneKey)
    info.set('public_key_smartphone', { value: phoneKey })
  if (token.signing_key === `imported:${serial}`) return undefined
  const pkcs8 = keys.get(token.signing_key ?? '')
  if (pkcs8 === undefined) return `the deployment does not give its signing key ${token.signing_key}`
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' })
  const publicPem = String(createPublicKey(privateKey).export({ format: 'pem', type: 'pkcs1' })).trim()
  if (plainKey(there.get('public_key_server') ?? '') === plainKey(publicPem)) return undefined
  const privatePem = String(privateKey.export({ format: 'pem', type: 'pkcs1' })).trim()
  info.set('public_key_server', { value: publicPem })
  info.set('private_key_server', { value: enckey.encrypt('password', privatePem), type: 'password' })
  info.set('enrollment_credential', undefined)
  row['rollout_state'] = 'enrolled'
  return undefined
}

function withOwner(
  there: SourceToken,
  token: NodToken,
  world: World,
  changes: Changes | undefined,
): Changes | string | undefined {
  const [current] = there.owners
  const name = current && world.nameOf(current)
  const isOwned = token.username !== ''
  const isKept = isOwned ? name?.login === token.username && name.realm === token.user_realm : current === undefined
  let owner: OldOwner | null | undefined
  if (!isKept) {
    owner = isOwned ? world.ownerOf(token.username, token.user_realm) : null
    if (owner === undefined)
      return `its owner ${token.username} of the realm ${token.user_realm} is not known there (--users)`
  }
  const addedRealms = token.realms.filter((realm) => !there.realms.includes(realm) && world.realms.has(realm))
  const removedRealms = there.realms.filter((realm) => !token.realms.includes(realm) && world.realms.has(realm))
  if (owner === undefined && addedRealms.length === 0 && removedRealms.length === 0) return changes
  const base = changes ?? { row: {}, info: new Map<string, InfoValue | undefined>(), names: [] }
  const names = [
    ...base.names,
    ...(owner === undefined ? [] : ['owner']),
    ...(addedRealms.length + removedRealms.length > 0 ? ['realms'] : []),
  ]
  return { ...base, ...(owner === undefined ? {} : { owner }), addedRealms, removedRealms, names }
}

function changesOf(
  row: Readonly<Record<string, string | number | boolean>>,
  info: ReadonlyMap<string, InfoValue | undefined>,
): Changes | undefined {
  const hidden = new Set(['public_key_server', 'enrollment_credential', 'locked'])
  const names = [...Object.keys(row), ...info.keys()]
    .filter((name) => !hidden.has(name))
    .map((name) => NAMES[name] ?? name)
  return names.length === 0 ? undefined : { row, info, addedRealms: [], removedRealms: [], names }
}

/** Returns the token as it is there after these changes. */
export function applied(there: SourceToken, { row, info, owner, addedRealms, removedRealms }: Changes): SourceToken {
  const entries = new Map(there.info)
  for (const [name, value] of info) {
    if (value === undefined) entries.delete(name)
    else entries.set(name, value.value)
  }
  entries.delete(WAY_BACK)
  return {
    ...there,
    row: { ...there.row, ...row },
    info: entries,
    owners: owner === undefined ? there.owners : owner === null ? [] : [owner],
    realms: [...there.realms.filter((realm) => !removedRealms.includes(realm)), ...addedRealms],
  }
}
