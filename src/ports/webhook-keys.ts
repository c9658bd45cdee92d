/** The keys that sign security event tokens. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** The public half of such a key. */
export interface WebhookKey {
  /** The `kid`. */
  readonly id: string
  readonly jwk: Readonly<Record<string, string>>
  readonly createdAt: Instant
  /** From when on it signs. */
  readonly signsFrom: Instant
  /** When the next key takes over; undefined: none is to. */
  readonly replacedAt?: Instant
}

export interface WebhookKeys {
  /** The keys that receivers have to know: the one that signs, one that will, and those that did until a week ago. The newest first, and
   *  up to a minute old. */
  published(): Promise<Outcome<readonly WebhookKey[]>>
  /** Makes the first key, unless there is one. */
  ensure(): Promise<Outcome<void>>
  /** Makes another key. It signs in ten minutes, when every receiver can know it, or, if the keys so far are `compromised`, at once: then
   *  these are deleted. Answers the key and when it signs. */
  rotate(compromised: boolean, entry: AuditEntry): Promise<Outcome<Pick<WebhookKey, 'id' | 'signsFrom'>>>
  /** Signs the claims: a JWS in compact form. Refuses: `storage_unavailable`, also if the key does not open. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<Outcome<string>>
}
