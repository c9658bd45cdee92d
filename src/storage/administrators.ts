/** Administrators, except the one whom the configuration names. */
import type { Administrator, AdministratorChange, AdministratorTable } from '../ports/administrators.ts'
import { type AdministratorRole, instant } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { BUMP_SETTINGS_REVISION, flag, fragment, type SqlFragment, tryChange, writeChange } from './change.ts'

export interface AdministratorRow {
  readonly login: string
  readonly password: string
  readonly role: AdministratorRole
  /** A number where a version before wrote it. */
  readonly generation: string | number
  readonly created_at: number
  readonly disabled: 0 | 1
  readonly plugin: 0 | 1
  readonly phone_required: 0 | 1
}

export const ADMINISTRATOR_COLUMNS = 'login, password, role, generation, created_at, disabled, plugin, phone_required'

/** 96 random bits. A number would come again after a restore of the database, and with it the API tokens that had it. */
export const NEW_GENERATION = "'g' || lower(hex(randomblob(12)))"

export const administratorOf = (row: AdministratorRow): Administrator => ({
  login: row.login,
  role: row.plugin === 1 ? 'validate' : row.role,
  generation: String(row.generation),
  disabled: row.disabled === 1,
  phoneRequired: row.phone_required === 1,
  password: row.password,
  createdAt: instant(row.created_at),
})

export const administrators = (runQuery: RunQuery): AdministratorTable => ({
  add: ({ login, password, role, createdAt }, entry) =>
    tryChange(runQuery, 'add administrator', entry, {
      condition: fragment('NOT EXISTS (SELECT 1 FROM administrators WHERE lower(login) = lower(?))', login),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          `INSERT INTO administrators (login, password, role, generation, created_at, plugin)
           SELECT ?, ?, ?, ${NEW_GENERATION}, ?, ? FROM due`,
          login,
          password,
          // The column knows no other role. A version before would take a plugin for the helpdesk.
          role === 'validate' ? 'helpdesk' : role,
          createdAt,
          flag(role === 'validate'),
        ),
      ],
    }),

  change: (login, change, entry) =>
    tryChange(runQuery, 'change administrator', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM administrators WHERE login = ?)', login),
      statements: [BUMP_SETTINGS_REVISION, stepOf(login, change)],
    }),

  requireConfiguredPhone: (required, entry) =>
    writeChange(runQuery, 'require phone', entry, [
      BUMP_SETTINGS_REVISION,
      fragment('UPDATE deployment SET configured_phone_required = ? FROM due', flag(required)),
    ]),
})

function stepOf(login: string, change: AdministratorChange): SqlFragment {
  switch (change.kind) {
    case 'password':
      return fragment(
        `UPDATE administrators SET password = ?, generation = ${NEW_GENERATION} FROM due WHERE login = ?`,
        change.password,
        login,
      )
    case 'disabled':
      return fragment(
        `UPDATE administrators SET disabled = ?, generation = ${NEW_GENERATION} FROM due WHERE login = ?`,
        flag(change.disabled),
        login,
      )
    case 'phone_required':
      return fragment(
        `UPDATE administrators SET phone_required = ?, generation = ${NEW_GENERATION} FROM due WHERE login = ?`,
        flag(change.required),
        login,
      )
    case 'deleted':
      return fragment('DELETE FROM administrators WHERE login = ? AND EXISTS (SELECT 1 FROM due)', login)
  }
}
