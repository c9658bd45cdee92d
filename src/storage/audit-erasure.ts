/** Erases fields of audit records. The hash of a record stays what it was: docs/audit-format.md, "Erasing". */
import type { AuditTable, ErasableField } from '../ports/audit.ts'
import { encodeBase64Url } from '../bytes.ts'
import { done } from '../refusal.ts'
import {
  AUDIT_COLUMNS,
  type AuditRow,
  commitment,
  committedValues,
  ERASABLE_COLUMNS,
  type ErasedSalt,
  fieldSalt,
  saltSource,
  withoutOrigins,
} from './audit-commitments.ts'
import type { RunQuery } from './run-query.ts'

const isOrigin = (field: string): boolean => field.startsWith('steps/')

/** The row without these fields, and with a salt that still proves the others. */
export async function withoutFields(row: AuditRow, fields: ReadonlySet<ErasableField>): Promise<AuditRow> {
  const emptied = Object.fromEntries(ERASABLE_COLUMNS.flatMap((column) => (fields.has(column) ? [[column, null]] : [])))
  const steps =
    row.steps === null || fields.has('steps') ? null : fields.has('stepOrigins') ? withoutOrigins(row.steps) : row.steps
  return { ...row, ...emptied, steps, salt: row.salt === null ? null : await saltWithout(row, row.salt, fields) }
}

async function saltWithout(row: AuditRow, salt: string, fields: ReadonlySet<ErasableField>): Promise<string> {
  const source = await saltSource(salt)
  const isErased = (field: string): boolean =>
    ERASABLE_COLUMNS.some((column) => column === field && fields.has(column)) ||
    (isOrigin(field) && (fields.has('stepOrigins') || fields.has('steps')))
  const salts: Record<string, string> = {}
  const erased: Record<string, string> = { ...('erased' in source ? source.erased : {}) }
  for (const [field, value] of committedValues(row)) {
    const own = await fieldSalt(source, field)
    if (isErased(field)) erased[field] = await commitment(own, value)
    else salts[field] = encodeBase64Url(own)
  }
  return JSON.stringify({ salts, erased } satisfies ErasedSalt)
}

const isSame = (one: AuditRow, other: AuditRow): boolean => ERASABLE_COLUMNS.every((name) => one[name] === other[name])

export const auditErasure = (runQuery: RunQuery): Pick<AuditTable, 'erase'> => ({
  async erase(records, fields) {
    const names = new Set(fields)
    const found = await runQuery('audit to erase', (db) =>
      db
        .prepare(
          `SELECT ${AUDIT_COLUMNS.map((column) => `audit."${column}"`).join(', ')} FROM json_each(?) AS wanted JOIN audit
           ON audit.at = wanted.value ->> 'at' AND audit.shard = wanted.value ->> 'shard'
           AND audit.sequence = wanted.value ->> 'sequence'`,
        )
        .bind(JSON.stringify(records.map(({ at, shard, sequence }) => ({ at, shard, sequence }))))
        .all<AuditRow>(),
    )
    if (!found.ok) return found
    const rows = await Promise.all(
      found.value.results.map(async (before) => ({ before, after: await withoutFields(before, names) })),
    )
    const changed = rows.filter(({ before, after }) => !isSame(before, after))
    if (changed.length === 0) return done(0)
    const update = await runQuery('erase audit', (db) =>
      db
        .prepare(
          `UPDATE audit SET ${[...ERASABLE_COLUMNS, 'salt'].map((column) => `"${column}" = new.value ->> '${column}'`).join(', ')}
           FROM json_each(?) AS new
           WHERE audit.at = new.value ->> 'at' AND audit.shard = new.value ->> 'shard'
           AND audit.sequence = new.value ->> 'sequence' AND audit.salt IS (new.value ->> 'before')`,
        )
        .bind(JSON.stringify(changed.map(({ before, after }) => ({ ...after, before: before.salt }))))
        .run(),
    )
    return update.ok ? done(update.value.meta.changes) : update
  },
})
