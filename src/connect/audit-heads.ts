import type { AuditHeads } from '../ports/audit-heads.ts'
import { signHead } from '../protocol/administration/audit-head.ts'
import { done } from '../refusal.ts'
import { auditHeads } from '../storage/audit-heads.ts'
import { headKeys } from '../storage/audit-keys.ts'
import { type Log, queryRunner } from '../storage/run-query.ts'
import type { Sealer } from '../storage/seal.ts'
import type { Instant } from '../vocabulary.ts'

/** Connects the heads of the audit to D1 and to the key that signs them. `publicUrl`: the deployment's address. */
export function connectAuditHeads(options: {
  readonly db: D1Database
  readonly log: Log
  readonly sealer: Sealer
  readonly now: () => Instant
  readonly publicUrl: string | undefined
}): AuditHeads {
  const { db, log, sealer, now, publicUrl } = options
  const runQuery = queryRunner(db, log)
  const keys = headKeys(runQuery, log, sealer, now)
  const table = auditHeads(runQuery, now)
  return {
    ...table,
    keys: () => keys.all(),
    async sign() {
      const key = await keys.current()
      if (!key.ok) return key
      // The time before the chains are read: they are at least as long by then.
      const at = now()
      const ends = await table.chains()
      if (!ends.ok) return ends
      const claims = { ...(publicUrl === undefined ? {} : { iss: publicUrl }), at, chains: ends.value }
      return done({ at, jws: await signHead(key.value.key, key.value.kid, claims), chains: ends.value })
    },
  }
}
