/** The changes that a restore of the catalogue has lost, and how to make each of them again. */
import { present } from '../../present.ts'
import { type CatalogueChange, type CatalogueVersion, RESTORED } from '../../vocabulary/catalogue.ts'
import { UNDONE } from '../../vocabulary/notices.ts'

/** A change of the catalogue, as the journal has it, and whether the catalogue has it too. */
export interface KnownChange extends CatalogueVersion, CatalogueChange {
  readonly isLost: boolean
}

/** A request that an administrator makes. */
export interface AdministrativeRequest {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

/** A change that the catalogue has lost, and that nobody has done again. */
export interface LostChange extends CatalogueChange {
  /** The request that makes the change again. Absent if it needs what Nod does not store, such as a PIN: somebody has to make it by
   *  hand. */
  readonly repeat?: AdministrativeRequest
  /** The request that disables the token or administrator until somebody has made the change by hand. Until then the earlier PIN,
   *  phone, owner or password would open a login. */
  readonly disable?: AdministrativeRequest
}

/** What one kind of change is about, and how it is made again. */
interface Kind {
  /** Of the changes of one aspect of one subject only the last counts. */
  readonly aspect: string
  /** The subject's name; undefined if the journal does not have it. */
  readonly subject: (change: KnownChange) => string | undefined
  readonly repeat?: (subject: string, change: KnownChange) => AdministrativeRequest
  readonly disable?: (subject: string) => AdministrativeRequest
}

const request = (
  method: string,
  path: string,
  parameters: AdministrativeRequest['parameters'] = {},
): AdministrativeRequest => ({ method, path, parameters })
const segment = encodeURIComponent

const bySerial = ({ serial }: KnownChange): string | undefined => serial
const byInfo = ({ info }: KnownChange): string | undefined => info
const byUser = ({ owner }: KnownChange): string | undefined => owner && `${owner.login}@${owner.realm}`

const disableToken = (serial: string) => request('POST', `/token/disable/${segment(serial)}`)
const disableAdministrator = (login: string) => request('POST', `/administrator/disable/${segment(login)}`)

const token = (aspect: string, more: Omit<Kind, 'aspect' | 'subject'> = {}): Kind => ({
  aspect: `token ${aspect}`,
  subject: bySerial,
  ...more,
})
const named = (aspect: string, more: Omit<Kind, 'aspect' | 'subject'> = {}): Kind => ({
  aspect,
  subject: byInfo,
  ...more,
})
/** The request that the action names, with the subject in place of its last segment. */
const same = (method: string, path: string) => (subject: string) => request(method, `${path}/${segment(subject)}`)

const PIN = token('PIN', { disable: disableToken })
const PHONE = token('phone', { disable: disableToken })
const OWNER = token('owner', { disable: disableToken })

const KINDS: Readonly<Record<string, Kind>> = {
  'POST /token/disable/<serial>': token('active', { repeat: disableToken }),
  'POST /token/lost/<serial>': token('active', { repeat: disableToken }),
  'POST /token/enable/<serial>': token('active'),
  // A pause that was lost may be over, and one that has come back ends by itself.
  'POST /token/pause/<serial>': token('rings'),
  'POST /token/resume/<serial>': token('rings', { repeat: same('POST', '/token/resume') }),
  'POST /token/revoke/<serial>': token('revoked', { repeat: same('POST', '/token/revoke') }),
  'DELETE /token/<serial>': token('deleted', { repeat: same('DELETE', '/token') }),
  'POST /token/unassign': token('owner', { repeat: (serial) => request('POST', '/token/unassign', { serial }) }),
  'POST /token/assign': OWNER,
  'POST /token/copyuser': OWNER,
  'POST /token/setpin/<serial>': PIN,
  'POST /token/setrandompin/<serial>': PIN,
  'POST /token/copypin': PIN,
  'POST /token/init': PHONE,
  'register phone': PHONE,
  [UNDONE.revoked]: token('revoked', { repeat: same('POST', '/token/revoke') }),
  [UNDONE.disabled]: token('active', { repeat: disableToken }),
  'DELETE /user/<resolver>/<user>': {
    aspect: 'user',
    subject: byUser,
    repeat: (_, { owner }) =>
      request('DELETE', `/user/nod/${segment(owner?.login ?? '')}`, present({ realm: owner?.realm ?? '' })),
  },
  'POST /user/': { aspect: 'user', subject: byUser },
  'PUT /user/': { aspect: 'user', subject: byUser },
  'DELETE /apikey/<name>': named('service key', { repeat: same('DELETE', '/apikey') }),
  // By hand: the secret that the rotation showed is stored nowhere.
  'POST /apikey/<name>/rotate': { aspect: 'service key', subject: ({ info = '' }) => info.split(':')[0] },
  'POST /deployment/keys/signing/rotate': {
    aspect: 'signing key',
    subject: () => '',
    repeat: () => request('POST', '/deployment/keys/signing/rotate'),
  },
  'DELETE /deployment/keys/signing/<id>': named('deleted signing key', {
    repeat: same('DELETE', '/deployment/keys/signing'),
  }),
  'POST /administrator/disable/<login>': named('administrator', { repeat: disableAdministrator }),
  'POST /administrator/enable/<login>': named('administrator'),
  'DELETE /administrator/<login>': named('administrator', { repeat: same('DELETE', '/administrator') }),
  'POST /administrator/password': {
    aspect: 'password',
    subject: ({ administrator }) => administrator,
    disable: disableAdministrator,
  },
  'DELETE /policy/<name>': named('policy', { repeat: same('DELETE', '/policy') }),
  'POST /policy/disable/<name>': named('policy', { repeat: same('POST', '/policy/disable') }),
  'POST /policy/enable/<name>': named('policy', { repeat: same('POST', '/policy/enable') }),
  'POST /policy/<name>': named('policy'),
  'DELETE /system/<key>': named('setting', { repeat: same('DELETE', '/system') }),
  'POST /realm/<realm>': named('realm', { repeat: same('POST', '/realm') }),
  'DELETE /realm/<realm>': named('realm', { repeat: same('DELETE', '/realm') }),
  'POST /defaultrealm/<realm>': {
    aspect: 'default realm',
    subject: () => '',
    repeat: (_, { info = '' }) => same('POST', '/defaultrealm')(info),
  },
  'DELETE /defaultrealm': {
    aspect: 'default realm',
    subject: () => '',
    repeat: () => request('DELETE', '/defaultrealm'),
  },
}

/** Nobody has to make these again: a new epoch voids all bypass codes and API tokens, and a phone sends its registration token again. */
const IGNORED: ReadonlySet<string> = new Set([
  RESTORED,
  'refresh registration',
  'DELETE /token/bypass/<id>',
  UNDONE.voided,
  'POST /deployment/keys/api-token/rotate',
  'POST /auth/logout',
])

/** After a change of one of these aspects the token lets nobody in. */
const ENDS: ReadonlySet<string> = new Set(['token active', 'token revoked', 'token deleted'])

const kindOf = ({ action }: KnownChange): Kind => KINDS[action] ?? { aspect: action, subject: byInfo }

/**
 * Returns the lost changes that somebody has to make again, the oldest first. Of one aspect of one subject that is the last lost
 * change, unless somebody has changed that aspect since. If a token's deletion was lost, its other lost changes are left out.
 * `changes`: all changes since the restored state, the oldest first. `tokens`: the serials that exist now.
 */
export function lostChanges(changes: readonly KnownChange[], tokens: ReadonlySet<string>): readonly LostChange[] {
  const last = new Map<string, KnownChange>()
  const deleted = new Set<string>()
  const shut = new Set<string>()
  for (const change of changes) {
    if (IGNORED.has(change.action)) continue
    const { aspect, subject } = kindOf(change)
    const key = JSON.stringify([aspect, subject(change) ?? [change.serial, change.owner, change.info]])
    last.delete(key)
    if (change.isLost) last.set(key, change)
    if (change.serial === undefined || !ENDS.has(aspect)) continue
    if (aspect === 'token deleted' && change.isLost) deleted.add(change.serial)
    if (!change.isLost && change.action !== 'POST /token/enable/<serial>') shut.add(change.serial)
  }
  return [...last.values()]
    .filter(({ serial, action }) => serial === undefined || !deleted.has(serial) || action.startsWith('DELETE /token/'))
    .filter(({ serial, action }) => serial === undefined || tokens.has(serial) || !action.startsWith('DELETE /token/'))
    .map((change) => lostChange(change, tokens, shut))
}

function lostChange(change: KnownChange, tokens: ReadonlySet<string>, shut: ReadonlySet<string>): LostChange {
  const { at, action, administrator, serial, owner, info } = change
  const { subject, ...requests } = kindOf(change)
  const name = subject(change)
  const exists = serial === undefined || tokens.has(serial)
  const repeat = name === undefined || !exists ? undefined : requests.repeat?.(name, change)
  const isShut = serial !== undefined && shut.has(serial)
  const disable = name === undefined || !exists || isShut || repeat !== undefined ? undefined : requests.disable?.(name)
  return { at, action, ...present({ administrator, serial, owner, info, repeat, disable }) }
}
