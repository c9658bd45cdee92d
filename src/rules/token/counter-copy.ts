/** How often a phone's counters are copied to the catalogue after a success. Failed attempts are copied at once. */
import { type Seconds, seconds } from '../../vocabulary.ts'

/** Each copy is a written row. */
const INTERVAL = seconds(7 * 86_400)
/** Of a token that may be used a limited number of times: after the loss of its object's storage the copy is what it goes on from. */
const INTERVAL_OF_LIMITED = seconds(600)

interface UseLimits {
  readonly maxUses?: number
  readonly maxSuccesses?: number
}

/** Returns how long after a copy of successes and last use the next one is due. */
export const copyInterval = ({ maxUses, maxSuccesses }: UseLimits): Seconds =>
  maxUses === undefined && maxSuccesses === undefined ? INTERVAL : INTERVAL_OF_LIMITED
