import { formatTimestampMicros } from '../../timestamps.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import type { Language } from '../../vocabulary.ts'
import { TIMED_STEPS, type TimedStep } from '../../vocabulary/login-reports.ts'
import { integer, listOf, object, orNull, string } from '../shape.ts'
import { loginHelp } from './login-explanations.ts'
import { type DescribedLogin, fields } from './login-item.ts'
import { eventText } from './step-texts.ts'

// The timeline of a login. privacyIDEA has no such endpoint.

/** Renders the timeline of a login. `status` is that of the login, times are ISO 8601 in UTC. */
export const timelineAnswer = ({
  transaction,
  owner,
  service,
  action,
  address,
  userAgent,
  info,
  steps,
}: AuditRecord) => ({
  transaction_id: transaction ?? '',
  user: owner?.login ?? '',
  realm: owner?.realm ?? '',
  service: service ?? '',
  opened_by: action,
  status: info ?? '',
  // The source of the opening request is stored once, with the login.
  steps: (steps ?? []).map((step, index) => ({
    time: formatTimestampMicros(step.at),
    event: eventText(step),
    serial: step.serial ?? '',
    request: step.action ?? '',
    client: step.address ?? (index === 0 ? address : undefined) ?? '',
    user_agent: step.userAgent ?? (index === 0 ? userAgent : undefined) ?? '',
  })),
})

/** How long each step took, in milliseconds. */
type Durations = Readonly<Partial<Record<TimedStep, number>>>

/** Renders the timeline with what became of the login, why, and how long its steps took. */
export function loginDetail(login: DescribedLogin & { readonly durations: Durations }, language: Language) {
  const { record, outcome, mode, explanation, durations } = login
  return {
    ...timelineAnswer(record),
    mode: mode ?? null,
    outcome,
    cause: explanation,
    ...loginHelp(explanation, language),
    durations: Object.fromEntries(TIMED_STEPS.map((step) => [step, durations[step] ?? null])),
  }
}

export const loginDetailShape = object({
  transaction_id: string('The login'),
  user: string('Login name of the owner'),
  realm: string('Realm of the owner'),
  service: string('Name of the service key that opened it, or empty'),
  opened_by: string('The request that opened it'),
  status: string('How it stands'),
  mode: fields.mode,
  outcome: fields.outcome,
  cause: fields.cause,
  reason: fields.reason,
  advice: fields.advice,
  durations: object({
    trigger: orNull(integer('From the request of the service until the login was stored, in milliseconds')),
    delivery: orNull(integer('From then until FCM had replied')),
    fetch: orNull(integer('From then until the phone had fetched it')),
    human: orNull(integer('From when the phone had it until the user answered')),
    answer: orNull(integer('From then until the answer was stored')),
    wake: orNull(integer('From then until the service asked to finalize')),
    finalize: orNull(integer('From then until it was finalized')),
    system: orNull(integer('The sum of trigger, delivery, answer and finalize')),
  }),
  steps: listOf(
    object({
      time: string('UTC, without a zone'),
      event: string('What happened'),
      serial: string('Serial of the token it happened with'),
      request: string('The request it came by'),
      client: string('Address that came from'),
      user_agent: string('Program that came from'),
    }),
  ),
})
