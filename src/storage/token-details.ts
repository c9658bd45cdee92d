/** Reads one token with everything that is known of its phone: one row of `tokens`, and those of its realms and notes. */
import type { TokenTable } from '../ports/tokens.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { instant, type Region } from '../vocabulary.ts'
import type { QuarantineCause } from '../vocabulary/phones.ts'
import type { RunQuery } from './run-query.ts'
import { TOKEN_COLUMNS, tokenOf, type TokenRow } from './tokens.ts'

interface Row extends TokenRow {
  readonly has_pin: number
  readonly app: string | null
  readonly system: string | null
  /** JSON. */
  readonly capabilities: string | null
  readonly quarantine_cause: QuarantineCause | null
  readonly seen: Region | null
  readonly registered_at: number | null
  readonly refreshed_at: number | null
}

const orAbsent = (at: number | null) => (at === null ? undefined : instant(at))

export const tokenDetails = (runQuery: RunQuery): Pick<TokenTable, 'details'> => ({
  async details(serial) {
    const outcome = await runQuery('token details', (db) =>
      db
        .prepare(
          `SELECT ${TOKEN_COLUMNS}, tokens.pin IS NOT NULL AS has_pin, tokens.app, tokens.system,
             tokens.capabilities, tokens.quarantine_cause, tokens.seen, tokens.registered_at, tokens.refreshed_at
           FROM tokens WHERE serial = ?`,
        )
        .bind(serial)
        .first<Row>(),
    )
    if (!outcome.ok) return outcome
    if (outcome.value === null) return done(undefined)
    const row = outcome.value
    return done({
      ...tokenOf(row),
      hasPin: row.has_pin === 1,
      ...present({
        app: row.app ?? undefined,
        system: row.system ?? undefined,
        capabilities: row.capabilities === null ? undefined : (JSON.parse(row.capabilities) as readonly string[]),
        quarantineCause: row.quarantine_cause ?? undefined,
        seen: row.seen ?? undefined,
        registeredAt: orAbsent(row.registered_at),
        refreshedAt: orAbsent(row.refreshed_at),
      }),
    })
  },
})
