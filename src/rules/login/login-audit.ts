/** The audit record of a login, step by step. */
import { present } from '../../present.ts'
import { type Instant, instant, type LoginStatus } from '../../vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginStep } from '../../vocabulary/login-steps.ts'
import { stepTimes } from './login-facts.ts'
import { endsAt, isOpen, loginStatus, type Transaction } from './transaction.ts'

interface AuditResult {
  readonly success: boolean
  readonly authentication: string
}

/** The result of a phone's or a service's request. Other steps are not requests (a delivery), or have a record of their
 *  own (a wrong code is a refused finalize). */
const RESULTS: Readonly<Partial<Record<LoginStep['kind'], AuditResult>>> = {
  joined: { success: false, authentication: 'CHALLENGE' },
  accepted: { success: true, authentication: '' },
  confirmed: { success: true, authentication: '' },
  declined: { success: true, authentication: 'DECLINED' },
  wrong_number: { success: false, authentication: 'REJECT' },
  finalized: { success: true, authentication: 'ACCEPT' },
}

const AUTHENTICATION: Readonly<Record<LoginStatus, string>> = {
  finalized: 'ACCEPT',
  accepted: 'REJECT',
  declined: 'DECLINED',
  cancelled: 'DECLINED',
  expired: 'REJECT',
  pending: 'CHALLENGE',
}

/** Composes the audit record of a login, without the words of its lines. `ended`: when it ended. The record is the same
 *  whenever it is composed. */
export function loginRecord(transaction: Transaction, now: Instant, ended?: Instant): AuditRecord {
  // An expired login ended when its time was over, not when that was noticed.
  const last = transaction.steps.at(-1)
  const over = ended === undefined ? undefined : instant(Math.max(Math.min(ended, endsAt(transaction)), last?.at ?? 0))
  const stands = loginStatus(transaction, over ?? now)
  const steps = transaction.steps.map((step, index) => stepOf(transaction, step, index, over !== undefined))
  const serial = last?.serial ?? transaction.challenges[0]?.serial
  const isNotice = transaction.notice !== undefined
  const { system } = stepTimes({ steps })
  return {
    at: over ?? last?.at ?? transaction.openedAt,
    action: transaction.openedBy,
    success: isNotice || stands === 'finalized',
    authentication: isNotice ? '' : AUTHENTICATION[stands],
    transaction: transaction.id,
    ...present({ serial, owner: transaction.owner, service: transaction.service }),
    address: transaction.address,
    userAgent: transaction.userAgent,
    ...present({ policies: transaction.policies, ...(over === undefined ? {} : { duration: system }) }),
    info: isNotice && last !== undefined && last.kind !== 'notice_opened' ? last.kind : stands,
    steps: over !== undefined && stands === 'expired' ? [...steps, ...expiry(transaction, over)] : steps,
  }
}

/** A notice authenticates nobody. */
function stepOf(transaction: Transaction, step: LoginStep, index: number, isOver: boolean): AuditStep {
  const entry = loginStep(transaction, step, index, isOver)
  if (transaction.notice === undefined || entry.action === undefined) return entry
  return { ...entry, authentication: '', ...(index === 0 ? { success: true } : {}) }
}

function loginStep(transaction: Transaction, step: LoginStep, index: number, isOver: boolean): AuditStep {
  const { origin, ...entry } = step
  if (index === 0) return opening(transaction, entry)
  if (entry.kind === 'withdrawn') {
    const isEnd = isOver && index === transaction.steps.length - 1
    return { ...entry, serial: entry.serial ?? serialsOf(transaction), ...byNobody('login withdrawn', isEnd) }
  }
  const result = RESULTS[entry.kind]
  // Without an action it is no line of the audit.
  if (result === undefined) return { ...entry, ...present({ address: origin?.address, userAgent: origin?.userAgent }) }
  const { openedBy: action, address, userAgent } = transaction
  return { ...entry, ...(origin ?? { action, address, userAgent }), ...result }
}

/** In privacyIDEA a trigger is a success, and a check that opened a challenge is none. Source: golden 22-audit. */
function opening({ openedBy, challenges }: Transaction, step: Omit<LoginStep, 'origin'> & AuditStep): AuditStep {
  return {
    ...(step.kind === 'opened'
      ? { ...step, challenges: challenges.length, ...present({ mode: challenges[0]?.mode }) }
      : step),
    action: openedBy,
    success: openedBy.endsWith('/triggerchallenge'),
    authentication: 'CHALLENGE',
    serial: serialsOf({ challenges }),
  }
}

const serialsOf = ({ challenges }: Pick<Transaction, 'challenges'>): string =>
  challenges.map(({ serial }) => serial).join(',')

const byNobody = (action: string, isEnd: boolean) => ({
  action,
  success: false,
  authentication: isEnd ? 'REJECT' : '',
  address: '',
  userAgent: '',
})

/** The step of an expired login, which is stored nowhere. None if the phones declined. None for the prompt of a notice either, because
 *  another prompt follows. */
function expiry({ challenges, notice }: Transaction, at: Instant): readonly AuditStep[] {
  if (notice !== undefined) return []
  const accepted = challenges.find(({ state }) => state === 'accepted')
  const waiting = accepted ?? challenges.find(isOpen)
  if (waiting === undefined) return []
  return [
    {
      at,
      kind: 'expired',
      accepted: accepted !== undefined,
      serial: waiting.serial,
      ...byNobody('login expired', true),
    },
  ]
}
