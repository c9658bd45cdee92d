/** Enrollment during a login: its one challenge waits for a phone to register. The states are drawn in `transaction.ts`. */
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Instant, Owner, Serial } from '../../vocabulary.ts'
import { belongsTo, hasKey, type LoginCaller, markFinalized } from './finalizing.ts'
import { type Challenge, isPending, type Transaction } from './transaction.ts'

/** The token whose phone is still to register; undefined if none is. */
function awaited(transaction: Transaction, now: Instant): Serial | undefined {
  if (transaction.enrollment === undefined) return undefined
  return transaction.challenges.find((one) => isPending(transaction, one, now))?.serial
}

/** The key of the phone, and the revision of its token at registration: a later change of the token makes the login void. */
export type RegisteredPhone = Pick<Challenge, 'phoneKey' | 'revision' | 'epoch'>

/** Accepts the login, because this phone has registered. Unchanged if the login does not wait for it. */
export function applyRegistration(
  transaction: Transaction,
  serial: Serial,
  phone: RegisteredPhone,
  now: Instant,
): Transaction {
  if (awaited(transaction, now) !== serial) return transaction
  return {
    ...transaction,
    challenges: transaction.challenges.map((one) => ({ ...one, ...phone, state: 'accepted', answeredAt: now })),
    steps: [...transaction.steps, { at: now, kind: 'registered', serial }],
  }
}

const NO = { reason: 'enrollment_not_cancelled' } as const

/** Authorizes this caller to cancel the enrollment; answers its token and owner. A caller that names no user or token
 *  needs the transaction id, and its key if a key opened the login.
 *  Refuses: `enrollment_not_cancelled`, `service_key_required`. Source: docs/protocol.md, "Enrollment during a login". */
export function authorizeCancellation(
  transaction: Transaction | undefined,
  caller: LoginCaller & { readonly admitted: boolean },
  now: Instant,
): Outcome<{ readonly serial: Serial; readonly owner?: Owner }> {
  if (transaction === undefined) return refuse(NO)
  if (transaction.keyHash === undefined && !caller.admitted) return refuse({ reason: 'service_key_required' })
  const isNamed = caller.userInput !== undefined || caller.serial !== undefined
  const isKeys = transaction.keyHash === undefined || hasKey(caller, transaction.keyHash)
  const isTheirs = isNamed ? belongsTo(transaction, caller) : isKeys
  const serial = awaited(transaction, now)
  const optional = transaction.enrollment?.optional === true
  return isTheirs && serial !== undefined && optional
    ? done({ serial, ...present({ owner: transaction.owner }) })
    : refuse(NO)
}

/** Finalizes the login without a phone. Refuses: `enrollment_not_cancelled` if it has expired or was withdrawn. */
export function cancelEnrollment(transaction: Transaction, now: Instant): Outcome<Transaction> {
  const serial = awaited(transaction, now)
  if (serial === undefined || transaction.enrollment?.optional !== true) return refuse(NO)
  const skipped = { at: now, kind: 'enrollment_cancelled', serial } as const
  return done(markFinalized({ ...transaction, steps: [...transaction.steps, skipped] }, serial, now))
}
