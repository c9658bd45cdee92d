import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { describeLogin } from '../../rules/login/describe-login.ts'
import { outcomeOf } from '../../rules/login/login-facts.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginExplanation, LoginOutcome } from '../../vocabulary/login-reports.ts'
import type { Credential } from '../access/identify.ts'
import { readTimeline } from './timeline.ts'
import { findTransaction } from './transaction-address.ts'

const TURN = seconds(15)
/** A login that is neither finalized nor expired by then is watched anew. */
const LENGTH = seconds(600)

/** A step as it happens, or how the login ended. */
export type TimelineEvent =
  | {
      readonly kind: 'step'
      readonly step: AuditStep
      readonly index: number
      readonly before: AuditStep | undefined
      readonly first: AuditStep
    }
  | {
      readonly kind: 'end'
      readonly record: AuditRecord
      readonly outcome: LoginOutcome | 'open'
      readonly explanation: LoginExplanation
    }

/**
 * Yields the steps that a login has, each further one as it happens, and how it ended; `undefined` as a sign of life. One call of the
 * login's shard for each step, and four a minute. Of a login that is in the audit alone, everything at once.
 * Refuses: as `readTimeline`.
 */
export async function watchTimeline(
  ports: Ports,
  credential: Credential,
  name: string,
): Promise<Outcome<(disconnected: AbortSignal) => AsyncGenerator<TimelineEvent | undefined>>> {
  const found = await readTimeline(ports, credential, name)
  if (!found.ok) return found
  return done((disconnected) => follow(ports, name, found.value, disconnected))
}

async function* follow(
  ports: Ports,
  name: string,
  first: AuditRecord,
  disconnected: AbortSignal,
): AsyncGenerator<TimelineEvent | undefined> {
  const login = await findTransaction(ports, name)
  const end = addSeconds(ports.now(), LENGTH)
  let record = first
  let seen = 0
  while (!disconnected.aborted && ports.now() < end) {
    const { steps = [] } = record
    const [opening] = steps
    for (; seen < steps.length; seen += 1) {
      const step = steps[seen]
      if (step !== undefined && opening !== undefined)
        yield { kind: 'step', step, index: seen, before: steps[seen - 1], first: opening }
    }
    if (login === undefined || (record.info !== 'pending' && record.info !== 'accepted')) break
    const next = await login.shard.watchTimeline({ id: login.id, seen, wait: TURN })
    // The shard has just forgotten it: it is over.
    if (!next.ok || next.value === undefined) break
    if (next.value.steps?.length === seen) yield undefined
    record = next.value
  }
  const outcome = outcomeOf(record) ?? 'open'
  yield { kind: 'end', record, outcome, explanation: describeLogin(record, outcome).explanation }
}
