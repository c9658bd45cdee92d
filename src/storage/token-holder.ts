import type { ImportTable } from '../ports/imports.ts'
import { done } from '../refusal.ts'
import type { RunQuery } from './run-query.ts'

/** Finds the owner of a token that is here, or was imported and has been deleted since. */
export const tokenHolder =
  (runQuery: RunQuery): ImportTable['holder'] =>
  async (serial) => {
    const found = await runQuery('holder of a serial', (db) =>
      db
        .withSession('first-unconstrained')
        .prepare(
          `SELECT coalesce(tokens.realm, imported.realm) AS realm, coalesce(tokens.login, imported.login) AS login
           FROM (SELECT ? AS serial) AS one LEFT JOIN tokens ON tokens.serial = one.serial
           LEFT JOIN imported_tokens AS imported ON imported.serial = one.serial
           WHERE tokens.serial IS NOT NULL OR imported.serial IS NOT NULL`,
        )
        .bind(serial)
        .first<{ readonly realm: string | null; readonly login: string | null }>(),
    )
    if (!found.ok || found.value === null) return found.ok ? done(undefined) : found
    const { realm, login } = found.value
    return done({ owner: realm === null || login === null ? undefined : { realm, login } })
  }
