/** What happens in a login, as data. Decisions look at `kind`; the words are in `protocol/login/step-texts.ts`. */
import type { DeclineReason, Instant, Mode, Serial } from '../vocabulary.ts'
import type { Restriction } from './push-firewall.ts'
import type { NoticeKind } from './notices.ts'

/** The request that made a step: its route, as the audit names it, and where it came from. */
export interface RequestOrigin {
  readonly action: string
  readonly address: string
  readonly userAgent: string
  /** When it arrived, by the clock of the Worker. */
  readonly receivedAt?: Instant
}

/** Why a login, or one phone's part in it, was withdrawn. */
export type Withdrawal =
  | {
      readonly cause:
        | 'before_opening'
        | 'wrong_codes'
        | 'service_key_revoked'
        | 'token_changed'
        | 'too_many_waiting'
        | 'caller_left'
        /** The user has logged in with a token of the upstream. */
        | 'other_token'
        | 'not_finalized'
        | 'unanswered'
        | 'delivery_failed'
        | 'opening_unconfirmed'
        | 'token_not_stored'
        | 'code_replaced'
        /** Newer logins of the same source are open. */
        | 'superseded'
        /** The user has reported a login like it. */
        | 'reported'
    }
  /** The name as the audit has it. */
  | { readonly cause: 'administrator'; readonly administrator: string }

export type StepEvent =
  /** `challenges`: their number, and `mode`: of the first; only in the audit. `receivedAt`: when the request came that opened the login;
   *  `storedAt`: when its shard had stored it. */
  | {
      readonly kind: 'opened'
      readonly challenges?: number
      readonly mode?: Mode
      readonly receivedAt?: Instant
      readonly storedAt?: Instant
    }
  /** The phone is not rung for it, or would not be, if the push firewall were on. */
  | { readonly kind: 'restricted'; readonly why: Restriction; readonly isShadow?: true }
  /** The same request came again and shares this login. */
  | { readonly kind: 'joined' }
  | { readonly kind: 'enrollment_started' }
  /** A prompt that tells of something was opened. */
  | { readonly kind: 'notice_opened'; readonly notice: NoticeKind }
  /** `firebase`: the Firebase configuration; absent in steps of the version before. */
  | { readonly kind: 'delivered'; readonly firebase?: string }
  | { readonly kind: 'delivery_unneeded' }
  | { readonly kind: 'delivery_failed'; readonly why: string; readonly firebase?: string }
  /** The phone has fetched the prompt by a poll; kept for the first time alone. */
  | { readonly kind: 'fetched' }
  | { readonly kind: 'accepted' }
  /** Code to phone: the phone shows its code. */
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'declined'; readonly reason?: DeclineReason }
  | { readonly kind: 'wrong_number' }
  | { readonly kind: 'wrong_code' }
  | { readonly kind: 'registered' }
  | { readonly kind: 'enrollment_cancelled' }
  | { readonly kind: 'finalized' }
  | ({ readonly kind: 'withdrawn' } & Withdrawal)
  /** Only in the audit: the clock writes no step. */
  | { readonly kind: 'expired'; readonly accepted: boolean }
  /** Stored by another version, with a text that this one does not know. */
  | { readonly kind: 'other'; readonly text: string }

/** One entry of a login's timeline. */
export type LoginStep = StepEvent & {
  readonly at: Instant
  readonly serial?: Serial
  readonly origin?: RequestOrigin
}
