import type { Seconds } from '../vocabulary.ts'
import type { RateLimitName } from '../vocabulary/rate-limits.ts'

/** Counts requests by the network that they come from. The platform counts for each of its locations, with a small delay, so the limits
 *  slow a flood down and are not exact. Asking whether a network is refused costs no call. */
export interface RateLimits {
  /** `off`: the operator has switched limits off. */
  readonly status: 'on' | 'off'
  /** The limits that have no binding, so that nothing is counted for them. */
  readonly unbound: readonly RateLimitName[]
  /** For how long requests from this network are refused; 0 if they are not. */
  wait(limit: RateLimitName, network: string): Seconds
  /** Counts a request. Answers whether this isolate begins to refuse the network with it. Never throws. */
  count(limit: RateLimitName, network: string): Promise<boolean>
  /** Counts a request about one thing that only Nod hands out, such as a transaction id, in this isolate alone. Answers for how long
   *  further ones from this network are refused; 0 if they are not. */
  countRepeat(thing: string, network: string): Seconds
  /** Begins a request about something that may not exist. Answers the function that ends it; undefined if too many of this network are in
   *  progress in this isolate. A request that is never ended stops counting after a few seconds. */
  begin(network: string): (() => void) | undefined
  /** Remembers that this name has logged in from this network, as long as this isolate lives. */
  remember(limit: RateLimitName, network: string, name: string): void
  isRemembered(limit: RateLimitName, network: string, name: string): boolean
}
