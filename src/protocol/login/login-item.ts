/** A login as reports list it. */
import { formatTimestampMillis } from '../../timestamps.ts'
import type { Instant, Language } from '../../vocabulary.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { LOGIN_OUTCOMES, type LoginOutcome } from '../../vocabulary/login-reports.ts'
import { csvCell } from '../encoding/csv.ts'
import { integer, object, oneOf, orNull, string } from '../shape.ts'
import { type Explanation, loginHelp } from './login-explanations.ts'

/** A login, and what its record tells. Times are in milliseconds. */
export interface DescribedLogin {
  readonly record: AuditRecord
  readonly outcome: LoginOutcome | 'open'
  readonly mode: string | undefined
  readonly system: number | undefined
  readonly human: number | undefined
  readonly explanation: Explanation
  /** What the audit says of a refusal that has no words of its own. */
  readonly text?: string | undefined
}

const time = (at: Instant | undefined): string | null => (at === undefined ? null : formatTimestampMillis(at))

export function loginItem(login: DescribedLogin, language: Language) {
  const { record, outcome, mode, system, human, explanation, text } = login
  const { steps = [] } = record
  const help = loginHelp(explanation, language)
  return {
    transaction_id: record.transaction ?? '',
    opened: time(steps[0]?.at ?? record.at),
    ended: outcome === 'open' ? null : time(record.at),
    user: record.owner?.login ?? '',
    realm: record.owner?.realm ?? '',
    service: record.service ?? '',
    serial: record.serial ?? '',
    mode: mode ?? null,
    outcome,
    address: record.address ?? '',
    system_ms: system ?? null,
    human_ms: human ?? null,
    count: record.count ?? 1,
    cause: explanation,
    reason: explanation === 'refused' && text !== undefined ? text : help.reason,
    advice: help.advice,
  }
}

/** The fields of a login in lists. */
export const fields = {
  transaction_id: string('The login; empty if it was refused before it opened'),
  opened: string('When it was opened or refused, UTC'),
  ended: orNull(string('When it ended, UTC; null: it is open')),
  user: string('Login name of the owner'),
  realm: string('Realm of the owner'),
  service: string('Name of the service key that opened it, or empty'),
  serial: string('Serial of the token it was last about'),
  mode: oneOf(
    'How the phone was asked; null: none was, or it is not known',
    'standard',
    'presence',
    'code_to_phone',
    null,
  ),
  outcome: oneOf('What became of it', ...LOGIN_OUTCOMES, 'open'),
  address: string('Address that it was opened from'),
  system_ms: orNull(integer('Nod’s own time in all its steps, in milliseconds')),
  human_ms: orNull(integer('From when the phone had it until the user answered, in milliseconds')),
  count: integer('How many refused requests it stands for; 1 of any other'),
  cause: string('Why it went as it did, as a name: `unanswered`, `withdrawn/administrator`, `refused/pin_wrong`'),
  reason: string('The same in words; in English or German, by Accept-Language'),
  advice: string('What to do; empty: nothing'),
}
export const loginShape = object(fields)

const COLUMNS = Object.keys(fields)

/** The first line of a table of logins, and a line for each, written as the audit's export is. */
export const loginsCsv = (logins: readonly Readonly<Record<string, string | number | null>>[]): string =>
  [COLUMNS, ...logins.map((login) => COLUMNS.map((name) => login[name] ?? ''))]
    .map((values) => `${values.map((value) => `${csvCell(value)}, `).join('')}\n`)
    .join('')
