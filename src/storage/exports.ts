/** Reads tokens for the server that others came from. */
import type { ExportTable } from '../ports/exports.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { instant, type Serial } from '../vocabulary.ts'
import type { ImportOrigin, ReturningToken } from '../vocabulary/exports.ts'
import type { ImportSource } from '../vocabulary/imports.ts'
import { writeChange } from './change.ts'
import type { RunQuery } from './run-query.ts'
import { TOKEN_COLUMNS, tokenOf, type TokenRow } from './tokens.ts'

const PAGE = 100

// Two stretches of the primary keys: a union of the whole tables would read all of both for each page.
const RETURNING = `WITH page AS (
    SELECT serial FROM (SELECT serial FROM tokens WHERE serial > ?1 ORDER BY serial LIMIT ${PAGE})
    UNION SELECT serial FROM (SELECT serial FROM imported_tokens WHERE serial > ?1 ORDER BY serial LIMIT ${PAGE})
    ORDER BY serial LIMIT ${PAGE}
  )
  SELECT ${TOKEN_COLUMNS}, page.serial AS pageSerial, tokens.pin, signing_keys.private_key AS privateKey,
    imported.source, imported.realm AS importedRealm, imported.imported_at AS importedAt, imported.digest,
    imported.user_id AS userId, imported.resolver, imported.kept,
    coalesce(tokens.revision > imported.revision, true) AS isChanged
  FROM page LEFT JOIN tokens ON tokens.serial = page.serial
  LEFT JOIN imported_tokens AS imported ON imported.serial = page.serial
  LEFT JOIN signing_keys ON signing_keys.id = tokens.signing_key AND signing_keys.id <> 'imported:' || tokens.serial
  ORDER BY page.serial`

interface OriginRow {
  readonly source: ImportSource | null
  readonly importedRealm: string | null
  readonly importedAt: number | null
  readonly digest: string | null
  readonly userId: string | null
  readonly resolver: string | null
  /** JSON. */
  readonly kept: string | null
}

interface ReturningRow extends Omit<TokenRow, 'serial'>, OriginRow {
  readonly serial: Serial | null
  readonly pageSerial: Serial
  readonly pin: string | null
  readonly privateKey: string | null
  readonly isChanged: number
}

const originOf = ({ source, digest, importedAt, ...row }: OriginRow): ImportOrigin | undefined =>
  source === null || digest === null
    ? undefined
    : {
        source,
        digest,
        importedAt: instant(importedAt ?? 0),
        kept: JSON.parse(row.kept ?? '{}') as Readonly<Record<string, string>>,
        ...present({
          realm: row.importedRealm ?? undefined,
          userId: row.userId ?? undefined,
          resolver: row.resolver ?? undefined,
        }),
      }

const returningOf = ({ serial, ...row }: ReturningRow): ReturningToken => ({
  serial: row.pageSerial,
  isChanged: row.isChanged === 1,
  ...present({
    token: serial === null ? undefined : tokenOf({ ...row, serial }),
    origin: originOf(row),
    pin: row.pin ?? undefined,
    privateKey: row.privateKey ?? undefined,
  }),
})

export const exportTable = (runQuery: RunQuery): ExportTable => ({
  async page(after) {
    const found = await runQuery('tokens to export', (db) =>
      db.prepare(RETURNING).bind(after).all<ReturningRow & Record<string, unknown>>(),
    )
    return found.ok ? done(found.value.results.map(returningOf)) : found
  },
  record: (entry) => writeChange(runQuery, 'record an export', entry, []),
})
