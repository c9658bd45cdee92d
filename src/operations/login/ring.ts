import { present } from '../../present.ts'
import type { RingRequest } from '../../ports/phone-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { AuthenticationPolicy } from '../../rules/login/authentication-policy.ts'
import type { Instant, Seconds, Serial, TransactionId } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'

/** A token and what policy makes of a login by it. */
export interface LoginToken {
  readonly token: Token
  readonly settings: AuthenticationPolicy
}

/** The phones that a login rings, and what came of it. */
export interface RingSummary {
  readonly tokens: readonly (LoginToken & { readonly bell: boolean })[]
  /** Phones that counted an attempt which another phone's match makes good. */
  readonly release: readonly Serial[]
  /** The login that the same request opened a moment ago: the first phone knows of it. */
  readonly joins?: TransactionId
}

interface ToRing {
  readonly transaction: TransactionId
  readonly until: Instant
  /** What was entered, where a PIN is asked for. */
  readonly pin?: { readonly given: string | undefined }
  readonly forgivenAfter?: Seconds
  /** Digest of the request, where a repeat of it may join. */
  readonly repeat?: string
}

/** All phones at once: lock, PIN and ring budget in one call each.
 *  Refuses: `stale`, `storage_unavailable`; where no phone may ring, what tells the caller most of why. */
export async function ringPhones(
  ports: Pick<Ports, 'phones'>,
  tokens: readonly LoginToken[],
  { transaction, until, pin, forgivenAfter, repeat }: ToRing,
): Promise<Outcome<RingSummary>> {
  const rings = await Promise.all(
    tokens.map(async (one, index) => {
      const { serial, revision } = one.token
      const { polling, pinFrom } = one.settings
      const entry: RingRequest['pin'] = pin && { entry: pin.given, source: pinFrom }
      const more = present({ pin: entry, forgivenAfter, repeat: index === 0 ? repeat : undefined })
      const request = { transaction, until, revision, polling, ...more }
      return { one, outcome: await ports.phones.of(serial).ring(request) }
    }),
  )
  const matched = rings.flatMap(({ one, outcome }) => (outcome.ok ? [{ ...one, bell: outcome.value.delivers }] : []))
  const refusals = rings.flatMap(({ one, outcome }) =>
    outcome.ok ? [] : [{ token: one.token, refusal: outcome.refusal }],
  )
  const stale = refusals.find(({ refusal }) => refusal.reason === 'stale' || refusal.reason === 'storage_unavailable')
  if (stale !== undefined) return refuse(stale.refusal)
  if (matched.length === 0) return refuse(mostTelling(refusals.map(({ refusal }) => refusal)))
  const wrong = refusals.filter(({ refusal }) => refusal.reason === 'pin_wrong')
  const joins = rings.flatMap(({ outcome }) => (outcome.ok ? (outcome.value.joined ?? []) : []))[0]
  return done({ tokens: matched, release: wrong.map(({ token }) => token.serial), ...present({ joins }) })
}

/** Of several phones' refusals, the one that tells the caller most. */
export const mostTelling = (refusals: readonly Refusal[]): Refusal =>
  TELLING.flatMap((wanted) => refusals.filter(({ reason }) => reason === wanted))[0] ?? { reason: 'no_suitable_token' }

const TELLING: readonly Refusal['reason'][] = ['pin_wrong', 'attempts_exceeded', 'uses_exceeded', 'outside_validity']
