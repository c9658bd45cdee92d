/** What keeps a token from letting its owner in. No clock, no storage. */
import type { Token, TokenStatus } from '../../vocabulary/tokens.ts'

type Facts = Pick<Token, 'revoked' | 'state' | 'active' | 'attempts' | 'maxAttempts' | 'quarantinedAt'>

/** The first of the statuses that applies. The same as the column `status` of migration 0019, which has the catalogue's copy of the
 *  attempts. */
export function statusOf({ revoked, state, active, attempts, maxAttempts, quarantinedAt }: Facts): TokenStatus {
  if (revoked) return 'revoked'
  if (state === 'clientwait') return 'waiting'
  if (!active) return 'disabled'
  if (attempts >= maxAttempts) return 'locked'
  return quarantinedAt === undefined ? 'ready' : 'unreachable'
}
