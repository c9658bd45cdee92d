/** What a restore of the catalogue has undone: which of it still has to be done again, and how. */
import { present } from '../../present.ts'
import type { Epoch, Instant, Owner, Revision } from '../../vocabulary.ts'
import { RESTORED } from '../../vocabulary/catalogue.ts'

/** A change of the catalogue, as the journal has it, and whether the catalogue has it too. */
export interface KnownChange {
  readonly epoch: Epoch
  readonly revision: Revision
  readonly at: Instant
  readonly action: string
  readonly administrator?: string
  readonly serial?: string
  readonly owner?: Owner
  readonly info?: string
  readonly isLost: boolean
}

/** A request that an administrator makes. */
export interface AdministrativeRequest {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

/** A change that the catalogue has lost, and that nobody has done again. */
export interface LostChange {
  readonly at: Instant
  readonly action: string
  readonly administrator?: string
  readonly serial?: string
  readonly owner?: Owner
  readonly info?: string
  /** The same request, where it needs nothing that is stored nowhere; absent: it has to be done by hand. */
  readonly again?: AdministrativeRequest
  /** Takes access away where the change itself cannot be repeated: until it is done by hand, the earlier PIN, phone, owner or password
   *  would open a login. */
  readonly instead?: AdministrativeRequest
}

/** A kind of change. */
interface Kind {
  /** Changes of one aspect of one subject replace each other. */
  readonly aspect: string
  /** The subject's name; undefined: the change has none that can be told. */
  readonly subject: (change: KnownChange) => string | undefined
  readonly again?: (subject: string, change: KnownChange) => AdministrativeRequest
  readonly instead?: (subject: string) => AdministrativeRequest
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

const PIN = token('PIN', { instead: disableToken })
const PHONE = token('phone', { instead: disableToken })
const OWNER = token('owner', { instead: disableToken })

const KINDS: Readonly<Record<string, Kind>> = {
  'POST /token/disable/<serial>': token('active', { again: disableToken }),
  'POST /token/lost/<serial>': token('active', { again: disableToken }),
  'POST /token/enable/<serial>': token('active'),
  'POST /token/revoke/<serial>': token('revoked', { again: same('POST', '/token/revoke') }),
  'DELETE /token/<serial>': token('deleted', { again: same('DELETE', '/token') }),
  'POST /token/unassign': token('owner', { again: (serial) => request('POST', '/token/unassign', { serial }) }),
  'POST /token/assign': OWNER,
  'POST /token/copyuser': OWNER,
  'POST /token/setpin/<serial>': PIN,
  'POST /token/setrandompin/<serial>': PIN,
  'POST /token/copypin': PIN,
  'POST /token/init': PHONE,
  'register phone': PHONE,
  'DELETE /user/<resolver>/<user>': {
    aspect: 'user',
    subject: byUser,
    again: (_, { owner }) =>
      request('DELETE', `/user/nod/${segment(owner?.login ?? '')}`, present({ realm: owner?.realm ?? '' })),
  },
  'POST /user/': { aspect: 'user', subject: byUser },
  'PUT /user/': { aspect: 'user', subject: byUser },
  'DELETE /apikey/<name>': named('service key', { again: same('DELETE', '/apikey') }),
  // By hand: the secret that the rotation showed is stored nowhere.
  'POST /apikey/<name>/rotate': { aspect: 'service key', subject: ({ info = '' }) => info.split(':')[0] },
  'POST /deployment/keys/api-tokens/rotate': {
    aspect: 'API token key',
    // A rotation that leaves the keys before alone does not make up for one that voided them.
    subject: ({ info = '' }) => (info.includes('compromised') ? 'compromised' : ''),
    again: (subject) =>
      request('POST', '/deployment/keys/api-tokens/rotate', subject === '' ? {} : { compromised: '1' }),
  },
  'POST /deployment/keys/signing/rotate': {
    aspect: 'signing key',
    subject: () => '',
    again: () => request('POST', '/deployment/keys/signing/rotate'),
  },
  'DELETE /deployment/keys/signing/<id>': named('deleted signing key', {
    again: same('DELETE', '/deployment/keys/signing'),
  }),
  'POST /administrator/disable/<login>': named('administrator', { again: disableAdministrator }),
  'POST /administrator/enable/<login>': named('administrator'),
  'DELETE /administrator/<login>': named('administrator', { again: same('DELETE', '/administrator') }),
  'POST /administrator/password': {
    aspect: 'password',
    subject: ({ administrator }) => administrator,
    instead: disableAdministrator,
  },
  'DELETE /policy/<name>': named('policy', { again: same('DELETE', '/policy') }),
  'POST /policy/disable/<name>': named('policy', { again: same('POST', '/policy/disable') }),
  'POST /policy/enable/<name>': named('policy', { again: same('POST', '/policy/enable') }),
  'POST /policy/<name>': named('policy'),
  'DELETE /system/<key>': named('setting', { again: same('DELETE', '/system') }),
  'POST /realm/<realm>': named('realm', { again: same('POST', '/realm') }),
  'DELETE /realm/<realm>': named('realm', { again: same('DELETE', '/realm') }),
  'POST /defaultrealm/<realm>': {
    aspect: 'default realm',
    subject: () => '',
    again: (_, { info = '' }) => same('POST', '/defaultrealm')(info),
  },
  'DELETE /defaultrealm': {
    aspect: 'default realm',
    subject: () => '',
    again: () => request('DELETE', '/defaultrealm'),
  },
}

/** Of no interest after a restore: a new epoch voids all bypass codes, and a phone sends its registration token again. */
const SETTLED: ReadonlySet<string> = new Set([RESTORED, 'refresh registration', 'DELETE /token/bypass/<id>'])

/** After one of these the token lets nobody in, so nothing else of it has to be done again. */
const ENDS: ReadonlySet<string> = new Set(['token active', 'token revoked', 'token deleted'])

const kindOf = ({ action }: KnownChange): Kind => KINDS[action] ?? { aspect: action, subject: byInfo }

/**
 * Returns what still has to be done again, in the order in which it was done: of the changes of one aspect of one subject the last
 * that was lost, unless somebody has changed that aspect since. A lost deletion stands for everything else that was lost of its token.
 * `changes`: since the state that was restored, in order. `tokens`: those of the serials that exist now.
 */
export function lostChanges(changes: readonly KnownChange[], tokens: ReadonlySet<string>): readonly LostChange[] {
  const last = new Map<string, KnownChange>()
  const deleted = new Set<string>()
  const shut = new Set<string>()
  for (const change of changes) {
    if (SETTLED.has(change.action)) continue
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
  const { subject, again, instead } = kindOf(change)
  const name = subject(change)
  const exists = serial === undefined || tokens.has(serial)
  const repeat = name === undefined || !exists ? undefined : again?.(name, change)
  const isShut = serial !== undefined && shut.has(serial)
  const other = name === undefined || !exists || isShut || repeat !== undefined ? undefined : instead?.(name)
  return { at, action, ...present({ administrator, serial, owner, info, again: repeat, instead: other }) }
}
