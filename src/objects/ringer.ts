import type { RingRequest, RingResult } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { TokenRecord } from '../ports/tokens.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { distinctionOf } from '../rules/token/look-alikes.ts'
import { addRing } from '../rules/token/phone-rings.ts'
import { adoptCopy } from '../rules/token/phone-state.ts'
import { isPaused } from '../rules/token/ring-pause.ts'
import { restrictionOf } from '../rules/token/ring-restriction.ts'
import type { Instant, Serial } from '../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier } from '../vocabulary/catalogue.ts'
import type { Attempts } from './attempts.ts'
import type { FraudReportKeeper } from './fraud-report-keeper.ts'
import type { PhoneStore } from './phone-store.ts'
import { withdrawRings } from './rings.ts'
import { versionOf } from './stored-phone.ts'

/** Why the phone is not to be rung, whatever policy says. Somebody who had to prove nothing must not make it ring. */
function ownRestriction(
  { needsProof, pin }: RingRequest,
  record: TokenRecord,
  now: Instant,
): 'paused' | 'no_proof' | undefined {
  if (isPaused(record, now)) return 'paused'
  const hasProof = pin?.source === 'userstore' || (record.pin !== undefined && pin?.source === 'token')
  return needsProof === true && !hasProof ? 'no_proof' : undefined
}

/** Rings one phone for a login, unless its ring budget, a pause or a fraud report forbids it. */
export class Ringer {
  readonly #store: PhoneStore
  readonly #attempts: Attempts
  readonly #reports: FraudReportKeeper
  readonly #serial: Serial
  readonly #ports: Pick<Ports, 'now' | 'identifiers' | 'transactions'>
  readonly #background: (work: Promise<unknown>) => void

  constructor(
    store: PhoneStore,
    attempts: Attempts,
    reports: FraudReportKeeper,
    serial: Serial,
    ports: Pick<Ports, 'now' | 'identifiers' | 'transactions'>,
    background: (work: Promise<unknown>) => void,
  ) {
    this.#store = store
    this.#attempts = attempts
    this.#reports = reports
    this.#serial = serial
    this.#ports = ports
    this.#background = background
  }

  /** Checks the PIN, if there is one, and rings. Refuses: as the verb `ring`. */
  async ring(request: RingRequest): Promise<Outcome<RingResult>> {
    const ready = await this.#prepare(request)
    if (!ready.ok) return ready
    const { pin } = request
    if (pin !== undefined) return this.#attempts.checkPin(request, pin, () => this.#ring(request, true))
    return this.#attempts.checkLimits(request) ?? this.#ring(request, false)
  }

  /** Counts an attempt before its PIN is checked elsewhere. Refuses: as the verb `holdAttempt`. */
  async hold(request: RingRequest): Promise<Outcome<void>> {
    const ready = await this.#prepare(request)
    return ready.ok ? this.#attempts.hold(request) : ready
  }

  /** Reads the token, if this phone's copy is older than the caller's. Refuses: `stale`, `storage_unavailable`. */
  async #prepare(request: RingRequest): Promise<Outcome<void>> {
    const loaded = await this.#store.atVersion(this.#versionOf(request))
    if (!loaded.ok) return loaded
    const stale = this.#staleness(request)
    if (stale !== undefined) return stale
    // As it is now: others who waited for the same read may have rung meanwhile.
    const { stored } = this.#store
    if (request.copy !== undefined && stored !== undefined)
      this.#store.keepInMemory(adoptCopy(stored.memory, request.copy, this.#ports.now()))
    return done(undefined)
  }

  #ring(request: RingRequest, pinVerified: boolean): Outcome<RingResult> {
    const { transaction, until, polling, forgivenAfter, language, repeat, service, place, look, firewall } = request
    const usable = this.#store.usable()
    if (!usable.ok) return usable
    const phone = usable.value
    // The token may have moved to another phone while the PIN was checked: the caller would sign the prompt for the earlier one.
    const stale = this.#staleness(request)
    if (stale !== undefined) return stale
    // A report may have come while the PIN was checked.
    const reported = this.#reports.check(request)
    if (reported !== undefined) return reported
    const memory = this.#attempts.clearExpiredLock(phone, request)
    const now = this.#ports.now()
    const asked = { transaction, until, pinVerified, repeat, service, place, look }
    const decision = restrictionOf(memory, asked, firewall, now, ownRestriction(request, phone.record, now))
    const ring = { ...asked, ...decision }
    const { restricted, isShadow = false } = decision
    const isOwn = restricted === 'paused' || restricted === 'no_proof'
    const isRung = restricted === undefined || isShadow
    // A ring that is not delivered must not lock the token either.
    const counts = request.countsAsFailure === true && isRung
    const counted = counts ? this.#attempts.countRing(phone, memory, ring, request) : done(memory)
    if (!counted.ok) return counted
    const { state, superseded = [], ...result } = addRing(counted.value, ring, now, firewall)
    this.#store.save({ ...phone, polling, forgivenAfter, ...present({ language }), memory: state })
    if (superseded.length > 0) this.#background(withdrawRings(this.#ports, superseded, this.#serial, 'superseded'))
    const distinction = distinctionOf(state.rings, ring, now)
    const rung = {
      ...result,
      ...present({ distinction, isPaused: isOwn || undefined }),
      ...present({ app: request.asksForApp === true ? phone.record.app : undefined }),
    }
    // `shadow` is about what policy decides; anything else applies in any case.
    const isOwnAlone = isOwn && firewall?.mode === 'shadow'
    const why = !isOwnAlone && this.#reports.isPinKnown(request) ? 'pin_known' : restricted
    if (why === undefined || result.joined !== undefined) return done(rung)
    const { app } = phone.record
    const isApplied = firewall?.mode !== 'shadow' || isOwnAlone
    return done(isApplied ? { ...rung, restricted: why, ...present({ app }) } : { ...rung, shadowed: why })
  }

  /** A caller of an earlier version sends no epoch: its revision counts as one of this phone's epoch. */
  #versionOf({ epoch, revision }: RingRequest): CatalogueVersion {
    const { stored } = this.#store
    return { revision, epoch: epoch ?? (stored === undefined ? FIRST_EPOCH : versionOf(stored.record).epoch) }
  }

  /** Returns the refusal if this phone knows a later version of its token than the caller read. */
  #staleness(request: RingRequest): ReturnType<typeof refuse> | undefined {
    const { stored } = this.#store
    const known = stored && versionOf(stored.record)
    return known && isEarlier(this.#versionOf(request), known) ? refuse({ reason: 'stale', known }) : undefined
  }
}
