import type { ChainHead, NumberedShard } from '../../ports/audit.ts'
import { isCut } from '../../rules/deployment/chain-head.ts'
import type { Round, RoundContext } from './rounds.ts'

const SHARDS: readonly NumberedShard[] = ['catalogue', 'bypass']

/** Adds links for the audit records that SQL writes. The journal remembers the last link of each chain. If D1 was put back, and
 *  no longer has that link, the next link names it. */
export const linkAudit: Round = {
  name: 'link audit',
  async step(context) {
    let more = false
    for (const shard of SHARDS) more = (await linkShard(context, shard)) > 0 || more
    return more ? 'more' : 'done'
  },
}

/** Adds a link, if there are records for one. Answers how many it names. */
async function linkShard({ ports, storage }: RoundContext, shard: NumberedShard): Promise<number> {
  const key = `audit:head:${shard}`
  const known = storage.kv.get<ChainHead>(key)
  const head = await ports.audit.head(shard)
  if (!head.ok) throw new Error(head.refusal.reason)
  const lost = known !== undefined && isCut(head.value, known) ? known : undefined
  const growth = await ports.audit.link(shard, ports.now(), lost)
  if (!growth.ok) throw new Error(growth.refusal.reason)
  if (growth.value.linked === 0) return 0
  if (lost !== undefined) ports.log('audit_chain_cut', { shard, known: lost.number, found: head.value.number })
  storage.kv.put<ChainHead>(key, growth.value.head)
  return growth.value.linked
}
