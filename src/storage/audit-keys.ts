/** The keys that sign heads of the audit, and nothing else: sealed in D1, the first one made on first use. */
import type { HeadKey } from '../ports/audit-heads.ts'
import { done, type Outcome } from '../refusal.ts'
import { type Instant, instant } from '../vocabulary.ts'
import { type Log, type Query, storageUnavailable } from './run-query.ts'
import { importSigningKey, makeKeyPair } from './key-pairs.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'

const identity = (id: string): string => sealedIdentity('audit_keys', id)

interface KeyRow {
  readonly id: string
  readonly public_key: string
  readonly private_key: string
  readonly created_at: number
}

/** A key as an isolate keeps it. */
export interface OpenedHeadKey {
  readonly kid: string
  readonly key: CryptoKey
}

export interface HeadKeys {
  /** The newest key. Refuses: `storage_unavailable`, also when it does not open. */
  current(): Promise<Outcome<OpenedHeadKey>>
  all(): Promise<Outcome<readonly HeadKey[]>>
}

/** Call it once per isolate: it keeps the imported key. */
export function headKeys(runQuery: Query, log: Log, sealer: Sealer, now: () => Instant): HeadKeys {
  let kept: OpenedHeadKey | undefined

  const rows = () =>
    runQuery('audit keys', (db) =>
      db
        .prepare(
          'SELECT id, public_key, private_key, created_at FROM audit_keys ORDER BY created_at DESC, id LIMIT 100',
        )
        .all<KeyRow>(),
    )

  /** Adds the first key, unless another isolate was faster. */
  async function addFirst(): Promise<Outcome<unknown>> {
    const { id, publicKey, privateKey } = await makeKeyPair(sealer, identity)
    return runQuery('first audit key', (db) =>
      db
        .prepare(
          `INSERT INTO audit_keys (id, public_key, private_key, created_at) SELECT ?, ?, ?, ?
           WHERE NOT EXISTS (SELECT 1 FROM audit_keys)`,
        )
        .bind(id, publicKey, privateKey, now())
        .run(),
    )
  }

  async function newest(): Promise<Outcome<KeyRow | undefined>> {
    const found = await rows()
    return found.ok ? done(found.value.results[0]) : found
  }

  return {
    async current() {
      let found = await newest()
      if (found.ok && found.value === undefined) {
        const added = await addFirst()
        if (!added.ok) return added
        found = await newest()
      }
      if (!found.ok) return found
      const row = found.value
      if (row !== undefined && kept?.kid === row.id) return done(kept)
      const pkcs8 = row && (await sealer.open(identity(row.id), row.private_key))
      if (row === undefined || pkcs8 === undefined) {
        log('audit_key_unreadable', {
          id: row?.id ?? '',
          why: row === undefined ? 'missing' : 'sealed with another key',
        })
        return storageUnavailable()
      }
      kept = { kid: row.id, key: await importSigningKey(pkcs8) }
      return done(kept)
    },

    async all() {
      const found = await rows()
      if (!found.ok) return found
      return done(
        found.value.results.map(({ id, public_key, created_at }) => ({
          kid: id,
          createdAt: instant(created_at),
          jwk: JSON.parse(public_key) as HeadKey['jwk'],
        })),
      )
    },
  }
}
