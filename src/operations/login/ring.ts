import type { PhoneObject, RingRequest, RingResult } from '../../ports/phone-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import type { AuthenticationPolicy } from '../../rules/login/authentication-policy.ts'
import { canAskForCode, isDeliveredUnrung, mayPoll, restrictedPolicy } from '../../rules/login/restricted-policy.ts'
import type { Instant, Seconds, Serial, TransactionId } from '../../vocabulary.ts'
import type { MasterKeyId } from '../../vocabulary/master-keys.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { isPassword, type PinVerdicts } from './checked-elsewhere.ts'
import type { LoginRequest } from './login-request.ts'

/** A token, and what policies make of a login by it. */
export interface LoginToken {
  readonly token: Token
  readonly policy: AuthenticationPolicy
}

/** The phones that ring for a login. */
export interface RungPhones {
  /** Their policies are those of a restricted login where `restricted` is set. */
  readonly tokens: readonly (LoginToken &
    Pick<RingResult, 'delivers' | 'restricted' | 'shadowed' | 'distinction' | 'app'>)[]
  /** Phones with another PIN: the attempt they hold is to be released, since the PIN matched elsewhere. */
  readonly release: readonly Serial[]
  /** The login that the same request opened before, as the first phone knows. */
  readonly joined?: TransactionId
}

interface PhonesRequest {
  readonly transaction: TransactionId
  readonly until: Instant
  /** The PIN to check, if there is one. */
  readonly pin?: LoginRequest['pin']
  /** Who else is asked about the PIN. */
  readonly verdicts: PinVerdicts
  readonly forgivenAfter?: Seconds
  /** Whether a ring counts as a failed attempt. */
  readonly countsAsFailure: boolean
  /** The master key with which a PIN that matches is sealed anew. */
  readonly resealWith?: MasterKeyId
  /** Digest of the request, if a repeat of it may join. */
  readonly repeat?: string
  /** As in `RingRequest`. */
  readonly service?: string | undefined
  readonly serviceKey?: string | undefined
  readonly place?: string | undefined
  /** Whether it is a sign-in by code, which anybody may begin. */
  readonly byCode?: true | undefined
  readonly digestLook: (token: LoginToken) => Promise<string>
}

/** Checks the PIN and rings, at all phones at once, with one call to each. Where a PIN is checked elsewhere, the phone first counts an
 *  attempt, so no more PINs are asked about at once than may be wrong.
 *  Refuses: `stale`, `storage_unavailable`; if no phone may ring, the most telling of `pin_wrong`, `pin_attempts_paused`,
 *  `pin_check_unavailable`, `attempts_exceeded`, `uses_exceeded`, `outside_validity` and `no_suitable_token`. */
export async function ringPhones(
  ports: Pick<Ports, 'phones'>,
  tokens: readonly LoginToken[],
  {
    transaction,
    until,
    pin,
    verdicts,
    forgivenAfter,
    countsAsFailure,
    resealWith,
    repeat,
    service,
    serviceKey,
    place,
    digestLook,
    byCode,
  }: PhonesRequest,
): Promise<Outcome<RungPhones>> {
  const rings = await Promise.all(
    tokens.map(async (one, index) => {
      const { serial, revision, epoch, attempts, failures, successes, home, objectNumber } = one.token
      const { polling, pinSource, language, firewall } = one.policy
      const phone = ports.phones.of(serial, home, objectNumber)
      const request: RingRequest = {
        transaction,
        until,
        revision,
        epoch,
        copy: { attempts, failures, successes },
        polling,
        language,
        // A password is no business of the phone's object.
        pin: pin && { entry: isPassword(one) ? undefined : pin.entry, source: pinSource },
        forgivenAfter,
        countsAsFailure,
        resealWith,
        // One phone is enough to recognize a repeat.
        repeat: index === 0 ? repeat : undefined,
        service,
        serviceKey,
        place,
        look: firewall?.mode === 'on' ? await digestLook(one) : undefined,
        firewall,
        tap: tapOf(one),
        ...(byCode
          ? { asksForApp: true as const, ...(isFoundByPolling(one) ? { needsProof: true as const } : {}) }
          : {}),
      }
      return { one, outcome: await ringWithVerdict(phone, request, one, pin?.entry, verdicts) }
    }),
  )
  const rung = rings.flatMap(({ one, outcome }) => (outcome.ok ? [{ ...one, ...outcome.value }] : []))
  const refusals = rings.flatMap(({ one, outcome }) =>
    outcome.ok ? [] : [{ serial: one.token.serial, refusal: outcome.refusal }],
  )
  const failed = refusals.find(({ refusal }) => refusal.reason === 'stale' || refusal.reason === 'storage_unavailable')
  if (failed !== undefined) return refuse(failed.refusal)
  if (rung.length === 0) return refuse(mostTelling(refusals.map(({ refusal }) => refusal)))
  return done({
    tokens: rung.map((one) => ({ ...one, ...restrictedLogin(one) })),
    release: refusals.flatMap(({ serial, refusal }) => (refusal.reason === 'pin_wrong' ? [serial] : [])),
    joined: rung.flatMap(({ joined }) => joined ?? [])[0],
  })
}

/** Rings the phone; if its PIN is checked elsewhere, asks first. An attempt is released if nobody answers, or if the PIN is right and the
 *  phone does not ring for another reason. */
async function ringWithVerdict(
  phone: PhoneObject,
  request: RingRequest,
  login: LoginToken,
  entry: string | undefined,
  verdicts: PinVerdicts,
): Promise<Outcome<RingResult>> {
  const { pin, transaction } = request
  if (pin === undefined || entry === undefined || !verdicts.isAsked(login, entry)) return phone.ring(request)
  const held = await phone.holdAttempt(request)
  if (!held.ok) return held
  const verdict = await verdicts.ask(login, entry)
  const rung = verdict.ok ? await phone.ring({ ...request, pin: { ...pin, verdict: verdict.value } }) : verdict
  const isCounted = verdict.ok && (!verdict.value || rung.ok || rung.refusal.reason === 'stale')
  if (!isCounted) await phone.releaseHold({ transaction })
  return rung
}

/** Whether the phone finds a login that does not ring it. */
const isFoundByPolling = ({ token, policy }: LoginToken): boolean => mayPoll(policy, token.pollingAllowed)

/** Returns policy and delivery of a login by this phone, as they are where a tap alone does not approve it. */
function restrictedLogin({ token, policy, delivers, restricted, isPaused = false, app }: LoginToken & RingResult) {
  if (restricted === undefined) return { policy, delivers }
  const changed = restrictedPolicy(policy, token.type, app)
  const isDelivered = delivers || (!isPaused && isDeliveredUnrung(changed, restricted, token.pollingAllowed))
  return { policy: changed, delivers: isDelivered }
}

/** Whether a tap would approve a login by this token, also if its mode were stricter. */
function tapOf({ token, policy }: LoginToken): RingRequest['tap'] {
  if (policy.mode !== 'standard') return undefined
  return canAskForCode(policy, token.type) ? 'without_code' : 'always'
}

/** Picks, of the refusals of several tokens, the one that tells the caller most. */
export const mostTelling = (refusals: readonly Refusal[]): Refusal =>
  TELLING.flatMap((first) => refusals.filter(({ reason }) => reason === first))[0] ?? { reason: 'no_suitable_token' }

const TELLING: readonly Refusal['reason'][] = [
  'pin_wrong',
  'source_blocked',
  'pin_suspended',
  'pin_check_unavailable',
  'pin_pending',
  'pin_attempts_paused',
  'attempts_exceeded',
  'uses_exceeded',
  'outside_validity',
]
