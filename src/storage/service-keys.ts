/** Service keys, stored as hashes of their secrets. */
import type { NewServiceKey, RotatedKey, Rotation, ServiceKey, ServiceKeyTable } from '../ports/service-keys.ts'
import type { AuditEntry } from '../ports/audit.ts'
import { done, type Outcome } from '../refusal.ts'
import { instant, type Role } from '../vocabulary.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { tryChange, fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'
import { useRecorder } from './service-key-use.ts'

export interface ServiceKeyRow {
  readonly name: string
  readonly hash: string
  readonly role: Role
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly rotated_at: number | null
}

/** An earlier secret of a key. */
export interface SecretRow {
  readonly name: string
  readonly hash: string
  readonly valid_until: number
  readonly last_used_at: number | null
}

export const SERVICE_KEYS = `SELECT name, hash, role, created_at, expires_at, last_used_at, rotated_at FROM service_keys
  WHERE revoked_at IS NULL ORDER BY name`
export const SERVICE_KEY_SECRETS =
  'SELECT name, hash, valid_until, last_used_at FROM service_key_secrets ORDER BY valid_until DESC, hash'

/** So many earlier secrets of a key are kept, for thirty days after their end: until then the audit tells whose one was. */
const EARLIER_SECRETS = 4
const KEPT_MS = 30 * 86_400_000

/** Every key once for each of its secrets, the newest first. */
export function serviceKeysOf(rows: readonly ServiceKeyRow[], secrets: readonly SecretRow[]): readonly ServiceKey[] {
  return rows.flatMap((row) => {
    const { name, role } = row
    const earlier = secrets.filter((secret) => secret.name === name)
    const shared = {
      name,
      role,
      hashes: [row.hash, ...earlier.map(({ hash }) => hash)],
      createdAt: instant(row.created_at),
      ...(row.rotated_at === null ? {} : { rotatedAt: instant(row.rotated_at) }),
    }
    return [{ ...row, valid_until: row.expires_at }, ...earlier].map((secret) => ({
      ...shared,
      hash: secret.hash,
      ...(secret.valid_until === null ? {} : { validUntil: instant(secret.valid_until) }),
      ...(secret.last_used_at === null ? {} : { lastUsedAt: instant(secret.last_used_at) }),
    }))
  })
}

export const serviceKeys = (runQuery: RunQuery): ServiceKeyTable => ({
  add: (key, entry) => add(runQuery, key, entry),
  rotate: (name, rotation, entry) => rotate(runQuery, name, rotation, entry),

  async revoke(name, entry) {
    const outcome = await applyChange(runQuery, 'revoke service key', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM service_keys WHERE name = ?)', name),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('UPDATE service_keys SET revoked_at = ? FROM due WHERE name = ?', entry.at, name),
        fragment(
          `SELECT hash FROM service_keys, due WHERE name = ?
           UNION ALL SELECT hash FROM service_key_secrets, due WHERE name = ?`,
          name,
          name,
        ),
      ],
    })
    return outcome.ok ? done(rowsOf<{ hash: string }>(outcome.value?.results.at(-1)).map(({ hash }) => hash)) : outcome
  },

  /** Does not change the snapshot: a revoked key is not in it. */
  async forget(name) {
    const isRevoked = 'name = (SELECT name FROM service_keys WHERE name = ? AND revoked_at IS NOT NULL)'
    const outcome = await runQuery('forget service key', (db) =>
      db.batch(
        ['service_key_secrets', 'service_keys'].map((table) =>
          db.prepare(`DELETE FROM ${table} WHERE ${isRevoked}`).bind(name),
        ),
      ),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  recordUse: useRecorder(runQuery, () => runQuery.now()),
})

const add = (runQuery: RunQuery, key: NewServiceKey, entry: AuditEntry): Promise<Outcome<boolean>> =>
  tryChange(runQuery, 'add service key', entry, {
    condition: fragment('NOT EXISTS (SELECT 1 FROM service_keys WHERE name = ? OR hash = ?)', key.name, key.hash),
    statements: [
      BUMP_SETTINGS_REVISION,
      // Of a key of this name that a version before has deleted.
      fragment('DELETE FROM service_key_secrets WHERE name = ? AND EXISTS (SELECT 1 FROM due)', key.name),
      fragment(
        'INSERT INTO service_keys (name, hash, role, created_at, expires_at) SELECT ?, ?, ?, ?, ? FROM due',
        key.name,
        key.hash,
        key.role,
        key.createdAt,
        key.validUntil ?? null,
      ),
    ],
  })

async function rotate(
  runQuery: RunQuery,
  name: string,
  { hash, validUntil, previousUntil }: Rotation,
  entry: AuditEntry,
): Promise<Outcome<RotatedKey | undefined>> {
  const { at } = entry
  const rotated = await applyChange(runQuery, 'rotate service key', entry, {
    condition: fragment('EXISTS (SELECT 1 FROM service_keys WHERE name = ? AND revoked_at IS NULL)', name),
    statements: [
      BUMP_SETTINGS_REVISION,
      // A secret ends no later than it was to end: rotation does not revive one that has expired.
      fragment(
        'UPDATE service_key_secrets SET valid_until = min(valid_until, ?) FROM due WHERE name = ?',
        previousUntil,
        name,
      ),
      fragment(
        `INSERT INTO service_key_secrets (hash, name, valid_until, last_used_at)
         SELECT hash, name, min(coalesce(expires_at, ?), ?), last_used_at FROM service_keys, due WHERE name = ?`,
        previousUntil,
        previousUntil,
        name,
      ),
      fragment(
        `DELETE FROM service_key_secrets WHERE EXISTS (SELECT 1 FROM due) AND (valid_until < ? OR (name = ? AND hash NOT IN
           (SELECT hash FROM service_key_secrets WHERE name = ? ORDER BY valid_until DESC, hash LIMIT ${EARLIER_SECRETS})))`,
        at - KEPT_MS,
        name,
        name,
      ),
      fragment(
        `UPDATE service_keys SET hash = ?, rotated_at = ?, last_used_at = NULL,
           expires_at = coalesce(?, expires_at - coalesce(rotated_at, created_at) + ?)
         FROM due WHERE name = ? RETURNING expires_at`,
        hash,
        at,
        validUntil ?? null,
        at,
        name,
      ),
      fragment('SELECT hash FROM service_key_secrets, due WHERE name = ? AND valid_until <= ?', name, at),
    ],
  })
  if (!rotated.ok) return rotated
  if (rotated.value === undefined) return done(undefined)
  const [updated, ended] = rotated.value.results.slice(-2)
  const expires = rowsOf<{ expires_at: number | null }>(updated)[0]?.expires_at ?? undefined
  return done({
    ...(expires === undefined ? {} : { validUntil: instant(expires) }),
    ended: rowsOf<{ hash: string }>(ended).map((row) => row.hash),
  })
}
