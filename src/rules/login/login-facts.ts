/** What the audit record of a login tells: what became of it, and how long its steps took. */
import type { Instant, Mode } from '../../vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginOutcome, TimedStep } from '../../vocabulary/login-reports.ts'
import type { StepEvent } from '../../vocabulary/login-steps.ts'

export type StepTimes = Readonly<Partial<Record<TimedStep, number>>>

type StepOf<Kind extends StepEvent['kind']> = AuditStep & Extract<StepEvent, { readonly kind: Kind }>

const isOf =
  <Kind extends StepEvent['kind']>(...kinds: readonly Kind[]) =>
  (step: AuditStep): step is StepOf<Kind> =>
    (kinds as readonly string[]).includes(step.kind)

/** What became of the login; `open` if it has not ended, undefined if the record is of no login. */
export function outcomeOf({ transaction, info, steps = [] }: AuditRecord): LoginOutcome | 'open' | undefined {
  if (transaction === undefined || steps[0]?.kind === 'notice_opened') return undefined
  switch (info) {
    case 'pending':
      return 'open'
    case 'finalized':
      return steps[0]?.kind === 'enrollment_started' ? 'enrolled' : 'accepted'
    case 'accepted':
      return 'unfinished'
    case 'cancelled':
      return 'cancelled'
    case 'declined':
    case 'expired':
      return endOf(info, steps)
    default:
      return undefined
  }
}

function endOf(status: 'declined' | 'expired', steps: readonly AuditStep[]): LoginOutcome {
  const declines = steps.filter(isOf('declined'))
  if (declines.some(({ reason }) => reason === 'unknown_trigger')) return 'not_me'
  if (declines.length > 0) return declines.every(({ reason }) => reason === 'cancelled') ? 'cancelled' : 'declined'
  const last = steps.at(-1)
  if (last?.kind === 'expired') return last.accepted ? 'unfinished' : 'expired'
  // Without steps the record was shortened.
  return status === 'expired' || last === undefined ? status : 'failed'
}

/** How the phone that answered was asked, as far as the record tells: all phones of a login are mostly asked alike. */
export const modeOf = ({ steps = [] }: AuditRecord): Mode | undefined => steps.find(isOf('opened'))?.mode

/** How long each step took, in milliseconds, as far as the record tells. The clocks of Worker and shard may differ a little: no time is
 *  less than 0. */
export function stepTimes({ steps = [] }: Pick<AuditRecord, 'steps'>): StepTimes {
  const opened = steps.find(isOf('opened'))
  const answer = steps.find(isOf('accepted', 'confirmed', 'declined', 'wrong_number'))
  const before = steps.slice(0, answer === undefined ? undefined : steps.indexOf(answer))
  const phone = before.filter(({ serial }) => answer === undefined || serial === answer.serial)
  const delivered = phone.find(isOf('delivered'))
  const fetched = phone.find(isOf('fetched'))
  const finalized = steps.find(isOf('finalized'))
  const reached = earliest(delivered?.at, fetched?.at)
  // The code is typed in between: that is the user's time.
  const waits = answer?.kind === 'accepted' ? answer.at : undefined
  const asked = later(finalized?.receivedAt, waits)
  const times: Partial<Record<TimedStep, number | undefined>> = {
    trigger: between(opened?.receivedAt, opened?.storedAt),
    delivery: between(opened?.storedAt, delivered?.at),
    fetch: between(opened?.storedAt, fetched?.at),
    human: between(reached, answer?.receivedAt ?? answer?.at),
    answer: between(answer?.receivedAt, answer?.at),
    wake: between(waits, asked),
    finalize: between(asked ?? finalized?.receivedAt, finalized?.at),
  }
  const known = Object.entries(times).filter((entry): entry is [TimedStep, number] => entry[1] !== undefined)
  const own = known.filter(
    ([step]) => step === 'trigger' || step === 'delivery' || step === 'answer' || step === 'finalize',
  )
  const system = own.reduce((sum, [, time]) => sum + time, 0)
  return Object.fromEntries(times.trigger === undefined ? known : [...known, ['system', system]])
}

const between = (from: Instant | undefined, to: Instant | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : Math.max(0, to - from)

const earliest = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one

const later = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one
