/** Lists, adds and deletes signing keys. */
import type { ListedSigningKey, SigningKeyTable } from '../ports/signing-keys.ts'
import { done } from '../refusal.ts'
import { instant, seconds } from '../vocabulary.ts'
import { applyChange, BUMP_SETTINGS_REVISION, fragment, tryChange } from './change.ts'
import { type DeploymentRow, VERSION_COLUMNS, versionRead } from './next-revision.ts'
import type { RunQuery } from './run-query.ts'

/** Every token is read. */
const LIMIT = seconds(10)

interface SigningKeyRow {
  readonly id: string
  readonly bits: number
  readonly created_at: number
  readonly public_key: string
  readonly tokens: number
}

const keyOf = ({
  id,
  bits,
  created_at: createdAt,
  public_key: publicKey,
  tokens,
}: SigningKeyRow): ListedSigningKey => ({
  id,
  bits,
  createdAt: instant(createdAt),
  publicKey,
  tokens,
})

export const signingKeys = (runQuery: RunQuery): SigningKeyTable => ({
  async list() {
    const outcome = await runQuery(
      'signing keys',
      (db) =>
        db
          .prepare(
            `WITH used AS (SELECT signing_key AS id, count(*) AS tokens FROM tokens GROUP BY signing_key)
             SELECT signing_keys.id, bits, created_at, public_key, coalesce(used.tokens, 0) AS tokens
             FROM signing_keys LEFT JOIN used ON used.id = signing_keys.id
             WHERE signing_keys.id NOT GLOB 'imported:*' ORDER BY created_at DESC, signing_keys.id DESC LIMIT 1000`,
          )
          .all<SigningKeyRow>(),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    return done(outcome.value.results.map(keyOf))
  },

  async publicKey(id) {
    const found = await runQuery('public signing key', (db) =>
      db
        .prepare(
          `SELECT public_key, ${VERSION_COLUMNS} FROM signing_keys CROSS JOIN deployment WHERE signing_keys.id = ?`,
        )
        .bind(id)
        .first<DeploymentRow & { public_key: string }>(),
    )
    if (!found.ok || found.value === null) return found.ok ? done(undefined) : found
    return done({ publicKey: found.value.public_key, version: versionRead(found.value) })
  },

  add: ({ id, bits, privateKey, publicKey }, entry) =>
    tryChange(runQuery, 'add signing key', entry, {
      condition: fragment(
        `NOT EXISTS (SELECT 1 FROM signing_keys WHERE id = ?)
         AND NOT EXISTS (SELECT 1 FROM deleted_signing_keys WHERE id = ?)`,
        id,
        id,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          'INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) SELECT ?, ?, ?, ?, ? FROM due',
          id,
          bits,
          privateKey,
          publicKey,
          entry.at,
        ),
      ],
    }),

  async delete(id, entry) {
    const deleted = await applyChange(runQuery, 'delete signing key', entry, {
      condition: fragment(
        `EXISTS (SELECT 1 FROM signing_keys WHERE id = ?) AND NOT EXISTS (SELECT 1 FROM tokens WHERE signing_key = ?)`,
        id,
        id,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM signing_keys WHERE id = ? AND EXISTS (SELECT 1 FROM due)', id),
        // A request that read this key as the current one may be enrolling a token now; and the id is never used again.
        fragment('INSERT INTO deleted_signing_keys (id, deleted_at) SELECT ?, ? FROM due', id, entry.at),
      ],
    })
    if (!deleted.ok) return deleted
    if (deleted.value !== undefined) return done('deleted')
    const found = await runQuery('signing key', (db) =>
      db.prepare('SELECT 1 FROM signing_keys WHERE id = ?').bind(id).first(),
    )
    if (!found.ok) return found
    return done(found.value === null ? 'unknown' : 'in_use')
  },
})
