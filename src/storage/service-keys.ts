/** Service keys, stored as hashes. */
import type { ServiceKey, ServiceKeyTable } from '../ports/service-keys.ts'
import { done } from '../refusal.ts'
import { instant, type Role } from '../vocabulary.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { tryChange, fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'

export interface ServiceKeyRow {
  readonly name: string
  readonly hash: string
  readonly role: Role
  readonly created_at: number
}

export const serviceKeyOf = (row: ServiceKeyRow): ServiceKey => ({
  name: row.name,
  hash: row.hash,
  role: row.role,
  createdAt: instant(row.created_at),
})

export const serviceKeys = (runQuery: RunQuery): ServiceKeyTable => ({
  add: (key, entry) =>
    tryChange(runQuery, 'add service key', entry, {
      condition: fragment('NOT EXISTS (SELECT 1 FROM service_keys WHERE name = ? OR hash = ?)', key.name, key.hash),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          'INSERT INTO service_keys (name, hash, role, created_at) SELECT ?, ?, ?, ? FROM due',
          key.name,
          key.hash,
          key.role,
          key.createdAt,
        ),
      ],
    }),

  async revoke(name, entry) {
    const outcome = await applyChange(runQuery, 'revoke service key', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM service_keys WHERE name = ?)', name),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('UPDATE service_keys SET revoked_at = ? FROM due WHERE name = ? RETURNING hash', entry.at, name),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ hash: string }>(outcome.value?.results.at(-1))[0]?.hash)
  },

  /** Does not change the snapshot: a revoked key is not in it. */
  async forget(hash) {
    const outcome = await runQuery('forget service key', (db) =>
      db.prepare('DELETE FROM service_keys WHERE hash = ? AND revoked_at IS NOT NULL').bind(hash).run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
