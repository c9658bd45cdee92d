import type { ChainHead, NumberedShard } from '../../ports/audit.ts'
import { isCut } from '../../rules/deployment/chain-head.ts'
import type { Round, RoundContext } from './rounds.ts'
import { valueOf } from './value-of.ts'

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
  const found = valueOf(await ports.audit.head(shard))
  const lost = known !== undefined && isCut(found, known) ? known : undefined
  const { head, linked } = valueOf(await ports.audit.link(shard, ports.now(), lost))
  if (linked === 0) return 0
  if (lost !== undefined) ports.log('audit_chain_cut', { shard, known: lost.number, found: found.number })
  storage.kv.put<ChainHead>(key, head)
  return linked
}
