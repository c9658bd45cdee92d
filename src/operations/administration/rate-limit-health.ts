import type { Ports } from '../../ports/ports.ts'
import { RATE_LIMIT_BINDINGS } from '../../vocabulary/rate-limits.ts'

/** Reports whether requests are limited by network. Without the bindings, or without an address of the caller, Nod serves and limits
 *  nothing. */
export async function checkRateLimits({ rateLimits, limits }: Pick<Ports, 'rateLimits' | 'limits'>) {
  if (rateLimits.status === 'off') return { isWell: true, info: 'off, by RATE_LIMITS' }
  if (limits.addressHeader === undefined)
    return { isWell: true, info: 'nothing is limited: nobody tells callers’ addresses (ADDRESS_HEADER)' }
  const missing = rateLimits.unbound.map((limit) => RATE_LIMIT_BINDINGS[limit])
  return missing.length === 0
    ? { isWell: true, info: 'on: sign-ins, enrollments and misses are limited by network' }
    : {
        isWell: false,
        info: `not limited for want of a binding: ${missing.join(', ')} ([[ratelimits]] in wrangler.toml)`,
      }
}
