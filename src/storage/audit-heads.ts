/** The signed heads, and where they went. */
import type { AuditHeads, HeadDestination, SignedHead } from '../ports/audit-heads.ts'
import type { ChainHead } from '../ports/audit.ts'
import { done, type Outcome } from '../refusal.ts'
import { addSeconds, type Instant, instant, seconds } from '../vocabulary.ts'
import { WITH_SHARDS } from './audit-chain.ts'
import type { Query } from './run-query.ts'

/** A destination that is set up later gets the heads of so many days. */
const DAYS = 30
const AT_ONCE = 10
const COLUMNS = { webhook: 'sent_at', archive: 'archived_at' } as const satisfies Record<HeadDestination, string>

interface HeadRow {
  readonly at: number
  readonly jws: string
}

const headOf = ({ at, jws }: HeadRow): SignedHead => ({ at: instant(at), jws })

type HeadTable = Omit<AuditHeads, 'sign' | 'keys'> & {
  /** The last link of every chain. */
  chains(): Promise<Outcome<Readonly<Record<string, ChainHead>>>>
}

export const auditHeads = (runQuery: Query, now: () => Instant): HeadTable => ({
  async chains() {
    const outcome = await runQuery('audit chains', (db) =>
      db
        .prepare(
          `${WITH_SHARDS}
           SELECT shards.shard, last.number, last.hash FROM shards JOIN audit_chain AS last ON last.shard = shards.shard
             AND last.number = (SELECT max(number) FROM audit_chain WHERE shard = shards.shard)
           ORDER BY 1`,
        )
        .all<{ shard: string } & ChainHead>(),
    )
    if (!outcome.ok) return outcome
    return done(Object.fromEntries(outcome.value.results.map(({ shard, number, hash }) => [shard, { number, hash }])))
  },

  async store({ at, jws }) {
    const outcome = await runQuery('store audit head', (db) =>
      db.prepare('INSERT OR IGNORE INTO audit_heads (at, jws) VALUES (?, ?)').bind(at, jws).run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  async newest() {
    const outcome = await runQuery('newest audit head', (db) =>
      db.prepare('SELECT at, jws FROM audit_heads ORDER BY at DESC LIMIT 1').first<HeadRow>(),
    )
    if (!outcome.ok) return outcome
    return done(outcome.value === null ? undefined : headOf(outcome.value))
  },

  async undelivered(destination) {
    const since = addSeconds(now(), seconds(-DAYS * 86_400))
    const outcome = await runQuery('undelivered audit heads', (db) =>
      db
        .prepare(
          `SELECT at, jws FROM audit_heads WHERE at >= ? AND ${COLUMNS[destination]} IS NULL ORDER BY at LIMIT ${AT_ONCE}`,
        )
        .bind(since)
        .all<HeadRow>(),
    )
    return outcome.ok ? done(outcome.value.results.map(headOf)) : outcome
  },

  async markDelivered({ at }, destination) {
    const outcome = await runQuery('audit head delivered', (db) =>
      db.prepare(`UPDATE audit_heads SET ${COLUMNS[destination]} = ? WHERE at = ?`).bind(now(), at).run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
