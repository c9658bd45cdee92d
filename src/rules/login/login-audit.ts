/** What the audit says of a login, step by step. */
import { present } from '../../present.ts'
import type { Instant, LoginStatus } from '../../vocabulary.ts'
import { instant } from '../../vocabulary.ts'
import type { AuditRecord, AuditStep } from './audit.ts'
import type { LoginStep, Transaction } from './transaction.ts'
import { endsAt, isOpen, loginStatus } from './transaction.ts'

interface Said {
  readonly success: boolean
  readonly authentication: string
  readonly info: string
}

/** What a phone's or a service's request did. A step that is not here is no request (a delivery), or one that has a record
 *  of its own (a wrong code is a finalize that was refused). */
const SAID: Readonly<Record<string, Said>> = {
  accepted: { success: true, authentication: '', info: 'accepted' },
  confirmed: { success: true, authentication: '', info: 'confirmed, code shown' },
  declined: { success: true, authentication: 'DECLINED', info: 'declined' },
  cancelled: { success: true, authentication: 'DECLINED', info: 'declined: cancelled' },
  'not me': { success: true, authentication: 'DECLINED', info: 'declined: unknown_trigger' },
  'wrong number': { success: false, authentication: 'REJECT', info: 'wrong number' },
  finalized: { success: true, authentication: 'ACCEPT', info: 'Found matching challenge' },
}

const AUTHENTICATION: Readonly<Record<LoginStatus, string>> = {
  finalized: 'ACCEPT',
  accepted: 'REJECT',
  declined: 'DECLINED',
  cancelled: 'DECLINED',
  expired: 'REJECT',
  pending: 'CHALLENGE',
}

/** A login as the audit keeps it: one record. `ended`: when it came to its end; the same record whenever it is asked for. */
export function loginRecord(transaction: Transaction, now: Instant, ended?: Instant): AuditRecord {
  // What the clock has ended was over at its own time, however late somebody looks.
  const last = transaction.steps.at(-1)
  const over = ended === undefined ? undefined : instant(Math.max(Math.min(ended, endsAt(transaction)), last?.at ?? 0))
  const stands = loginStatus(transaction, over ?? now)
  const steps = transaction.steps.map((step, index) => stepOf(transaction, step, index, over !== undefined))
  const serial = last?.serial ?? transaction.challenges[0]?.serial
  return {
    at: over ?? last?.at ?? transaction.openedAt,
    action: transaction.openedBy,
    success: stands === 'finalized',
    authentication: AUTHENTICATION[stands],
    transaction: transaction.id,
    ...present({ serial, owner: transaction.owner, service: transaction.service }),
    address: transaction.address,
    userAgent: transaction.userAgent,
    info: stands,
    steps: over !== undefined && stands === 'expired' ? [...steps, ...expiry(transaction, over)] : steps,
  }
}

function stepOf(transaction: Transaction, step: LoginStep, index: number, isOver: boolean): AuditStep {
  const { at, what, serial, by } = step
  const told = { at, what, ...present({ serial }) }
  if (index === 0) return { ...told, ...opening(transaction) }
  if (step.withdrawn) {
    const ends = isOver && index === transaction.steps.length - 1
    return { ...told, serial: serial ?? serialsOf(transaction), ...byNobody('login withdrawn', what, ends) }
  }
  const said = SAID[what]
  // Without an action it is no line of the audit.
  if (said === undefined)
    return { ...told, ...(by === undefined ? {} : { address: by.address, userAgent: by.userAgent }) }
  const { openedBy: action, address, userAgent } = transaction
  return { ...told, ...(by ?? { action, address, userAgent }), ...said }
}

/** privacyIDEA calls a trigger a success, and a check that opened a challenge none. Source: golden 22-audit. */
function opening({ openedBy, challenges, steps }: Transaction): Omit<AuditStep, 'at' | 'what'> {
  const first = steps[0]?.what ?? 'opened'
  const failures = steps.flatMap(({ what }) => (what.startsWith('delivery failed') ? [what] : []))
  return {
    action: openedBy,
    success: openedBy.endsWith('/triggerchallenge'),
    authentication: 'CHALLENGE',
    serial: serialsOf({ challenges }),
    info: [first === 'opened' ? `triggered ${challenges.length} challenges` : first, ...failures].join(', '),
  }
}

const serialsOf = ({ challenges }: Pick<Transaction, 'challenges'>): string =>
  challenges.map(({ serial }) => serial).join(',')

const byNobody = (action: string, info: string, ends: boolean): Omit<AuditStep, 'at' | 'what'> => ({
  action,
  success: false,
  authentication: ends ? 'REJECT' : '',
  info,
  address: '',
  userAgent: '',
})

/** The clock writes no step, so its line is made here; none where the phones' last word was no. */
function expiry({ challenges }: Transaction, at: Instant): readonly AuditStep[] {
  const accepted = challenges.find(({ state }) => state === 'accepted')
  const waiting = accepted ?? challenges.find(isOpen)
  if (waiting === undefined) return []
  const info = accepted === undefined ? 'not answered in time' : 'not finalized in time'
  return [{ at, what: 'expired', serial: waiting.serial, ...byNobody('login expired', info, true) }]
}
