/** A request that opens a login, and what its service is answered. */
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { FinalizedLogin } from '../../rules/login/transaction.ts'
import type { TransactionId } from '../../vocabulary.ts'

export interface LoginRequest {
  readonly subject: SubjectFields
  /** What the user entered, which has to be the PIN; absent: no PIN is checked (the caller may trigger without). */
  readonly pin?: { readonly entry: string | undefined }
  /** Whether a failed delivery is an error, not a hint. */
  readonly exception: boolean
  /** The route, as the audit names it. */
  readonly action: string
  /** The token type that the caller restricts the login to, where policy lets it. */
  readonly type?: string
  /** The caller's name for this request: the same request under the same key joins the login that it opened. */
  readonly idempotencyKey?: string
  /** Whether the login is approved by the code that the phone shows only, whatever policies say of its mode. */
  readonly byCode?: true
  /** Called when the PIN is wrong, with what takes the counted attempts back: for an entry that turns out to be another token's. */
  readonly onWrongPin?: (takeBack: () => Promise<void>) => void
  /** Aborted when the caller disconnects. */
  readonly signal: AbortSignal
}

export interface OpenedLogin extends LoginReply {
  readonly transaction: TransactionId
  /** Present if the request waited for the phone, which accepted: the login is finalized. */
  readonly finalized?: FinalizedLogin
}
