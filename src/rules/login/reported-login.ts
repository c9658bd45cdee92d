/** What is told of a login that a phone's owner declined as not theirs: to its phones, and to administrators. */
import { present } from '../../present.ts'
import type { Instant, Owner, Serial, TransactionId } from '../../vocabulary.ts'
import type { FraudReportMode } from '../../vocabulary/fraud-reports.ts'
import type { TokenAtOpening } from '../token/token.ts'
import type { Challenge, Transaction } from './transaction.ts'

/** A phone of the login, as it was when the login opened. */
interface ReportedPhone {
  readonly serial: Serial
  readonly phoneKey: string
  readonly opened: TokenAtOpening
  readonly mode: FraudReportMode
}

/** A login that was declined as not its user's. */
export interface ReportedLogin {
  readonly transaction: TransactionId
  /** When it was declined. */
  readonly at: Instant
  /** The phone that declined it. */
  readonly serial: Serial
  readonly owner?: Owner
  readonly service?: string
  /** A digest of the network of the end user's address, if that is believed. */
  readonly place?: string
  /** That address. */
  readonly address?: string
  /** The login was opened by a PIN. */
  readonly hasPin: boolean
  /** All phones that it was opened for: one PIN opened it at each of them. */
  readonly phones: readonly ReportedPhone[]
}

/** Returns what is told of a login that this phone has declined; undefined if the phone did not say that the login is not its owner's,
 *  or policy makes nothing of that. */
export function reportedLogin(login: Transaction, serial: Serial): ReportedLogin | undefined {
  const declined = login.challenges.find((one) => one.serial === serial)
  if (declined?.state !== 'declined' || declined.fraudReport === undefined) return undefined
  const { id, owner, service, place, address, hasPin = false } = login
  return {
    transaction: id,
    at: declined.answeredAt ?? login.openedAt,
    serial,
    ...present({ owner, service, place, address: place === undefined ? undefined : address }),
    hasPin,
    phones: login.challenges.flatMap((one) => phoneOf(one, owner)),
  }
}

function phoneOf(challenge: Challenge, owner: Owner | undefined): readonly ReportedPhone[] {
  const { serial, phoneKey, revision, epoch, fraudReport: mode } = challenge
  return mode === undefined ? [] : [{ serial, phoneKey, opened: present({ owner, revision, epoch }), mode }]
}
