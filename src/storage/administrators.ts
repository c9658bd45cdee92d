/** Administrators beside the one whom the configuration names. */
import type { Administrator, AdministratorChange, Catalogue } from '../ports/catalogue.ts'
import type { AdministratorRole } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import type { Ask } from './ask.ts'
import type { Part } from './change.ts'
import { flag, happens, part, SETTINGS_FOLLOW } from './change.ts'

export interface AdministratorRow {
  readonly login: string
  readonly password: string
  readonly role: AdministratorRole
  readonly generation: number
  readonly created_at: number
  readonly disabled: 0 | 1
}

export const ADMINISTRATOR_COLUMNS = 'login, password, role, generation, created_at, disabled'

export const administratorOf = (row: AdministratorRow): Administrator => ({
  login: row.login,
  role: row.role,
  generations: [String(row.generation)],
  disabled: row.disabled === 1,
  password: row.password,
  createdAt: instant(row.created_at),
})

export const administrators = (ask: Ask): Pick<Catalogue, 'addAdministrator' | 'changeAdministrator'> => ({
  addAdministrator: ({ login, password, role, createdAt }, deed) =>
    happens(ask, 'add administrator', deed, {
      when: part('NOT EXISTS (SELECT 1 FROM administrators WHERE lower(login) = lower(?))', login),
      steps: [
        SETTINGS_FOLLOW,
        part(
          `INSERT INTO administrators (login, password, role, generation, created_at)
           SELECT ?, ?, ?, due.revision, ? FROM due`,
          login,
          password,
          role,
          createdAt,
        ),
      ],
    }),

  changeAdministrator: (login, change, deed) =>
    happens(ask, 'change administrator', deed, {
      when: part('EXISTS (SELECT 1 FROM administrators WHERE login = ?)', login),
      steps: [SETTINGS_FOLLOW, stepOf(login, change)],
    }),
})

function stepOf(login: string, change: AdministratorChange): Part {
  switch (change.kind) {
    case 'password':
      return part(
        'UPDATE administrators SET password = ?, generation = due.revision FROM due WHERE login = ?',
        change.password,
        login,
      )
    case 'disabled':
      return part(
        'UPDATE administrators SET disabled = ?, generation = due.revision FROM due WHERE login = ?',
        flag(change.disabled),
        login,
      )
    case 'deleted':
      return part('DELETE FROM administrators WHERE login = ? AND EXISTS (SELECT 1 FROM due)', login)
  }
}
