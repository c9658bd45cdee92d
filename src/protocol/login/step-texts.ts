/** The words for what happens in a login: in its timeline, in the audit, and in rows of the version before, which stored
 *  nothing else. */
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginStep, StepEvent, Withdrawal } from '../../vocabulary/login-steps.ts'
import type { NoticeKind } from '../../vocabulary/notices.ts'
import type { Restriction } from '../../vocabulary/push-firewall.ts'

const WITHDRAWALS: Readonly<Record<Exclude<Withdrawal['cause'], 'administrator'>, string>> = {
  before_opening: 'withdrawn before it opened',
  wrong_codes: 'three wrong codes',
  service_key_revoked: 'service key revoked',
  token_changed: 'token changed',
  too_many_waiting: 'too many wait',
  caller_left: 'the caller left',
  other_token: 'the user logged in with a token of the upstream',
  not_finalized: 'not finished',
  unanswered: 'not answered in time',
  delivery_failed: 'delivery failed',
  opening_unconfirmed: 'opening was not confirmed',
  token_not_stored: 'the token could not be stored',
  code_replaced: 'another login shows the code',
  superseded: 'newer logins of the same source are open',
  reported: 'the user reported one like it',
}

/** Renders the event of a step for a login's timeline. */
export function eventText(event: StepEvent): string {
  switch (event.kind) {
    case 'delivery_failed':
      return `delivery failed: ${event.why}`
    case 'declined':
      return event.reason === 'unknown_trigger' ? 'not me' : (event.reason ?? 'declined')
    case 'withdrawn':
      return event.cause === 'administrator' ? `withdrawn by ${event.administrator}` : WITHDRAWALS[event.cause]
    case 'restricted':
      return `${event.isShadow === true ? 'would be restricted' : 'restricted'}: ${RESTRICTIONS[event.why]}`
    case 'notice_opened':
      return NOTICES[event.notice]
    case 'other':
      return event.text
    default:
      return EVENTS[event.kind]
  }
}

type Worded = 'delivery_failed' | 'declined' | 'withdrawn' | 'restricted' | 'notice_opened' | 'other'

const RESTRICTIONS: Readonly<Record<Restriction, string>> = {
  over_budget: 'ring budget used up',
  pin_known: 'the user has reported a login',
  paused: 'rings are paused',
  no_proof: 'the token has no PIN, so anybody could have opened it',
}
const NOTICES: Readonly<Record<NoticeKind, string>> = {
  phone_bound: 'told of another phone',
  bypass_code_issued: 'told of a bypass code',
  bypass_code_used: 'told that a bypass code was used',
  pin_stopped: 'told that logins with the PIN were stopped',
  phone_changed: 'told of a change of another phone',
}

const EVENTS: Readonly<Record<Exclude<StepEvent['kind'], Worded>, string>> = {
  opened: 'opened',
  joined: 'joined by a repeated request',
  enrollment_started: 'enrollment begun',
  delivered: 'delivered',
  delivery_unneeded: 'delivery no longer needed',
  fetched: 'fetched by the phone',
  accepted: 'accepted',
  confirmed: 'confirmed',
  wrong_number: 'wrong number',
  wrong_code: 'wrong code',
  registered: 'registered',
  enrollment_cancelled: 'enrollment cancelled',
  finalized: 'finalized',
  expired: 'expired',
}

/** Adds `info`, the words of each line, to a record: administrators read and search them. Source: docs/protocol.md,
 *  "Audit". */
export const withInfo = (record: AuditRecord): AuditRecord =>
  record.steps === undefined ? record : { ...record, steps: record.steps.map(infoAdded) }

const infoAdded = (step: AuditStep, index: number, steps: readonly AuditStep[]): AuditStep =>
  step.action === undefined ? step : { ...step, info: infoOf(step, index === 0 ? steps : []) }

/** `steps`: for the line of the opening, which names phones that did not ring, all steps of the login. */
function infoOf(event: StepEvent, steps: readonly AuditStep[]): string {
  switch (event.kind) {
    case 'opened':
    case 'enrollment_started': {
      const text = event.kind === 'opened' ? `triggered ${event.challenges ?? 0} challenges` : eventText(event)
      return [text, ...steps.filter(isUnrung).map(eventText)].join(', ')
    }
    case 'confirmed':
      return 'confirmed, code shown'
    case 'declined':
      return event.reason === undefined ? 'declined' : `declined: ${event.reason}`
    case 'finalized':
      return 'Found matching challenge'
    case 'expired':
      return event.accepted ? 'not finalized in time' : 'not answered in time'
    default:
      return eventText(event)
  }
}

const isUnrung = (event: StepEvent): boolean =>
  event.kind === 'restricted' ||
  event.kind === 'delivery_failed' ||
  (event.kind === 'withdrawn' && event.cause === 'delivery_failed')

/** Reads a stored step. The version before stored the text of its event as `what` and its request as `by`, and marked
 *  withdrawals. */
export function readStep<Step extends LoginStep | AuditStep>(stored: Step): Step {
  if (!('what' in stored)) return stored
  const { what, by, withdrawn: _, ...step } = stored as Step & Readonly<Record<'what' | 'by' | 'withdrawn', unknown>>
  const origin = by === undefined ? {} : { origin: by }
  return { ...step, ...origin, ...readEvent(String(what)) } as unknown as Step
}

const FAILED = 'delivery failed: '
const BY = 'withdrawn by '

function readEvent(text: string): StepEvent {
  if (text.startsWith(FAILED)) return { kind: 'delivery_failed', why: text.slice(FAILED.length) }
  if (text.startsWith(BY)) return { kind: 'withdrawn', cause: 'administrator', administrator: text.slice(BY.length) }
  return KNOWN.get(text) ?? { kind: 'other', text }
}

const kinds = Object.keys(EVENTS) as (keyof typeof EVENTS)[]
const causes = Object.keys(WITHDRAWALS) as (keyof typeof WITHDRAWALS)[]
const KNOWN: ReadonlyMap<string, StepEvent> = new Map(
  [
    ...kinds.map((kind): StepEvent => (kind === 'expired' ? { kind, accepted: false } : { kind })),
    { kind: 'declined' } as const,
    { kind: 'declined', reason: 'cancelled' } as const,
    { kind: 'declined', reason: 'unknown_trigger' } as const,
    ...causes.map((cause): StepEvent => ({ kind: 'withdrawn', cause })),
  ].map((event) => [eventText(event), event]),
)
