import type { AuditRecord } from '../../vocabulary/audit.ts'
import type { LoginOutcome } from '../../vocabulary/login-reports.ts'
import type { Ports } from '../../ports/ports.ts'
import { readStep } from '../../protocol/login/step-texts.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { describeLogin } from '../../rules/login/describe-login.ts'
import { outcomeOf, type StepTimes, stepTimes } from '../../rules/login/login-facts.ts'
import type { Caller } from '../../vocabulary.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { findTransaction } from './transaction-address.ts'

/** Answers a login's steps: from its shard, or, after ten minutes, from the audit. A service sees only logins that its key opened.
 *  Refuses: `authorization_missing`, `authorization_undecodable`, `right_missing`; `entry_unknown`, for another service's login too;
 *  `storage_unavailable`. */
export async function readTimeline(ports: Ports, credential: Credential, name: string): Promise<Outcome<AuditRecord>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'timeline')
  if (!authorized.ok) return authorized
  const found = await recordOf(ports, name)
  if (!found.ok) return found
  const record = found.value
  if (record === undefined) return refuse({ reason: 'entry_unknown', entry: 'transaction', name })
  const caller = authorized.value.authorizeFor(record.owner)
  if (!caller.ok) return caller
  return mayReadLogin(caller.value, record)
    ? done(record)
    : refuse({ reason: 'entry_unknown', entry: 'transaction', name })
}

type DescribedTimeline = ReturnType<typeof describeLogin> & {
  readonly record: AuditRecord
  readonly outcome: LoginOutcome | 'open'
  readonly durations: StepTimes
}

/** Answers a login's steps, what became of it, and how long its steps took. Refuses: as `readTimeline`. */
export async function readLogin(
  ports: Ports,
  credential: Credential,
  name: string,
): Promise<Outcome<DescribedTimeline>> {
  const found = await readTimeline(ports, credential, name)
  if (!found.ok) return found
  const record = found.value
  const outcome = outcomeOf(record) ?? 'open'
  return done({ record, outcome, durations: stepTimes(record), ...describeLogin(record, outcome) })
}

/** Answers whether the caller may read this login: a key for `validate` only those that it opened, and the account of a plugin none,
 *  because no login says which account opened it. */
export const mayReadLogin = (caller: Caller, { service }: { readonly service?: string }): boolean =>
  (caller.kind !== 'service' && caller.kind !== 'administrator') ||
  caller.role !== 'validate' ||
  (caller.kind === 'service' && service === caller.name)

async function recordOf(ports: Ports, name: string): Promise<Outcome<AuditRecord | undefined>> {
  const login = await findTransaction(ports, name)
  if (login === undefined) return done(undefined)
  const { id, shard } = login
  const recent = await shard.timeline({ id })
  if (!recent.ok || recent.value !== undefined) return recent
  const stored = await ports.audit.loginRecord(id)
  if (!stored.ok || stored.value === undefined) return stored
  return done({ ...stored.value, steps: stored.value.steps?.map(readStep) })
}
