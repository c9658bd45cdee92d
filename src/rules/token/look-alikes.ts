/** Prompts of one phone that look the same, and what tells them apart. No clock, no storage.
 *  Source: docs/protocol.md, "Prompt fields"; decision 0045. */
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import type { Ring } from './phone-state.ts'

/** What tells a prompt from open ones that look the same. Its time always does. */
export interface Distinction {
  /** Another service opened one of them. */
  readonly byService: boolean
  /** One of them came from another place, or from none. */
  readonly byPlace: boolean
  /** One of them opened less than two seconds before: seconds do not tell them apart. */
  readonly isClose: boolean
}

type RingLook = Pick<Ring, 'transaction' | 'until' | 'at' | 'look' | 'service' | 'place'>

const CLOSE = seconds(2)

/** Returns what tells a ring that begins now from those that are open and look the same; undefined if there is none. */
export function distinctionOf(
  rings: readonly RingLook[],
  ring: Omit<RingLook, 'at' | 'until'>,
  now: Instant,
): Distinction | undefined {
  const alike = rings.filter(
    ({ transaction, until, look }) =>
      look !== undefined && look === ring.look && transaction !== ring.transaction && now < until,
  )
  if (alike.length === 0) return undefined
  return {
    byService: alike.some(({ service }) => service !== ring.service),
    byPlace: alike.some(({ place }) => place !== ring.place),
    isClose: alike.some(({ at }) => now < addSeconds(at, CLOSE)),
  }
}
