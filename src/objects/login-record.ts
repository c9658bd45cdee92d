/** The audit record of a login. */
import { withInfo } from '../protocol/login/step-texts.ts'
import { loginRecord } from '../rules/login/login-audit.ts'
import { endsAt } from '../rules/login/transaction.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'
import type { Instant } from '../vocabulary.ts'
import { sequenceTime } from './outbox.ts'
import type { Login } from './stored-login.ts'

/** Composes the record of a login as it is now. An expired one is recorded as expired, even if no round has ended it yet. */
export function recordOf({ transaction, sequence }: Login, now: Instant): AuditRecord {
  const expiredAt = now >= endsAt(transaction) ? endsAt(transaction) : undefined
  return auditRecord(transaction, now, sequence === undefined ? expiredAt : sequenceTime(sequence))
}

/** Composes the record of a login as it was at this time. */
export const auditRecord = (...login: Parameters<typeof loginRecord>): AuditRecord => withInfo(loginRecord(...login))
