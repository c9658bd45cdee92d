/** The table of bypass codes: a code lets its user in once without a phone. Each user has at most one. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Owner } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** An open code, without the code itself. */
export interface BypassCode {
  /** Never reused. */
  readonly id: number
  readonly owner: Owner
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly issuedBy: string
  readonly reason: string
}

export interface NewBypassCode extends Omit<BypassCode, 'id'> {
  readonly code: string
}

/** An attempt to use a code, and what its audit record says if it succeeds. */
export interface BypassUse {
  readonly owner: Owner
  /** As `openHash` answers it. */
  readonly hash: string
  readonly at: Instant
  readonly action: string
  readonly service?: string
  readonly address: string
  readonly userAgent: string
}

export interface BypassCodeTable {
  /** Stores the code in place of any other of its user, and answers its id; undefined when there is no such user. */
  issue(code: NewBypassCode, entry: AuditEntry): Promise<Outcome<number | undefined>>
  /** The newest thousand open codes, or the open code of this id. */
  listOpen(now: Instant, id?: number): Promise<Outcome<readonly BypassCode[]>>
  /** The open code of this user; undefined without one. */
  openOf(owner: Owner, now: Instant): Promise<Outcome<BypassCode | undefined>>
  /** False when the code is gone. */
  withdraw(id: number, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Answers the hash that this open code of the user is stored as; undefined if the user has no such open code. */
  openHash(code: Pick<BypassUse, 'owner' | 'at'> & { readonly code: string }): Promise<Outcome<string | undefined>>
  /** Deletes the code and writes its audit record. True for exactly one of any number of concurrent attempts. */
  consume(use: BypassUse): Promise<Outcome<boolean>>
}
