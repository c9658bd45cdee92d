/** The table of invitations: each lets whoever has its secret enroll one phone for its user. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Owner, Serial } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface Invitation {
  readonly id: string
  readonly owner: Owner
  /** The token that its phone gets. */
  readonly serial: Serial
  readonly note: string
  readonly invitedBy: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** When its QR code was first shown. */
  readonly begunAt?: Instant
}

export interface InvitationTable {
  /** Stores the invitation, and deletes those that expired a day ago. `hash`: SHA-256 of its secret. False when there is one of this id
   *  already; then nothing is written. */
  add(invitation: Invitation & { readonly hash: string }, entry: AuditEntry): Promise<Outcome<boolean>>
  /** The newest thousand that have not expired. */
  listOpen(now: Instant): Promise<Outcome<readonly Invitation[]>>
  /** All invitations of this user, the newest first. */
  ofUser(owner: Owner): Promise<Outcome<readonly Invitation[]>>
  /** The invitation of this id, whether it has expired or not. */
  byId(id: string): Promise<Outcome<Invitation | undefined>>
  /** The invitation whose secret has this hash. */
  byHash(hash: string): Promise<Outcome<Invitation | undefined>>
  /** Keeps that its QR code is shown. False when the invitation is gone. */
  begin(id: string, at: Instant): Promise<Outcome<boolean>>
  /** False when it is gone. */
  withdraw(id: string, entry: AuditEntry): Promise<Outcome<boolean>>
}

/** Of a hash the part that names its invitation. */
export const invitationId = (hash: string): string => hash.slice(0, 16)
