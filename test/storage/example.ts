/** Shared by the storage tests: a frozen now, audit entries and tokens to store, a D1 that counts queries. */
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { AuditEntry, ChainHead, HandOver } from '../../src/ports/audit.ts'
import type { NewToken } from '../../src/ports/tokens.ts'
import type { Outcome } from '../../src/refusal.ts'
import { deriveKeys } from '../../src/storage/derived-keys.ts'
import { type KeyRing, keyRing } from '../../src/storage/key-ring.ts'
import { tables } from '../../src/storage/tables.ts'
import { addSeconds, instant, type Owner, type Random, seconds, type Serial } from '../../src/vocabulary.ts'
import type { TokenFilter, TokenOrder } from '../../src/vocabulary/tokens.ts'

export const now = instant(Date.UTC(2026, 9, 20, 9))
export const soon = addSeconds(now, seconds(600))

export const serial = (text: string): Serial => text as Serial

export const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length))

/** A fault in our SQL must not look like D1 not answering. */
export const failOnLog = (event: string, fields: Readonly<Record<string, unknown>>): void => {
  throw new Error(`${event} ${JSON.stringify(fields)}`)
}

/** The keys of these master keys, each 32 times the same byte; the first of them is current. */
export async function ringOf(...fills: readonly [number, ...number[]]): Promise<KeyRing> {
  const derive = (fill: number) => deriveKeys(new Uint8Array(32).fill(fill))
  const [first, ...others] = fills
  const key = await derive(first)
  const ring = keyRing([key, ...(await Promise.all(others.map(derive)))], () => now)
  const record = { id: key.id, checkValue: '', firstSeen: instant(0), currentSince: instant(0) }
  ring.adopt({ current: key.id, keys: [record] })
  return ring
}

const RING = await ringOf(1)

/** The tables of a D1, with a clock that stands before every revision: each change takes the next. */
export const tablesOf = (db: D1Database, log: typeof failOnLog = failOnLog, at = instant(0)) =>
  tables(RING, random, db, log, () => at, {
    report: async () => ({ ok: true, value: undefined }),
    tellShards: async () => undefined,
    suspect: async () => undefined,
  })
export const storage = () => tablesOf(env.DB)

/** The value of an outcome; throws for a refusal. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}

export const auditEntry = (action: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: now,
  action,
  administrator: 'grace',
  address: '192.0.2.7',
  ...more,
})

export const newToken = (name: string, owner?: Owner): NewToken => ({
  serial: serial(name),
  type: 'push',
  ...(owner === undefined ? {} : { owner }),
  description: 'a phone',
  firebase: 'poll only',
  registrationUrl: 'https://nod.example/ttype/push',
  signingKey: 'k2048-1',
  maxAttempts: 10,
  credentialHash: `hash of ${name}`,
  credentialExpires: soon,
})

export const registration = (name: string) => ({
  serial: serial(name),
  credentialHash: `hash of ${name}`,
  digest: 'digest',
  phoneKey: 'the phone key',
  registrationToken: 'registration token',
  at: now,
})

export async function add(name: string, owner?: Owner): Promise<Serial> {
  const added = await storage().tokens.add(newToken(name, owner), auditEntry('POST /token/init', { serial: name }))
  expect(added).toEqual({ ok: true, value: true })
  return serial(name)
}

export async function enroll(name: string, owner?: Owner): Promise<Serial> {
  await add(name, owner)
  expect(await storage().tokens.registerPhone(registration(name))).toEqual({ ok: true, value: true })
  return serial(name)
}

export async function revisions(): Promise<{ readonly revision: number; readonly settings: number }> {
  const row = await env.DB.prepare('SELECT revision, settings_revision AS settings FROM deployment').first<{
    revision: number
    settings: number
  }>()
  if (row === null) throw new Error('no deployment')
  return row
}

/** The audit entries since a revision. */
export async function entriesSince(revision: number): Promise<readonly { action: string; serial: string | null }[]> {
  const { results } = await env.DB.prepare(
    "SELECT action, serial FROM audit WHERE shard = 'catalogue' AND sequence > ? ORDER BY sequence",
  )
    .bind(revision)
    .all<{ action: string; serial: string | null }>()
  return results
}

interface Asked {
  readonly by?: TokenOrder['field']
  readonly ascending?: boolean
  readonly offset?: number
  readonly limit?: number
}

export const list = async (
  filter: TokenFilter,
  { by = 'serial', ascending = true, offset = 0, limit = 15 }: Asked = {},
) => valueOf(await storage().tokens.list({ filter, order: { field: by, ascending }, offset, limit }))

/** D1 with its round trips counted. */
export function counting(db: D1Database): { readonly db: D1Database; trips: number; statements: number } {
  const counted = {
    trips: 0,
    statements: 0,
    db: new Proxy(db, {
      get(target, property) {
        if (property === 'prepare') {
          return (sql: string) => {
            counted.statements += 1
            return target.prepare(sql)
          }
        }
        if (property === 'batch') {
          return (statements: D1PreparedStatement[]) => {
            counted.trips += 1
            return target.batch(statements)
          }
        }
        throw new Error(`not counted: ${String(property)}`)
      },
    }),
  }
  return counted
}

/** Hands records over as a shard does that knows the last link of its chain. */
export async function handOver(shard: string, records: HandOver['records']): Promise<ChainHead> {
  const head = await env.DB.prepare('SELECT number, hash FROM audit_chain WHERE shard = ? ORDER BY number DESC LIMIT 1')
    .bind(shard)
    .first<ChainHead>()
  const stored = await storage().audit.store({ shard, at: now, records, head: head ?? { number: 0, hash: '' } })
  expect(stored).toMatchObject({ ok: true, value: { stored: true } })
  return valueOf(stored).head
}
