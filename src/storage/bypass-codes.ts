/** Bypass codes: one for each user, stored as a hash. */
import type { BypassCode, BypassCodeTable } from '../ports/bypass-codes.ts'
import { done } from '../refusal.ts'
import { instant } from '../vocabulary.ts'
import { newSalt, storableText } from './audit-commitments.ts'
import { hashBypassCode, isBypassCode } from './bypass-hash.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { tryChange, fragment, applyChange } from './change.ts'
import { realmKey } from './realms.ts'

const LIST_LIMIT = 1000
const COLUMNS = 'id, realm, login, issued_at, expires_at, issued_by, reason'

interface BypassRow {
  readonly id: number
  readonly realm: string
  readonly login: string
  readonly issued_at: number
  readonly expires_at: number
  readonly issued_by: string
  readonly reason: string
}

const bypassOf = ({ id, realm, login, reason, ...row }: BypassRow): BypassCode => ({
  id,
  owner: { realm, login },
  issuedAt: instant(row.issued_at),
  expiresAt: instant(row.expires_at),
  issuedBy: row.issued_by,
  reason,
})

export const bypassCodes = (runQuery: RunQuery): BypassCodeTable => ({
  async issue({ owner, code, issuedAt, expiresAt, issuedBy, reason }, entry) {
    const userKey = [realmKey(owner.realm), owner.login] as const
    const hash = await hashBypassCode(code, runQuery.random)
    const outcome = await applyChange(runQuery, 'issue bypass code', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...userKey),
      statements: [
        fragment('DELETE FROM bypass_codes WHERE expires_at <= ? AND EXISTS (SELECT 1 FROM due)', issuedAt),
        fragment(
          `INSERT OR REPLACE INTO bypass_codes (realm, login, id, hash, issued_at, expires_at, issued_by, reason)
           SELECT ?, ?, due.revision, ?, ?, ?, ?, ? FROM due`,
          ...userKey,
          hash,
          issuedAt,
          expiresAt,
          issuedBy,
          reason,
        ),
      ],
    })
    return outcome.ok ? done(outcome.value?.revision) : outcome
  },

  async listOpen(now, id) {
    const outcome = await runQuery('open bypass codes', (db) =>
      db
        .prepare(
          `SELECT ${COLUMNS} FROM bypass_codes
           WHERE expires_at > ?1 AND (?2 IS NULL OR id = ?2) ORDER BY id DESC LIMIT ${LIST_LIMIT}`,
        )
        .bind(now, id ?? null)
        .all<BypassRow>(),
    )
    return outcome.ok ? done(outcome.value.results.map(bypassOf)) : outcome
  },

  async openOf({ realm, login }, now) {
    const outcome = await runQuery('open bypass code', (db) =>
      db
        .prepare(`SELECT ${COLUMNS} FROM bypass_codes WHERE realm = ? AND login = ? AND expires_at > ?`)
        .bind(realmKey(realm), login, now)
        .first<BypassRow>(),
    )
    return outcome.ok ? done(outcome.value === null ? undefined : bypassOf(outcome.value)) : outcome
  },

  withdraw: (id, entry) =>
    tryChange(runQuery, 'withdraw bypass code', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM bypass_codes WHERE id = ?)', id),
      statements: [fragment('DELETE FROM bypass_codes WHERE id = ? AND EXISTS (SELECT 1 FROM due)', id)],
    }),

  async openHash({ owner, code, at }) {
    const outcome = await runQuery('bypass code', (db) =>
      db
        .prepare('SELECT hash FROM bypass_codes WHERE realm = ? AND login = ? AND expires_at > ?')
        .bind(realmKey(owner.realm), owner.login, at)
        .first<string>('hash'),
    )
    if (!outcome.ok) return outcome
    const hash = outcome.value
    return done(hash !== null && (await isBypassCode(hash, owner, code)) ? hash : undefined)
  },

  /** The audit record comes first and is the condition of what follows, as in `change.ts`; its sequence is the code's id. */
  async consume({ owner, hash, at, action, service, address, userAgent }) {
    const code = [realmKey(owner.realm), owner.login, hash, at] as const
    const isThisCode = 'realm = ? AND login = ? AND hash = ? AND expires_at > ?'
    const isRecorded = `EXISTS (SELECT 1 FROM audit WHERE at = ? AND shard = 'bypass' AND sequence = bypass_codes.id)`
    const outcome = await runQuery('consume bypass code', (db) =>
      db.batch([
        db
          .prepare(
            `INSERT INTO audit (at, shard, sequence, number, action, success, authentication, login, realm, service, address,
               user_agent, info, salt)
             SELECT ?, 'bypass', id, (SELECT bypass_number + 1 FROM deployment), ?, 1, 'ACCEPT', login, realm, ?, ?, ?,
               'bypass code of ' || issued_by, ?
             FROM bypass_codes WHERE ${isThisCode}`,
          )
          .bind(
            at,
            action,
            service ?? null,
            storableText(address),
            storableText(userAgent),
            newSalt(runQuery.random),
            ...code,
          ),
        db
          .prepare(
            `UPDATE deployment SET bypass_number = bypass_number + 1
             WHERE EXISTS (SELECT 1 FROM bypass_codes WHERE ${isThisCode} AND ${isRecorded})`,
          )
          .bind(...code, at),
        db.prepare(`DELETE FROM bypass_codes WHERE ${isThisCode} AND ${isRecorded} RETURNING id`).bind(...code, at),
      ]),
    )
    return outcome.ok ? done(rowsOf<{ id: number }>(outcome.value[2]).length === 1) : outcome
  },
})
