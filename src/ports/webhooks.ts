/** Webhooks: addresses that security events are pushed to. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import type { SecurityEventType } from '../vocabulary/security-events.ts'
import type { AuditEntry } from './audit.ts'

export interface Webhook {
  /** Random. Another webhook of the same name has another one. */
  readonly id: string
  readonly name: string
  readonly url: string
  /** The `aud` of its tokens. */
  readonly audience: string
  /** The deployment's address when the webhook was added: the `iss` of its tokens where PUBLIC_URL is not set. */
  readonly issuer: string
  /** The types that it hears of; undefined: all. */
  readonly events?: readonly SecurityEventType[]
  /** The service key whose logins it hears of, and of nothing else; undefined: it hears of the whole deployment. */
  readonly service?: string
  readonly createdAt: Instant
  /** False if its service key was revoked or deleted: then it hears of nothing. A later key of the same name does not bring it back. */
  readonly isActive: boolean
}

export interface WebhookTable {
  /** Every webhook, by name. */
  list(): Promise<Outcome<readonly Webhook[]>>
  /** Adds the webhook, unless its name is taken, its service key does not exist, or there are `most` already. */
  add(webhook: Webhook, most: number, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Deletes the webhook; false when there is none of this name. */
  delete(name: string, entry: AuditEntry): Promise<Outcome<boolean>>
}

/** What a receiver has answered to a token. */
export type PushResult =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'failed'
      /** What went wrong, in Nod's words: a status, or no connection. Only `error` is the receiver's. */
      readonly why: string
      readonly status?: number
      /** The receiver's error code, if it is one of RFC 8935, section 2.4. */
      readonly error?: string
      readonly retryAfter?: Seconds
    }

/** Pushes security event tokens. Source: RFC 8935. */
export interface EventPush {
  /** Posts the token. Never throws. `isLocal`: this Nod serves its own machine, so the receiver may be there as well. */
  send(url: string, token: string, isLocal: boolean): Promise<PushResult>
}
