import type { RequestOf, RingRequest } from '../ports/phone-object.ts'
import type { PhoneCounters } from '../vocabulary/phones.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { codeToPhoneSupport } from '../rules/login/app-support.ts'
import { consequenceOf, effectOf, lastReportAt, suspendedSince, withFraudReport } from '../rules/token/fraud-reports.ts'
import type { PhoneState, Ring } from '../rules/token/phone-state.ts'
import { isVoid } from '../rules/token/token.ts'
import { seconds, type Serial } from '../vocabulary.ts'
import type { ReportConsequence } from '../vocabulary/fraud-reports.ts'
import type { Notices } from './notices.ts'
import type { PhoneStore } from './phone-store.ts'

type ReportableRequest = Pick<RingRequest, 'pin' | 'place' | 'firewall' | 'tap'>

/** The place that a report counts for, and the state with or without it. A report of the moment tells its place for certain. */
function placeToReport({ place, later, mode }: RequestOf<'reportFraud'>, memory: PhoneState) {
  if (later === undefined || place === undefined) return { place, before: memory }
  const { places = [], rings } = memory
  const isKnown = places.some(([known]) => known === place) || rings.some((ring) => ring.place === place)
  if (!isKnown) return { place: undefined, before: memory }
  const before =
    later.forgets && mode !== 'shadow' ? { ...memory, places: places.filter(([known]) => known !== place) } : memory
  return { place, before }
}

/** Keeps the fraud reports of one phone, and restricts or refuses its logins because of them. */
export class FraudReportKeeper {
  readonly #ports: Pick<Ports, 'identifiers' | 'transactions' | 'now'>
  readonly #store: PhoneStore
  readonly #notices: Pick<Notices, 'give'>
  readonly #serial: Serial

  constructor(
    store: PhoneStore,
    notices: Pick<Notices, 'give'>,
    serial: Serial,
    ports: Pick<Ports, 'identifiers' | 'transactions' | 'now'>,
  ) {
    this.#store = store
    this.#notices = notices
    this.#serial = serial
    this.#ports = ports
  }

  /** Returns the refusal of a login that may not open because of reports: `source_blocked`; `pin_suspended` if it is by PIN and only a tap
   *  could approve it. */
  check(request: ReportableRequest): ReturnType<typeof refuse> | undefined {
    const effect = this.#effect(request)
    if (effect === undefined || request.firewall?.mode === 'shadow') return undefined
    if (effect.blockedFor > 0) return refuse({ reason: 'source_blocked', retryAfter: effect.blockedFor })
    const isTapByPin = request.pin !== undefined && this.#isTapOnly(request)
    return effect.isPinKnown && isTapByPin ? refuse({ reason: 'pin_suspended' }) : undefined
  }

  /** Whether a login must not be approved by a tap alone. */
  isPinKnown(request: ReportableRequest): boolean {
    return this.#effect(request)?.isPinKnown === true
  }

  /** Whether only a tap could approve the login, because it can ask for neither code nor number. */
  #isTapOnly({ tap }: ReportableRequest): boolean {
    const showsCodes = codeToPhoneSupport(this.#store.stored?.record.app) === 'able'
    return tap === 'always' || (tap === 'without_code' && !showsCodes)
  }

  #effect({ pin, place, firewall }: ReportableRequest): ReturnType<typeof effectOf> | undefined {
    const { stored } = this.#store
    if (stored === undefined || firewall?.reports === undefined) return undefined
    const isOwnPin = pin?.source === 'token' && stored.record.pin !== undefined
    return effectOf(stored.memory, { place, hasPin: pin !== undefined, isOwnPin }, this.#ports.now())
  }

  /** When the last report came that still has consequences, and since when logins by PIN and a tap are suspended. */
  times(): Pick<PhoneCounters, 'reportedAt' | 'suspendedAt'> {
    const { stored } = this.#store
    const now = this.#ports.now()
    if (stored === undefined) return {}
    const { memory, record } = stored
    const suspendedAt = suspendedSince(memory, record.pin !== undefined, now)
    return present({ reportedAt: lastReportAt(memory, now), suspendedAt })
  }

  async report(request: RequestOf<'reportFraud'>): Promise<Outcome<ReportConsequence>> {
    const { transaction, at, hasPin, mode, phoneKey, opened } = request
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const { stored } = this.#store
    const record = stored?.record
    // The token has another owner, PIN or phone by now: the report says nothing about these.
    if (stored === undefined || record?.phoneKey !== phoneKey || isVoid(record, opened)) return done('none')
    const { place, before } = placeToReport(request, stored.memory)
    const memory = withFraudReport(before, { transaction, at, place, hasPin }, mode, this.#ports.now())
    if (memory !== stored.memory) this.#store.saveState(memory)
    if (mode === 'shadow') return done('none')
    const isOwnPin = record.pin !== undefined
    const withdrawn = await this.#withdrawLike({ ...request, place }, memory, isOwnPin)
    if (!withdrawn) return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
    const consequence = consequenceOf(memory, isOwnPin, this.#ports.now())
    // The next report gives the same notice again; the phone keeps it once.
    if (consequence === 'pin_suspended') await this.#tellUser(memory)
    return done(consequence)
  }

  /** Gives the user a notice, once for each suspension. */
  async #tellUser({ suspension }: PhoneState): Promise<void> {
    if (suspension === undefined) return
    const { since: at } = suspension
    await this.#notices.give({ id: `pin_stopped:${at}`, at, subject: { kind: 'pin_stopped' } })
  }

  /** Withdraws the prompts of the same source that a tap would approve, and those that are still opening. Once logins by PIN and a tap are
   *  suspended, withdraws all of them, whatever their source. Answers whether every shard was reached. */
  async #withdrawLike(
    { transaction, place }: RequestOf<'reportFraud'>,
    memory: PhoneState,
    isOwnPin: boolean,
  ): Promise<boolean> {
    const { identifiers, transactions } = this.#ports
    const now = this.#ports.now()
    const isSuspended = suspendedSince(memory, isOwnPin, now) !== undefined
    const reported = memory.rings.find((ring) => ring.transaction === transaction)
    const isLike = (ring: Ring): boolean => {
      if (place !== undefined) return ring.place === place
      return reported !== undefined && ring.place === undefined && ring.service === reported.service
    }
    const rings = memory.rings.filter(
      (ring) =>
        ring.transaction !== transaction && now < ring.until && (isLike(ring) || (isSuspended && ring.pinVerified)),
    )
    const outcomes = await Promise.all(
      rings.map(async ({ transaction: id }) => {
        const address = await identifiers.locate(id)
        const request = { id, serial: this.#serial, withdrawal: { cause: 'reported' } } as const
        return address === undefined || (await transactions.of(address).withdraw(request)).ok
      }),
    )
    return outcomes.every(Boolean)
  }
}
