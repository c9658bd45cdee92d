/** Fraud reports of one phone: logins that its owner declined as not theirs, and what follows from them. Somebody else knows the PIN of a
 *  login that was opened by one. No clock, no storage.
 *  Source: docs/protocol.md, "Fraud reports"; decision 0046. */
import { addSeconds, type Instant, type Seconds, seconds, type TransactionId } from '../../vocabulary.ts'
import type { FraudReportMode, ReportConsequence } from '../../vocabulary/fraud-reports.ts'

/** A login that the owner of the phone declined as not theirs. */
export interface FraudReport {
  readonly transaction: TransactionId
  readonly at: Instant
  /** Where the login was opened, if the address of its end user was believed. */
  readonly place?: string | undefined
  /** The login was opened by a PIN. */
  readonly hasPin?: boolean | undefined
  /** It has no consequences any more. It is kept so that the same report is not counted again. */
  readonly isLifted?: true
}

/** Logins by PIN and a tap are suspended. */
interface Suspension {
  readonly since: Instant
  /** Another PIN was set since. Kept because the catalogue may be put back to the one before. */
  readonly isPinChanged?: true
}

/** Absent parts are empty. */
export interface FraudReports {
  readonly fraudReports?: readonly FraudReport[] | undefined
  readonly suspension?: Suspension | undefined
}

/** The places of the owner's logins, as in `Guesses`. */
interface KnownPlaces {
  readonly places?: readonly (readonly [place: string, until: Instant])[]
}

/** Reports count for a day. */
const REPORT_TIME = seconds(86_400)
/** How long the place of a report is shut out. For the rest of the day logins from there need a code or number. */
const BLOCK_TIME = seconds(3600)
/** How many reports of logins by PIN within a day suspend logins by PIN and a tap. */
const SUSPENDING = 2
/** How long a suspension lasts where the PIN is not the token's own. */
const SUSPENSION_TIME = seconds(86_400)
/** How many reports are remembered. Two suspend, so further ones are about logins that were open before. */
const MAX_REPORTS = 32

/** Adds a report, once for each login. */
export function withFraudReport<State extends FraudReports>(
  state: State,
  report: FraudReport,
  mode: FraudReportMode,
  now: Instant,
): State {
  const { fraudReports = [], suspension } = state
  const isOver = now >= addSeconds(report.at, REPORT_TIME)
  if (isOver || fraudReports.some(({ transaction }) => transaction === report.transaction)) return state
  const reports = [...fraudReports.filter(({ at }) => now < addSeconds(at, REPORT_TIME)), report].slice(-MAX_REPORTS)
  const counted = reports.filter(({ hasPin, isLifted }) => hasPin === true && isLifted !== true).length
  const suspends = report.hasPin === true && (mode === 'block' || counted >= SUSPENDING)
  // After a day it begins anew: where the PIN is not the token's own, the one before is over.
  const isSuspended = suspendedSince({ suspension }, false, now) !== undefined
  return { ...state, fraudReports: reports, ...(suspends && !isSuspended ? { suspension: { since: now } } : {}) }
}

/** How earlier reports restrict a login. */
interface ReportEffect {
  /** How long its place is still shut out; 0 if it is not. */
  readonly blockedFor: Seconds
  /** It must not be approved by a tap alone. */
  readonly isPinKnown: boolean
  /** Logins by PIN and a tap are suspended: this does not end with the day. */
  readonly isSuspended: boolean
}

/** A login that is about to ring. */
export interface ReportableLogin {
  readonly place?: string | undefined
  readonly hasPin: boolean
  /** The PIN is the token's own, so that its owner can be asked to change it. */
  readonly isOwnPin: boolean
}

/** Returns how earlier reports restrict a login. A place that is known for the owner is not shut out: the attacker may share her
 *  network, and she may have forgotten a login of her own. */
export function effectOf(
  state: FraudReports & KnownPlaces,
  { place, hasPin, isOwnPin }: ReportableLogin,
  now: Instant,
): ReportEffect {
  const reports = activeReports(state, now)
  const isKnown = (one: string): boolean => knownPlaces(state, now).has(one)
  const last = reports.findLast((one) => place !== undefined && one.place === place)
  const blockedUntil = last === undefined || isKnown(last.place ?? '') ? now : addSeconds(last.at, BLOCK_TIME)
  const isSuspended = hasPin && suspendedSince(state, isOwnPin, now) !== undefined
  return {
    blockedFor: seconds(Math.max(0, Math.ceil((blockedUntil - now) / 1000))),
    isPinKnown:
      isSuspended || reports.some((one) => one.place === undefined || one.place === place || isKnown(one.place)),
    isSuspended,
  }
}

/** Returns the consequence of the last report, as webhooks and shards hear of it. */
export function consequenceOf(state: FraudReports & KnownPlaces, isOwnPin: boolean, now: Instant): ReportConsequence {
  const report = activeReports(state, now).at(-1)
  if (report === undefined) return 'none'
  if (report.hasPin === true && suspendedSince(state, isOwnPin, now) !== undefined) return 'pin_suspended'
  return report.place === undefined || knownPlaces(state, now).has(report.place)
    ? 'code_or_number_required'
    : 'source_shut_out'
}

/** Since when logins by PIN and a tap are suspended; undefined if they are not. */
export function suspendedSince({ suspension }: FraudReports, isOwnPin: boolean, now: Instant): Instant | undefined {
  if (suspension === undefined || suspension.isPinChanged === true) return undefined
  return isOwnPin || now < addSeconds(suspension.since, SUSPENSION_TIME) ? suspension.since : undefined
}

/** When the last report came that still has consequences. */
export const lastReportAt = (state: FraudReports, now: Instant): Instant | undefined =>
  activeReports(state, now).at(-1)?.at

/** Returns the state with no consequences of any report: an administrator has lifted them, or the token has another phone. */
export const liftReports = <State extends FraudReports>(state: State): State => ({
  ...state,
  fraudReports: state.fraudReports?.map(lifted),
  suspension: undefined,
})

/** `liftReports`, after another PIN was set. */
export const liftReportsOfPin = <State extends FraudReports>(state: State): State => ({
  ...liftReports(state),
  suspension: state.suspension && { ...state.suspension, isPinChanged: true },
})

/** Returns the state after the catalogue was put back to an earlier one: the PIN may be the one that is known. */
export const withPinPutBack = <State extends FraudReports>(state: State): State => ({
  ...state,
  suspension: state.suspension && { since: state.suspension.since },
})

const lifted = (report: FraudReport): FraudReport => ({ ...report, isLifted: true })

const activeReports = ({ fraudReports = [] }: FraudReports, now: Instant): readonly FraudReport[] =>
  fraudReports.filter(({ at, isLifted }) => isLifted !== true && now < addSeconds(at, REPORT_TIME))

const knownPlaces = ({ places = [] }: KnownPlaces, now: Instant): ReadonlySet<string> =>
  new Set(places.flatMap(([place, until]) => (now < until ? [place] : [])))
