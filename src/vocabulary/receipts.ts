/** Nouns of receipts. Source: docs/receipts.md. */
import type { Instant, Owner } from '../vocabulary.ts'

/** What a phone has signed as its answer. */
export interface SignedAnswer {
  /** Base64. */
  readonly signature: string
  readonly decline: boolean
  /** Only with a decline. */
  readonly reason?: string
  /** The option that the user tapped. */
  readonly presence?: string
}

/** What has become of a login that a phone has answered, as its receipt states it. `confirmed`: the phone has shown its code, and
 *  the login is not finalized with it. `withdrawn`: the phone approved, but the login was taken back before it was used. */
export const RECEIPT_STATUS = [
  'confirmed',
  'accepted',
  'finalized',
  'declined',
  'wrong_number',
  'withdrawn',
  'expired',
] as const
export type ReceiptStatus = (typeof RECEIPT_STATUS)[number]

/** A phone's answer, what it is an answer to, and what has become of the login. */
export interface AnswerEvidence {
  readonly context: Readonly<Record<string, unknown>>
  /** Base64url, 16 bytes. */
  readonly salt: string
  readonly prompt: Readonly<Record<string, string>>
  readonly answer: SignedAnswer
  /** The phone's public key (SPKI, base64). */
  readonly phoneKey: string
  /** The name of the server's key that signed the prompt. */
  readonly signingKey: string
  readonly status: ReceiptStatus
  readonly answeredAt: Instant
  readonly finalizedAt?: Instant
}

/** Why there is no receipt. `undecided`: no phone has decided the login. `enrollment`: the phone registered, which answers no prompt.
 *  `notice`: no login, but a notice,
 *  which lets nobody in. `over`: the login was swept. `not_kept`: opened, or answered, by the version before. `key_deleted`: the server's key is gone. */
export type NoReceipt = 'undecided' | 'enrollment' | 'notice' | 'over' | 'not_kept' | 'key_deleted'

/** What a login has for a receipt, and whose it is: that decides who may read it. */
export interface LoginEvidence {
  readonly owner?: Owner
  /** The name of the service key that opened it. */
  readonly service?: string
  readonly evidence: AnswerEvidence | NoReceipt
}
