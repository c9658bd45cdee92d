/** Nouns of notices. A notice tells the user of a phone something by a prompt that no service can finalize. */
import type { Instant, Revision, Serial } from '../vocabulary.ts'

/** How a phone came to log its owner in. `enrolled`: a new token's phone registered. `re_enrolled`: another phone, or the same with a
 *  new key, registered for a token that had one. */
export const BINDINGS = ['enrolled', 're_enrolled', 'enabled', 'assigned'] as const
export type Binding = (typeof BINDINGS)[number]

/** The API token of a session, which a decline voids. */
interface NoticeSession {
  readonly id: string
  readonly expiresAt: Instant
}

/** What users do to a phone of theirs that their other phones hear of. */
export type OwnChange =
  | 'disabled'
  | 'revoked'
  | 'deleted'
  | 'rings_paused'
  | 'rings_resumed'
  | 'renamed'
  | 'pin_changed'

/** What a notice tells, with what it takes to undo exactly that. */
export type NoticeSubject =
  /** `revision`: the token's `boundRevision` by this change; absent if a version before made it. */
  | { readonly kind: 'phone_bound'; readonly serial: Serial; readonly binding: Binding; readonly revision?: Revision }
  /** `code`: the id of the code. */
  | { readonly kind: 'bypass_code_issued'; readonly code: number }
  /** `session`: what it began; absent at a service. */
  | { readonly kind: 'bypass_code_used'; readonly session?: NoticeSession }
  /** The user, signed in to Nod itself, has changed one of their phones. */
  | {
      readonly kind: 'phone_changed'
      readonly serial: Serial
      readonly change: OwnChange
      readonly session: NoticeSession
    }
  /** Logins with the user's PIN were stopped. */
  | { readonly kind: 'pin_stopped' }

export type NoticeKind = NoticeSubject['kind']

export interface Notice {
  /** The same happening has the same id. */
  readonly id: string
  /** When it happened. */
  readonly at: Instant
  readonly subject: NoticeSubject
}

/** Actions of the audit: what was undone because the user of another phone said that it was not them. */
export const UNDONE = {
  revoked: 'revoke declined token',
  disabled: 'disable declined token',
  voided: 'void declined bypass code',
  ended: 'end declined session',
} as const
