import type { Seconds } from '../vocabulary.ts'
import type { RateLimitName } from '../vocabulary/rate-limits.ts'

/** Counts requests by the network that they come from. The platform counts for one of its locations, a little behind: this slows a
 *  flood down and is no exact limit. What an isolate has learned from it costs nothing to ask. */
export interface RateLimits {
  /** `off`: the operator has switched limits off. */
  readonly status: 'on' | 'off'
  /** The limits that have no binding, so that nothing is counted for them. */
  readonly unbound: readonly RateLimitName[]
  /** How long requests from this network are to be refused; 0: they are not. */
  wait(limit: RateLimitName, network: string): Seconds
  /** Counts a request. Answers whether it is the one with which this isolate begins to refuse the network. Never throws. */
  count(limit: RateLimitName, network: string): Promise<boolean>
  /** Counts a request about a thing that only Nod hands out, as its transaction id. Answers for how long more of them from this network
   *  are to be refused; 0: they are not. Of this isolate alone. */
  countRepeat(thing: string, network: string): Seconds
  /** Begins a request about something that may not exist. Answers the function that ends it; undefined if as many of this network are
   *  in progress in this isolate as may be. One that is not ended counts for a few seconds. */
  begin(network: string): (() => void) | undefined
  /** This name has logged in from this network: it is recognized there, as long as this isolate lives. */
  remember(limit: RateLimitName, network: string, name: string): void
  isRemembered(limit: RateLimitName, network: string, name: string): boolean
}
