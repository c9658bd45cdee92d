import { endsAt, type Transaction } from '../rules/login/transaction.ts'
import { addSeconds, instant, type Instant, seconds, type Serial } from '../vocabulary.ts'
import { readTransaction } from './stored-transaction.ts'

/** How long an ended login is kept, for its timeline and for repeated requests. */
const KEPT_TIME = seconds(600)
/** When to try again what another object or the catalogue did not accept. */
export const RETRY_TIME = seconds(5)

/** A transaction, and the work that is left to do for it. */
export interface Login {
  readonly transaction: Transaction
  /** Prompts that are not delivered yet, and when to try (again). */
  readonly deliveries: readonly { readonly serial: Serial; readonly tries: number; readonly at: Instant }[]
  /** Phones whose hold is still to be released. */
  readonly release: readonly Serial[]
  /** An administrator took it off the list. */
  readonly discarded?: true
  /** Its place in the audit outbox, once it has ended; unique in this shard. */
  readonly sequence?: number
  /** When there is next something to do for it. */
  readonly due: Instant
}

/** A login whose due time is not computed yet. */
export type UndatedLogin = Omit<Login, 'due'>

/** Whether there is work for this login that somebody waits for: a prompt to deliver or a hold to release. */
export const hasWork = ({ sequence, deliveries, release }: UndatedLogin): boolean =>
  sequence === undefined && deliveries.length + release.length > 0

/** When a login is due: for its work, to be ended, or to be swept. */
export function dueOf(login: UndatedLogin, now: Instant): Instant {
  const end = endsAt(login.transaction)
  if (login.sequence !== undefined) return addSeconds(instant(Math.max(end, now)), KEPT_TIME)
  const release = login.release.length > 0 ? [addSeconds(now, RETRY_TIME)] : []
  return instant(Math.min(end, ...login.deliveries.map(({ at }) => at), ...release))
}

/** Reads a row, whichever version wrote it. */
export function readLogin(body: string): Login {
  const stored = JSON.parse(body) as Login
  return { ...stored, transaction: readTransaction(stored.transaction) }
}
