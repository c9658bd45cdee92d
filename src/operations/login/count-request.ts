import type { Ports } from '../../ports/ports.ts'
import type { Source } from '../../vocabulary.ts'
import type { RateLimitName } from '../../vocabulary/rate-limits.ts'
import { limitedNetwork } from '../access/rate-limits.ts'
import { recordRequest } from './record-request.ts'

/** The ports that counting a request needs. */
export type CountPorts = Pick<Ports, 'rateLimits' | 'transactions' | 'deployment' | 'limits' | 'random' | 'now' | 'log'>

/** Counts a refused request for its network. When this isolate begins to refuse the network, the audit gets one record; what is refused
 *  after that gets none. Never throws. */
export async function countRequest(
  ports: CountPorts,
  limit: RateLimitName,
  source: Source,
  action: string,
): Promise<void> {
  const network = limitedNetwork(ports, source)
  if (network === undefined || !(await ports.rateLimits.count(limit, network))) return
  const info = `Too many requests came from this network (${limit})`
  const refused = { reason: 'too_many_requests', isLogin: false } as const
  await recordRequest(ports, { action, source, success: false, authentication: '', info, refused }, `limited ${limit}`)
}
