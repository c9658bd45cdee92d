import type { Ports } from '../../ports/ports.ts'
import type { PhoneCounters } from '../../vocabulary/phones.ts'
import type { Token } from '../../vocabulary/tokens.ts'

/** Phone objects asked at once. */
const PHONE_CALLS = 100
/** How long they may take together. */
const PHONE_WAIT_MS = 1000

/** Asks the phones of the first hundred of these tokens for their exact counters, one call each. Undefined for a token that no phone has
 *  registered with, and for a phone that takes longer than a second. */
export async function askCounters(
  { phones }: Pick<Ports, 'phones'>,
  tokens: readonly Pick<Token, 'serial' | 'home' | 'objectNumber' | 'phoneKey'>[],
): Promise<readonly (PhoneCounters | undefined)[]> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), PHONE_WAIT_MS)
  const asked = await Promise.all(
    tokens.map(async ({ serial, home, objectNumber, phoneKey }, index) => {
      if (phoneKey === undefined || index >= PHONE_CALLS) return undefined
      const counters = phones.of(serial, home, objectNumber).counters()
      return Promise.race([counters.then((one) => (one.ok ? one.value : undefined)), late])
    }),
  )
  clearTimeout(timer)
  return asked
}
