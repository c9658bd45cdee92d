/** Bypass codes in the catalogue: what lets a user in once without their phone. One open code for each user. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Owner } from '../vocabulary.ts'
import type { AuditEntry } from './catalogue.ts'

/** An open code, without what would let anybody in. */
export interface BypassCode {
  /** Unique, never reused. */
  readonly id: number
  readonly owner: Owner
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly issuedBy: string
  readonly reason: string
}

export interface NewBypassCode extends Omit<BypassCode, 'id'> {
  readonly hash: string
}

/** A try to use one, and what the audit is to say of it if it succeeds. */
export interface BypassUse {
  readonly owner: Owner
  readonly hash: string
  readonly at: Instant
  readonly action: string
  readonly service?: string
  readonly address: string
  readonly userAgent: string
}

export interface BypassCodes {
  /** Its id; whatever code the user had is void. Undefined when there is no such user. */
  issueBypassCode(code: NewBypassCode, deed: AuditEntry): Promise<Outcome<number | undefined>>
  /** The newest thousand that are open, or the one of this id if it is. */
  openBypassCodes(now: Instant, id?: number): Promise<Outcome<readonly BypassCode[]>>
  /** False when it is gone already. */
  withdrawBypassCode(id: number, deed: AuditEntry): Promise<Outcome<boolean>>
  /** The code is used up, and the audit says so; however many try at once, one of them does. False for all others. */
  consumeBypassCode(use: BypassUse): Promise<Outcome<boolean>>
}
