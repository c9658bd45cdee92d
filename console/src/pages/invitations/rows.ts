import { type CsvRow, readCsv } from '../../csv.ts'

/** A user to invite. */
export interface Invitee {
  readonly line: number
  readonly user: string
  readonly realm: string
  readonly note: string
}

/** A line that cannot be used. */
export interface Faulty {
  readonly line: number
  readonly user: string
  readonly fault: 'no_user' | 'twice' | 'realm' | 'quote'
}

/** The columns by the names that a first line may give them. */
const NAMES: Readonly<Record<'user' | 'realm' | 'note', readonly string[]>> = {
  user: ['user', 'username', 'login', 'login name', 'loginname', 'benutzer', 'benutzername', 'anmeldename'],
  realm: ['realm'],
  note: ['note', 'notiz', 'email', 'e-mail', 'mail'],
}

type Columns = Readonly<Record<keyof typeof NAMES, number>>

/** The columns that the first line names, or undefined if it is a user already. */
function columnsOf(first: CsvRow | undefined): Columns | undefined {
  const names = (first?.cells ?? []).map((cell) => cell.toLowerCase())
  const find = (column: keyof typeof NAMES) => names.findIndex((name) => NAMES[column].includes(name))
  const columns = { user: find('user'), realm: find('realm'), note: find('note') }
  return columns.user < 0 ? undefined : columns
}

/** Reads whom to invite from CSV with or without a line of names. A line without a realm is of `realm`. */
export function readInvitees(
  text: string,
  realm: string,
  realms: readonly string[],
): { readonly invitees: readonly Invitee[]; readonly faulty: readonly Faulty[] } {
  const rows = readCsv(text)
  const named = columnsOf(rows[0])
  const columns: Columns = named ?? { user: 0, realm: 1, note: 2 }
  const known = new Set(realms.map((name) => name.toLowerCase()))
  const seen = new Set<string>()
  const invitees: Invitee[] = []
  const faulty: Faulty[] = []
  for (const { line, cells, isOpen = false } of named === undefined ? rows : rows.slice(1)) {
    const user = cells[columns.user] ?? ''
    const own = cells[columns.realm] ?? ''
    const one = { line, user, realm: own === '' ? realm : own, note: cells[columns.note] ?? '' }
    const key = JSON.stringify([one.user, one.realm.toLowerCase()])
    const fault = isOpen
      ? 'quote'
      : user === ''
        ? 'no_user'
        : !known.has(one.realm.toLowerCase())
          ? 'realm'
          : seen.has(key)
            ? 'twice'
            : undefined
    seen.add(key)
    if (fault === undefined) invitees.push(one)
    else faulty.push({ line, user, fault })
  }
  return { invitees, faulty }
}
