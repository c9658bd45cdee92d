import { present } from '../present.ts'
import type { AuditRecord } from '../ports/catalogue.ts'
import type { Standing, Transaction } from '../rules/transaction.ts'
import { standing } from '../rules/transaction.ts'
import type { Instant } from '../vocabulary.ts'

const AUTHENTICATION: Readonly<Record<Standing, string>> = {
  finalized: 'ACCEPT',
  accepted: 'REJECT',
  declined: 'DECLINED',
  cancelled: 'DECLINED',
  expired: 'REJECT',
  pending: 'CHALLENGE',
}

/** A login as the audit keeps it: one record, with its steps. */
export function recordOf(transaction: Transaction, now: Instant): AuditRecord {
  const stands = standing(transaction, now)
  const last = transaction.steps.at(-1)
  const serial = last?.serial ?? transaction.challenges[0]?.serial
  return {
    at: transaction.openedAt,
    action: transaction.openedBy,
    success: stands === 'finalized',
    authentication: AUTHENTICATION[stands],
    transaction: transaction.id,
    ...present({ serial, owner: transaction.owner, service: transaction.service }),
    address: transaction.address,
    userAgent: transaction.userAgent,
    info: stands,
    steps: transaction.steps,
  }
}
