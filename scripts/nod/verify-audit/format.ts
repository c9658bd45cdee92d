/** The format of the audit's proof, as docs/audit-format.md has it. Shares no code with what writes it. */
import { createHash } from 'node:crypto'
import { z } from 'zod'

const text = z.nullable(z.string())
const integer = z.nullable(z.int())

export const recordSchema = z.object({
  at: z.int(),
  shard: z.string(),
  sequence: z.int(),
  number: z.optional(integer),
  action: z.string(),
  success: z.int(),
  authentication: z.string(),
  transaction_id: z.optional(text),
  serial: z.optional(text),
  login: z.optional(text),
  realm: z.optional(text),
  administrator: z.optional(text),
  service: z.optional(text),
  address: z.optional(text),
  user_agent: z.optional(text),
  info: z.optional(text),
  policies: z.optional(text),
  change: z.optional(text),
  steps: z.optional(text),
  count: z.optional(integer),
  duration: z.optional(integer),
  stranger: z.optional(integer),
  salt: z.optional(text),
})
/** A row of the table `audit`. */
export type StoredRecord = z.infer<typeof recordSchema>

export const linkSchema = z.object({
  shard: z.string(),
  number: z.int(),
  at: z.int(),
  first: z.int(),
  last: z.int(),
  count: z.int(),
  oldest: z.int(),
  newest: z.int(),
  records: z.string(),
  previous: z.string(),
  lost: z.optional(text),
  hash: z.string(),
})
/** A row of the table `audit_chain`. */
export type StoredLink = z.infer<typeof linkSchema>

const entriesSchema = z.array(z.tuple([z.int(), z.string()]))
/** 16 bytes in base64url, in the one spelling that has no spare bits. A salt of another length could take letters from its value, or
 *  give it some, and the commitment would be the same. */
const saltText = z.string().regex(/^[\w-]{21}[AQgw]$/)
const saltSchema = z.object({ salts: z.record(z.string(), saltText), erased: z.record(z.string(), z.string()) })
const stepsSchema = z.array(z.looseObject({ address: z.optional(z.string()), userAgent: z.optional(z.string()) }))

const COLUMNS = [
  'transaction_id',
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
] as const

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('base64url')
}

const BLOCK_BYTES = 64

/** HMAC-SHA-256 (RFC 2104), of a key of at most 64 bytes, by `createHash`: `createHmac` takes ten times as long, and an audit has
 *  millions of fields. */
function hmac(key: Uint8Array): (message: string) => Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36)
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c)
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
  return (message) =>
    createHash('sha256').update(outer).update(createHash('sha256').update(inner).update(message).digest()).digest()
}

/** The shards that SQL writes. Their records are numbered. */
export const NUMBERED: ReadonlySet<string> = new Set(['catalogue', 'bypass'])

/** The position of a record in its shard's chain. */
export const positionOf = ({ shard, number, sequence }: Pick<StoredRecord, 'shard' | 'number' | 'sequence'>): number =>
  // A record of these that has no number is from before the chain.
  number ?? (NUMBERED.has(shard) ? 0 : sequence)

/** The fields that are there, and the value of each. */
function fieldsOf(record: StoredRecord): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const column of COLUMNS) {
    const value = record[column]
    if (typeof value === 'string') fields.set(column, value)
  }
  if (typeof record.steps !== 'string') return fields
  const steps = stepsSchema.parse(JSON.parse(record.steps))
  fields.set('steps', JSON.stringify(steps.map((step) => ({ ...step, address: undefined, userAgent: undefined }))))
  for (const [index, { address, userAgent }] of steps.entries()) {
    if (address !== undefined || userAgent !== undefined)
      fields.set(`steps/${index}`, JSON.stringify([address ?? null, userAgent ?? null]))
  }
  return fields
}

/** The hash of a record, and the names of its erased fields. The hash is undefined where the row cannot be one that Nod wrote. */
export function readRecord(record: StoredRecord): {
  readonly hash: string | undefined
  readonly erased: readonly string[]
} {
  try {
    const fields = fieldsOf(record)
    const { saltOf, erased } = saltsOf(record.salt ?? '')
    const commitments = new Map(Object.entries(erased))
    for (const [field, value] of fields) {
      if (commitments.has(field)) return { hash: undefined, erased: Object.keys(erased) }
      commitments.set(field, sha256(saltOf(field), value))
    }
    const list = [
      'nod-audit-record-1',
      record.shard,
      record.sequence,
      record.number ?? null,
      record.at,
      record.action,
      record.success,
      record.authentication,
      record.count ?? null,
      record.duration ?? null,
      record.stranger ?? null,
      [...commitments].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ]
    return { hash: sha256(JSON.stringify(list)), erased: Object.keys(erased) }
  } catch {
    return { hash: undefined, erased: [] }
  }
}

function saltsOf(salt: string) {
  if (salt.startsWith('{')) {
    const { salts, erased } = saltSchema.parse(JSON.parse(salt))
    return { saltOf: (field: string) => Buffer.from(saltText.parse(salts[field]), 'base64url'), erased }
  }
  const saltFor = hmac(Buffer.from(saltText.parse(salt), 'base64url'))
  return { saltOf: (field: string) => saltFor(field).subarray(0, 16), erased: {} }
}

/** The records that a link names; undefined where its hash is not what it says. */
export function readLink(link: StoredLink): readonly (readonly [position: number, hash: string])[] | undefined {
  try {
    const entries = entriesSchema.parse(JSON.parse(link.records))
    const { shard, number, at, first, last, count, oldest, newest, previous, lost = null } = link
    const list = ['nod-audit-link-1', shard, number, at, first, last, count, oldest, newest, previous, lost, entries]
    const isWhole =
      sha256(JSON.stringify(list)) === link.hash &&
      entries.length === count &&
      entries[0]?.[0] === first &&
      entries.at(-1)?.[0] === last &&
      entries.every(([position], index) => index === 0 || position > (entries[index - 1]?.[0] ?? 0))
    return isWhole ? entries : undefined
  } catch {
    return undefined
  }
}

const jwkSchema = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() })
const claimsSchema = z.object({
  iss: z.optional(z.string()),
  at: z.int(),
  chains: z.record(z.string(), z.object({ number: z.int(), hash: z.string() })),
})
export type HeadClaims = z.infer<typeof claimsSchema>

/** The key id in the header of a head, unverified. */
export function keyIdOf(jws: string): string | undefined {
  try {
    return z.object({ kid: z.string() }).parse(JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()))
      .kid
  } catch {
    return undefined
  }
}

/** The JWK thumbprint of a key (RFC 7638). */
export function thumbprintOf(jwk: unknown): string {
  const { kty, crv, x, y } = jwkSchema.parse(jwk)
  return sha256(JSON.stringify({ crv, kty, x, y }))
}

/** What a head says; undefined where this key did not sign it. */
export async function readHead(jws: string, jwk: unknown): Promise<HeadClaims | undefined> {
  const [header = '', payload = '', signature = '', ...rest] = jws.trim().split('.')
  const known = z.object({ alg: z.literal('ES256'), typ: z.literal('nod-audit-head+jwt') })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  try {
    known.parse(JSON.parse(Buffer.from(header, 'base64url').toString()))
    const key = await crypto.subtle.importKey('jwk', jwkSchema.parse(jwk), algorithm, false, ['verify'])
    const signed = new TextEncoder().encode(`${header}.${payload}`)
    const isSigned = await crypto.subtle.verify(algorithm, key, Buffer.from(signature, 'base64url'), signed)
    if (!isSigned || rest.length > 0) return undefined
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  } catch {
    return undefined
  }
}
