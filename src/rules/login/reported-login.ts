/** What a fraud report says of its login, to the login's phones and to administrators. */
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

/** A login that its user declined as not theirs. */
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
  /** All phones of the login: its PIN is the PIN of each of them. */
  readonly phones: readonly ReportedPhone[]
}

/** Returns what a fraud report says of this login, which the phone has declined. Undefined if the decline is no fraud report, or policy
 *  ignores it. */
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
