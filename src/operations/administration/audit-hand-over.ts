import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { askShards } from './ask-shards.ts'

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
  const answers = await askShards(ports, (shard) => shard.handOverAudit(), SHARD_WAIT)
  return done({
    left: answers.reduce((sum, { value = 0 }) => sum + value, 0),
    incomplete: answers.flatMap(({ name, value }) => (value === undefined ? [name] : [])),
  })
}
