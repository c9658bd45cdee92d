/** Nouns of notices. A notice tells the user of a phone something by a prompt that no service can finalize. */
import type { Instant, Revision, Serial } from '../vocabulary.ts'

/** How a phone came to log its owner in. `enrolled`: a new token's phone registered. `re_enrolled`: another phone, or the same with a
 *  new key, registered for a token that had one. */
export const BINDINGS = ['enrolled', 're_enrolled', 'enabled', 'assigned'] as const
export type Binding = (typeof BINDINGS)[number]

/** What a notice tells, with what it takes to undo exactly that. */
export type NoticeSubject =
  /** `revision`: the token's `boundRevision` by this change; absent if a version before made it. */
  | { readonly kind: 'phone_bound'; readonly serial: Serial; readonly binding: Binding; readonly revision?: Revision }
  /** `code`: the id of the code. */
  | { readonly kind: 'bypass_code_issued'; readonly code: number }
  | { readonly kind: 'bypass_code_used' }
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
} as const
