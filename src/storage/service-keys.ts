/** Service keys: only their hashes are here. */
import type { Catalogue, ServiceKey } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Role } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf } from './run-query.ts'
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

type Keys = 'addServiceKey' | 'revokeServiceKey' | 'forgetServiceKey'

export const serviceKeys = (ask: RunQuery): Pick<Catalogue, Keys> => ({
  /** False when the name is taken. */
  addServiceKey: (key, deed) =>
    tryChange(ask, 'add service key', deed, {
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

  async revokeServiceKey(name, deed) {
    const outcome = await applyChange(ask, 'revoke service key', deed, {
      condition: fragment('EXISTS (SELECT 1 FROM service_keys WHERE name = ?)', name),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('UPDATE service_keys SET revoked_at = ? FROM due WHERE name = ? RETURNING hash', deed.at, name),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ hash: string }>(outcome.value?.results.at(-1))[0]?.hash)
  },

  /** No isolate knew it any more: no change of what they know. */
  async forgetServiceKey(hash) {
    const outcome = await ask('forget service key', (db) =>
      db.prepare('DELETE FROM service_keys WHERE hash = ? AND revoked_at IS NOT NULL').bind(hash).run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
