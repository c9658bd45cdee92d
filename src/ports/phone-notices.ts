/** What the object of a phone is asked about notices. */
import type { TokenAtOpening } from '../rules/token/token.ts'
import type { Owner, Revision } from '../vocabulary.ts'
import type { RequestOrigin } from '../vocabulary/login-steps.ts'
import type { Binding } from '../vocabulary/notices.ts'
import type { AuditEntry } from './audit.ts'

/** What the user has answered to a notice. */
export interface NoticeAnswer {
  /** The id of the notice. */
  readonly notice: string
  /** The user says that it was not them. */
  readonly declined: boolean
  /** The key that the answer was verified with. */
  readonly phoneKey: string
  readonly opened: TokenAtOpening
  readonly origin?: RequestOrigin
}

/** A binding to undo: another phone of the same owner says that this phone is not theirs. */
export interface BindingUndo {
  readonly owner: Owner
  readonly binding: Binding
  /** The token's `boundRevision` of that binding. */
  readonly revision?: Revision
  readonly entry: AuditEntry
}
