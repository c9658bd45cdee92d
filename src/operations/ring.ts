import type { Token } from '../ports/catalogue.ts'
import type { RingRequest } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Serial } from '../vocabulary.ts'

export interface Rung {
  readonly tokens: readonly { readonly token: Token; readonly bell: boolean }[]
  /** Phones that counted an attempt which another phone's match makes good. */
  readonly release: readonly Serial[]
}

/** All phones at once: lock, PIN and ring budget in one call each.
 *  Refuses: `stale`, `storage_unavailable`; where no phone may ring, what tells the caller most of why. */
export async function ring(
  ports: Pick<Ports, 'phones'>,
  tokens: readonly Token[],
  request: Omit<RingRequest, 'revision'>,
): Promise<Outcome<Rung>> {
  const rings = await Promise.all(
    tokens.map(async (token) => {
      const { serial, revision } = token
      return { token, outcome: await ports.phones.of(serial).ring({ ...request, revision }) }
    }),
  )
  const matched = rings.flatMap(({ token, outcome }) => (outcome.ok ? [{ token, bell: outcome.value.bell }] : []))
  const refusals = rings.flatMap(({ token, outcome }) => (outcome.ok ? [] : [{ token, refusal: outcome.refusal }]))
  const stale = refusals.find(({ refusal }) => refusal.reason === 'stale' || refusal.reason === 'storage_unavailable')
  if (stale !== undefined) return refuse(stale.refusal)
  if (matched.length === 0) return refuse(worst(refusals.map(({ refusal }) => refusal)))
  const wrong = refusals.filter(({ refusal }) => refusal.reason === 'pin_wrong')
  return done({ tokens: matched, release: wrong.map(({ token }) => token.serial) })
}

/** Of several phones' refusals, the one that tells the caller most. */
const worst = (refusals: readonly Refusal[]): Refusal =>
  refusals.find(({ reason }) => reason === 'pin_wrong') ??
  refusals.find(({ reason }) => reason === 'attempts_exceeded') ?? { reason: 'no_suitable_token' }
