import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { authorize, type Credential } from '../access/identify.ts'

const SHARD_WAIT = seconds(10)

interface HandOver {
  /** How many records are still in shards. */
  readonly left: number
  /** The shards that did not answer: `weur/0`. */
  readonly incomplete: readonly string[]
}

/** Makes every shard store its waiting audit records in D1 now instead of within two minutes. Call it before a backup. Refuses: as
 *  `authorize`. */
export async function handOverAudit(ports: Ports, credential: Credential): Promise<Outcome<HandOver>> {
  const authorized = await authorize(ports, credential, 'audit_proof')
  if (!authorized.ok) return authorized
  const { transactions, log } = ports
  const answers = await Promise.all(
    transactions.shards().map(async (shard) => {
      const name = `${shard.region}/${shard.number}`
      try {
        const left = await withTimeLimit(transactions.inShard(shard).handOverAudit(), SHARD_WAIT)
        if (left !== 'late' && left.ok) return { left: left.value, incomplete: [] }
        throw new Error(left === 'late' ? 'too late' : left.refusal.reason)
      } catch (error) {
        log('audit_shard_unreachable', { shard: name, error: String(error) })
        return { left: 0, incomplete: [name] }
      }
    }),
  )
  return done({
    left: answers.reduce((sum, { left }) => sum + left, 0),
    incomplete: answers.flatMap(({ incomplete }) => incomplete),
  })
}
