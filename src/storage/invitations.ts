/** Invitations: their secrets are stored as hashes. */
import type { Invitation, InvitationTable } from '../ports/invitations.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { addSeconds, instant, seconds, type Serial } from '../vocabulary.ts'
import { fragment, tryChange } from './change.ts'
import { realmKey } from './realms.ts'
import type { RunQuery } from './run-query.ts'

const LIST_LIMIT = 1000
/** How long ago an invitation expired that is deleted. */
const KEPT = seconds(-86_400)
const COLUMNS = 'id, realm, login, serial, note, invited_by, created_at, expires_at, begun_at'

interface Row {
  readonly id: string
  readonly realm: string
  readonly login: string
  readonly serial: Serial
  readonly note: string
  readonly invited_by: string
  readonly created_at: number
  readonly expires_at: number
  readonly begun_at: number | null
}

const invitationOf = ({ id, realm, login, serial, note, ...row }: Row): Invitation => ({
  id,
  owner: { realm, login },
  serial,
  note,
  invitedBy: row.invited_by,
  createdAt: instant(row.created_at),
  expiresAt: instant(row.expires_at),
  ...present({ begunAt: row.begun_at === null ? undefined : instant(row.begun_at) }),
})

export const invitations = (runQuery: RunQuery): InvitationTable => {
  const one = async (condition: string, value: string) => {
    const outcome = await runQuery('invitation', (db) =>
      db.prepare(`SELECT ${COLUMNS} FROM invitations WHERE ${condition}`).bind(value).first<Row>(),
    )
    return outcome.ok ? done(outcome.value === null ? undefined : invitationOf(outcome.value)) : outcome
  }
  return {
    add: ({ id, hash, owner, serial, note, invitedBy, createdAt, expiresAt }, entry) =>
      tryChange(runQuery, 'add invitation', entry, {
        condition: fragment('NOT EXISTS (SELECT 1 FROM invitations WHERE id = ?)', id),
        statements: [
          fragment(
            'DELETE FROM invitations WHERE expires_at <= ? AND EXISTS (SELECT 1 FROM due)',
            addSeconds(createdAt, KEPT),
          ),
          fragment(
            `INSERT INTO invitations (id, hash, realm, login, serial, note, invited_by, created_at, expires_at)
             SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? FROM due`,
            id,
            hash,
            realmKey(owner.realm),
            owner.login,
            serial,
            note,
            invitedBy,
            createdAt,
            expiresAt,
          ),
        ],
      }),

    async listOpen(now) {
      const outcome = await runQuery('open invitations', (db) =>
        db
          .prepare(
            `SELECT ${COLUMNS} FROM invitations WHERE expires_at > ? ORDER BY created_at DESC LIMIT ${LIST_LIMIT}`,
          )
          .bind(now)
          .all<Row>(),
      )
      return outcome.ok ? done(outcome.value.results.map(invitationOf)) : outcome
    },

    async ofUser({ realm, login }) {
      const outcome = await runQuery('invitations of a user', (db) =>
        db
          .prepare(
            `SELECT ${COLUMNS} FROM invitations WHERE realm = ? AND login = ? ORDER BY created_at DESC LIMIT ${LIST_LIMIT}`,
          )
          .bind(realmKey(realm), login)
          .all<Row>(),
      )
      return outcome.ok ? done(outcome.value.results.map(invitationOf)) : outcome
    },

    byId: (id) => one('id = ?', id),
    // The whole hash is compared: 64 bits of it could be searched for.
    byHash: (hash) => one('id = substr(?1, 1, 16) AND hash = ?1', hash),

    async begin(id, at) {
      const outcome = await runQuery('begin invitation', (db) =>
        db
          .prepare('UPDATE invitations SET begun_at = coalesce(begun_at, ?) WHERE id = ? RETURNING id')
          .bind(at, id)
          .first<string>('id'),
      )
      return outcome.ok ? done(outcome.value !== null) : outcome
    },

    withdraw: (id, entry) =>
      tryChange(runQuery, 'withdraw invitation', entry, {
        condition: fragment('EXISTS (SELECT 1 FROM invitations WHERE id = ?)', id),
        statements: [fragment('DELETE FROM invitations WHERE id = ? AND EXISTS (SELECT 1 FROM due)', id)],
      }),
  }
}
