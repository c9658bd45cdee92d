/** Signed heads of the audit's chains. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { ChainHead } from './audit.ts'

/** A JWS that says where every chain ended at some time. Format: docs/audit-format.md, "Heads". */
export interface SignedHead {
  readonly at: Instant
  readonly jws: string
}

/** The public half of a key that signs heads. */
export interface HeadKey {
  readonly kid: string
  readonly createdAt: Instant
  readonly jwk: Readonly<Record<string, string>>
}

/** Where heads go, out of the database that they are about. */
export type HeadDestination = 'webhook' | 'archive'

export interface AuditHeads {
  /** Signs where all chains end now. The first call makes the key. Refuses: `storage_unavailable`, also when the key does not open. */
  sign(): Promise<Outcome<SignedHead & { readonly chains: Readonly<Record<string, ChainHead>> }>>
  /** The keys, the newest first. */
  keys(): Promise<Outcome<readonly HeadKey[]>>
  store(head: SignedHead): Promise<Outcome<void>>
  newest(): Promise<Outcome<SignedHead | undefined>>
  /** Heads of the last 30 days that are not there yet, the oldest first, at most ten. */
  undelivered(destination: HeadDestination): Promise<Outcome<readonly SignedHead[]>>
  markDelivered(head: SignedHead, destination: HeadDestination): Promise<Outcome<void>>
}

/** The address that the operator has set for signed heads. */
export interface HeadWebhook {
  /** Posts a head. Answers why it did not arrive, or undefined. Never throws. */
  send(jws: string): Promise<string | undefined>
}
