/** What the audit records of a change: the values that differ, as they were and as they became. */
import type { AuditedChange } from '../../vocabulary/audit.ts'

/** Characters of JSON that a change may have. Of a longer one the beginning is recorded, as text. */
const MAX_LENGTH = 16_000

/** Returns an entry that also says what it changed: of two objects the members that differ. `undefined`: there was, or is, none. No
 *  caller hands it a secret. */
export function withChange<Entry extends object>(
  entry: Entry,
  before: unknown,
  after: unknown,
): Entry & { readonly change: AuditedChange } {
  const differing = isObject(before) && isObject(after) ? difference(before, after) : { before, after }
  return { ...entry, change: JSON.stringify(differing).length > MAX_LENGTH ? cut(differing) : differing }
}

const cut = ({ before, after }: AuditedChange): AuditedChange => ({
  before: beginningOf(before),
  after: beginningOf(after),
})

const beginningOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : `${JSON.stringify(value).slice(0, MAX_LENGTH / 2)}…`

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function difference(before: Members, after: Members): AuditedChange {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const differing = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const pick = (members: Members): Members =>
    Object.fromEntries(differing.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])))
  return { before: pick(before), after: pick(after) }
}
