/** Events of logins while they happen. */
import * as z from 'zod/mini'
import { formatTimestampMillis } from '../../timestamps.ts'
import type { Language } from '../../vocabulary.ts'
import type { AuditStep } from '../../vocabulary/audit.ts'
import type { LoginExplanation, LoginOutcome } from '../../vocabulary/login-reports.ts'
import { optional, parserOf } from '../parameters.ts'
import { loginHelp } from './login-explanations.ts'
import { type DescribedLogin, loginItem } from './login-item.ts'
import { eventText } from './step-texts.ts'

/** Parses whose logins are watched. */
export const parseLive = parserOf(
  z.object({
    user: optional('Owner', 255),
    realm: optional('Realm of the owner', 255),
    service: optional('Name of a service key', 255),
  }),
)

const lastOf = (step: AuditStep | undefined) =>
  step === undefined ? { last: null, last_text: '' } : { last: step.kind, last_text: eventText(step) }

/** A login as it stands, with its latest step. */
export const liveLoginItem = (
  login: DescribedLogin & { readonly last: AuditStep | undefined },
  language: Language,
) => ({
  ...loginItem(login, language),
  ...lastOf(login.last),
})

/** A step, with the milliseconds since the login was opened and since the step before it. */
export const stepItem = ({
  step,
  index,
  before,
  first,
}: {
  readonly step: AuditStep
  readonly index: number
  readonly before: AuditStep | undefined
  readonly first: AuditStep
}) => ({
  index,
  kind: step.kind,
  text: eventText(step),
  time: formatTimestampMillis(step.at),
  serial: step.serial ?? '',
  since_opening_ms: Math.max(0, step.at - first.at),
  since_step_before_ms: before === undefined ? 0 : Math.max(0, step.at - before.at),
})

/** How a login ended, and what to do. */
export const endItem = (
  { outcome, explanation }: { readonly outcome: LoginOutcome | 'open'; readonly explanation: LoginExplanation },
  language: Language,
) => ({ outcome, cause: explanation, ...loginHelp(explanation, language) })
