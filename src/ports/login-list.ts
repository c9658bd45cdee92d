/** Lists logins from the audit. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'
import type { LoginOutcome } from '../vocabulary/login-reports.ts'
import type { AuditKey } from './audit.ts'

export interface LoginListQuery {
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  /** Only what is older than this record. */
  readonly before?: AuditKey | undefined
  readonly owners?: readonly { readonly realm: string; readonly login?: string }[] | undefined
  readonly service?: string | undefined
  /** Only logins about this token. */
  readonly serial?: string | undefined
  /** Only logins of which one of these became. */
  readonly outcomes?: readonly LoginOutcome[] | undefined
  /** Only logins of which Nod's own time was longer, in milliseconds. */
  readonly slowerThan?: number | undefined
  readonly limit: number
}

/** A record of the audit about a login, and what became of the login. */
export interface ListedLogin {
  readonly key: AuditKey
  readonly record: AuditRecord
  readonly outcome: LoginOutcome
}

export interface LoginPage {
  /** The newest first. */
  readonly logins: readonly ListedLogin[]
  /** The page after this one begins behind this record; absent if there is no more. */
  readonly next?: AuditKey
  /** How far back it has looked, if it has stopped there and not because it was full. */
  readonly stoppedAt?: Instant
}

export interface LoginList {
  /** Answers a page of logins that have ended or were refused. It reads at most 20,000 records of the audit, in order of time by its
   *  key, so a page may have fewer logins than `limit`, even none, and go on; within five seconds. */
  page(query: LoginListQuery): Promise<Outcome<LoginPage>>
}
