import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { readStep } from '../../protocol/login/step-texts.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { outcomeOf } from '../../rules/login/login-facts.ts'
import { fraudReportMode, pushFirewall } from '../../rules/login/push-firewall.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { addSeconds, type Instant, type Owner, seconds, type Source, type TransactionId } from '../../vocabulary.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { type FraudReportMode, REPORT_CONSEQUENCES, type ReportConsequence } from '../../vocabulary/fraud-reports.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { placeOf, resolveSource } from '../access/believed-address.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { situationOf } from '../login/login-subject.ts'
import { findTransaction } from '../login/transaction-address.ts'

/** How far back users look, and report. */
const HISTORY = 30 * 86_400

/**
 * Keeps at each phone of the user that this login of theirs was somebody else's, with all that follows from a fraud report: the login's
 * place is shut out, a tap alone approves nothing from there, and logins by PIN are suspended as policy says. Administrators and webhooks
 * hear of it as of a decline on the phone, once for each login. The login itself stays as it is: what its service has let in, only
 * the service can end.
 * The place of a login whose shard has forgotten it counts if a phone knows it. A place that became known by logins like this one is
 * known no more, unless the user is there now.
 * Refuses: as `authorizeOwnerRight`; `role_insufficient` for everybody but users; `entry_unknown` for a login that is another's, open, or older than thirty days; `storage_unavailable` if a
 * phone has not heard: the caller repeats.
 * Source: decision 0063; docs/protocol.md, "Fraud reports".
 */
export async function reportOwnLogin(
  ports: Ports,
  credential: Credential,
  from: Source,
  name: string,
): Promise<
  Outcome<{ readonly consequence: ReportConsequence; readonly owner: Owner; readonly serial: string | undefined }>
> {
  const authorized = await authorizeOwnerRight(ports, credential, 'logins_read')
  // Of anybody else, nobody has the right.
  const isKnown = authorized.ok || authorized.refusal.reason === 'right_missing'
  if (credential.kind !== 'user' && isKnown) return refuse({ reason: 'role_insufficient', needed: ['user'] })
  if (!authorized.ok) return authorized
  const { user: owner, snapshot } = authorized.value
  if (owner === undefined) return refuse({ reason: 'role_insufficient', needed: ['user'] })
  const found = await endedLogin(ports, name)
  if (!found.ok) return found
  const record = found.value?.record
  const isTheirs = record?.owner !== undefined && isSameOwner(record.owner, owner)
  if (found.value === undefined || record === undefined || !isTheirs)
    return refuse({ reason: 'entry_unknown', entry: 'transaction', name })

  const source = resolveSource(from, snapshot)
  const at = ports.now()
  const subject = await ports.subjects.find({ candidates: [owner] })
  if (!subject.ok) return subject
  const firewall = pushFirewall(snapshot.policySet, situationOf({ owner }, source, at))
  if (!firewall.ok) return firewall
  const address = record.address ?? ''
  const place = address === '' ? undefined : await placeOf({ address, isEndUser: true })
  const login = {
    transaction: found.value.id,
    at,
    place,
    hasPin: !record.action.endsWith('/triggerchallenge'),
    later: { forgets: place !== (await placeOf({ ...source, isEndUser: true })) },
  }
  const mode = fraudReportMode(firewall.value)
  const own = subject.value.tokens.filter((token) => isSameOwner(token.owner, owner))
  const told =
    mode === undefined ? [] : await Promise.all(own.map((token) => tellPhone(ports, token, { ...login, mode })))
  const untold = told.find(({ ok }) => !ok)
  if (untold?.ok === false) return untold
  const consequences = told.flatMap((one) => (one.ok ? [one.value] : []))
  const consequence = REPORT_CONSEQUENCES.findLast((one) => consequences.includes(one)) ?? 'none'
  const { service } = record
  const serial = own.find((token) => token.serial === record.serial)?.serial
  const reported = await ports.journal.reportEvent({
    type: 'not_me',
    id: `not_me:${login.transaction}`,
    at,
    owner,
    transaction: login.transaction,
    ...present({ serial, service }),
    pinKnown: login.hasPin,
    consequence,
  })
  return reported.ok ? done({ consequence, owner, serial: record.serial }) : reported
}

/** The record of a login that has ended within the time of the history; undefined for any other. */
async function endedLogin(
  ports: Ports,
  name: string,
): Promise<Outcome<{ readonly id: TransactionId; readonly record: AuditRecord } | undefined>> {
  const login = await findTransaction(ports, name)
  if (login === undefined) return done(undefined)
  const recent = await login.shard.timeline({ id: login.id })
  if (!recent.ok) return recent
  const stored = recent.value === undefined ? await ports.audit.loginRecord(login.id) : recent
  if (!stored.ok) return stored
  if (stored.value === undefined) return done(undefined)
  const record = { ...stored.value, steps: stored.value.steps?.map(readStep) ?? [] }
  const outcome = outcomeOf(record)
  const isOver = outcome !== undefined && outcome !== 'open'
  const isListed = isOver && record.at > addSeconds(ports.now(), seconds(-HISTORY))
  return done(isListed ? { id: login.id, record } : undefined)
}

interface LaterReport {
  readonly transaction: TransactionId
  readonly at: Instant
  readonly place: string | undefined
  readonly hasPin: boolean
  readonly later: { readonly forgets: boolean }
  readonly mode: FraudReportMode
}

/** A token without a phone has nothing that could be restricted. */
async function tellPhone(
  { phones }: Pick<Ports, 'phones'>,
  { serial, home, phoneKey, owner, revision, epoch }: Token,
  report: LaterReport,
): Promise<Outcome<ReportConsequence>> {
  if (phoneKey === undefined) return done('none')
  const opened = { ...(owner && { owner }), revision, epoch }
  return phones.of(serial, home).reportFraud({ ...report, phoneKey, opened })
}
