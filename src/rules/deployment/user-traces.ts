/** Decides what in the audit and the policies is about one user. */
import type { Owner, Policy } from '../../vocabulary.ts'

/** The columns of an audit record that may name a user. */
export interface TracedRecord {
  readonly login: string | null
  readonly realm: string | null
  readonly serial: string | null
  readonly info: string | null
  readonly change: string | null
}

/** A user, and the serials of the tokens that are or were only theirs. */
export interface TracedUser {
  readonly owner: Owner
  readonly serials: readonly string[]
}

/** The fields to erase of a record. */
export type TracedField = (typeof OF_THE_USER)[number]

const OF_THE_USER = ['login', 'serial', 'address', 'user_agent', 'info', 'change', 'steps'] as const
const OF_THE_PHONE = ['serial', 'address', 'user_agent', 'info', 'steps'] as const

/** The user as a request may name them with the realm: `ada@sales`, `sales\ada`. */
export const fullNamesOf = ({ login, realm }: Owner): readonly string[] => [`${login}@${realm}`, `${realm}\\${login}`]

/** Returns the fields of the record that are this user's data; none if it is not about the user. The administrator of a record
 *  is not the user's data but the deployment's. */
export function userFieldsOf(record: TracedRecord, { owner, serials }: TracedUser): readonly TracedField[] {
  if (isOf(record, owner)) return OF_THE_USER
  if (record.login === null && record.serial !== null && serials.includes(record.serial)) return OF_THE_PHONE
  const info = record.info !== null && fullNamesOf(owner).includes(record.info)
  return [...(info ? (['info'] as const) : []), ...(namesUser(record.change, owner) ? (['change'] as const) : [])]
}

/** Whether the record is about the user: by login and realm, or by the full name if the request's realm was unknown. */
function isOf({ login, realm }: TracedRecord, owner: Owner): boolean {
  if (login === null) return false
  if (fullNamesOf(owner).includes(login)) return true
  return login === owner.login && (realm === owner.realm || realm === null || realm === '')
}

/** The keys of a recorded change under which users stand. */
const USER_KEYS: ReadonlySet<string> = new Set(['user', 'login', 'owner', 'username'])

function namesUser(change: string | null, owner: Owner): boolean {
  if (change?.includes(JSON.stringify(owner.login)) !== true) return false
  try {
    return mentions(JSON.parse(change), owner.login, false)
  } catch {
    return false
  }
}

function mentions(value: unknown, login: string, isUser: boolean): boolean {
  if (typeof value === 'string') return isUser && value === login
  if (Array.isArray(value)) return value.some((one) => mentions(one, login, isUser))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, one]) => mentions(one, login, isUser || USER_KEYS.has(key)))
}

/** Returns the names of the policies that name the user. An erasure does not change them, because a policy that loses its last
 *  name would apply to everybody. */
export const policiesNaming = (policies: readonly Policy[], { login }: Owner): readonly string[] =>
  policies.filter(({ user }) => user.some((entry) => entry.replace(/^[!-]\s*/, '') === login)).map(({ name }) => name)
