/** Hashes of audit records over salted commitments, so that a field can be erased and the hash stays. Format:
 *  docs/audit-format.md. */
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'
import type { ErasableField } from '../ports/audit.ts'
import type { Bytes, Random } from '../vocabulary.ts'

/** A row of the table `audit`. */
export interface AuditRow {
  readonly at: number
  readonly shard: string
  readonly sequence: number
  readonly number: number | null
  readonly action: string
  readonly success: number
  readonly authentication: string
  readonly transaction_id: string | null
  readonly serial: string | null
  readonly login: string | null
  readonly realm: string | null
  readonly administrator: string | null
  readonly service: string | null
  readonly address: string | null
  readonly user_agent: string | null
  readonly info: string | null
  readonly count: number | null
  readonly duration: number | null
  readonly stranger: number | null
  readonly policies: string | null
  readonly change: string | null
  readonly steps: string | null
  readonly salt: string | null
}

/** The columns that can be erased. */
export const ERASABLE_COLUMNS = [
  'serial',
  'login',
  'realm',
  'administrator',
  'service',
  'address',
  'user_agent',
  'info',
  'policies',
  'change',
  'steps',
] as const satisfies readonly ErasableField[]

/** The columns that are hashed as salted commitments. `steps` is hashed without the origins of its steps. */
const COMMITTED_COLUMNS = ['transaction_id', ...ERASABLE_COLUMNS] as const

/** The columns of `AuditRow`, for SELECT and INSERT. */
export const AUDIT_COLUMNS = [
  'at',
  'shard',
  'sequence',
  'number',
  'action',
  'success',
  'authentication',
  ...COMMITTED_COLUMNS,
  'count',
  'duration',
  'stranger',
  'salt',
] as const satisfies readonly (keyof AuditRow)[]

/** The columns as SQL lists them. */
export const listed = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ')

const SALT_BYTES = 16

/** What the column `salt` holds after a field was erased. */
export interface ErasedSalt {
  /** The salt of each field that is left. */
  readonly salts: Readonly<Record<string, string>>
  /** The commitment to each field that was erased. */
  readonly erased: Readonly<Record<string, string>>
}

/** The text as D1 returns it: neither half of a surrogate pair nor NUL survives there, and a changed value would look forged. */
export const storableText = (text: string | undefined): string | null =>
  text === undefined ? null : text.toWellFormed().replaceAll('\0', '\uFFFD')

export const newSalt = (random: Random): string => encodeBase64Url(random(SALT_BYTES))

type SaltSource = { readonly record: CryptoKey } | ErasedSalt

/** A step of a login as the column `steps` has it. */
interface StoredStep {
  readonly address?: string
  readonly userAgent?: string
}

/** The value of each field that is there, by name. */
export function committedValues(row: AuditRow): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const column of COMMITTED_COLUMNS) {
    const value = row[column]
    if (value !== null) values.set(column, column === 'steps' ? withoutOrigins(value) : value)
  }
  readSteps(row.steps).forEach(({ address, userAgent }, index) => {
    if (address !== undefined || userAgent !== undefined)
      values.set(`steps/${index}`, JSON.stringify([address ?? null, userAgent ?? null]))
  })
  return values
}

const readSteps = (steps: string | null): readonly StoredStep[] =>
  steps === null ? [] : (JSON.parse(steps) as readonly StoredStep[])

/** Returns the steps without the address and user agent of each. */
export const withoutOrigins = (steps: string): string =>
  JSON.stringify(readSteps(steps).map((step) => ({ ...step, address: undefined, userAgent: undefined })))

export async function saltSource(salt: string): Promise<SaltSource> {
  if (salt.startsWith('{')) return JSON.parse(salt) as ErasedSalt
  const bytes = decodeBase64(salt) ?? new Uint8Array(0)
  const record = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return { record }
}

/** The salt of one field: the first 16 bytes of HMAC-SHA-256 under the record's salt, over the field's name. */
export async function fieldSalt(source: SaltSource, field: string): Promise<Bytes> {
  if (!('record' in source)) return decodeBase64(source.salts[field] ?? '') ?? new Uint8Array(0)
  const mac = await crypto.subtle.sign('HMAC', source.record, utf8(field))
  return new Uint8Array(mac).slice(0, SALT_BYTES)
}

/** SHA-256 over the salt and the value. */
export async function commitment(salt: Bytes, value: string): Promise<string> {
  const bytes = utf8(value)
  const whole = new Uint8Array(salt.length + bytes.length)
  whole.set(salt)
  whole.set(bytes, salt.length)
  return digest(whole)
}

/** The hash of a record: over what is never erased, and the commitments to everything else. */
export async function recordHash(row: AuditRow): Promise<string> {
  const source = await saltSource(row.salt ?? '')
  const made = await Promise.all(
    [...committedValues(row)].map(
      async ([field, value]) => [field, await commitment(await fieldSalt(source, field), value)] as const,
    ),
  )
  const all = new Map([...('erased' in source ? Object.entries(source.erased) : []), ...made])
  const fields = [...all].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return hashOf([
    'nod-audit-record-1',
    row.shard,
    row.sequence,
    row.number,
    row.at,
    row.action,
    row.success,
    row.authentication,
    row.count,
    row.duration,
    row.stranger,
    fields,
  ])
}

/** SHA-256 over the JSON of a list, base64url. */
export const hashOf = (list: readonly unknown[]): Promise<string> => digest(utf8(JSON.stringify(list)))

const digest = async (bytes: Bytes): Promise<string> =>
  encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
