import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { generateSerial } from '../../protocol/encoding/identifiers.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { EnrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { checkEnrollmentPin } from '../../rules/token/pin.ts'
import type { Source, TokenType } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { changeFoundRow } from './change-token.ts'
import {
  actorOf,
  auditNameOf,
  authorizeOwnerRight,
  type Credential,
  type OwnerAuthorization,
  requestOriginOf,
} from '../access/identify.ts'
import { limitRefusal, type PreparedToken, prepareToken } from './prepare-token.ts'
import { requireRealms, checkNewUser } from '../access/new-user.ts'
import { findSubject, type LoginSubject } from '../login/login-subject.ts'
import { enrollmentPolicyFor, enrollmentReply, type EnrollmentReply } from './enrollment-code.ts'

/** How many serials Nod tries when the generated one is taken. */
const SERIAL_TRIES = 5
/** Token types as the names of rights spell them. */
const RIGHT_SUFFIX = { push: 'PUSH', edupush: 'EDUPUSH' } as const satisfies Record<TokenType, string>

/**
 * Stores a token in `clientwait` and answers its QR code, valid once and for as long as policy says. An enrolled token of the same
 * serial is enrolled again, and its open logins are withdrawn. A refusal leaves nothing behind.
 * Refuses: as `authorizeOwnerRight`; `token_revoked`; `token_in_clientwait` without `rollover`; `token_type_differs`;
 * `realm_unknown`, `parameter_invalid`, `pin_invalid`, `policy_invalid`, `policy_conflict`, `description_missing`, `too_many_tokens`;
 * `storage_unavailable`.
 */
export async function enroll(
  ports: Ports,
  credential: Credential,
  source: Source,
  parsed: Outcome<EnrollmentRequest>,
): Promise<Outcome<EnrollmentReply>> {
  const type = parsed.ok ? parsed.value.type : 'push'
  const authorized = await authorizeOwnerRight(ports, credential, `enroll${RIGHT_SUFFIX[type]}`)
  if (!authorized.ok) return authorized
  if (!parsed.ok) return refuseType(ports, parsed)
  const { user: self } = authorized.value
  const request = self === undefined ? parsed.value : { ...parsed.value, user: self.login, realm: self.realm }
  const { serial: requestedSerial, user, realm } = request
  if (user === undefined && realm !== undefined)
    return refuse({
      reason: 'parameter_invalid',
      name: 'realm',
      why: 'it is the realm of a user; give a user, or a tokenrealm',
    })
  // Without a user, the policies of an existing token's owner apply.
  const found = await findSubject(ports, { user, realm, serial: requestedSerial })
  if (!found.ok) return found
  const subject = found.value
  const caller = authorized.value.authorizeFor(subject.owner)
  if (!caller.ok) return caller
  const known = await requireKnownRealms(ports, request, subject)
  if (!known.ok) return known
  const replaced = await findReplaced(ports, authorized.value, request)
  if (!replaced.ok) return replaced

  const serial = requestedSerial ?? generateSerial(DIALECTS[request.type].serialPrefix, ports.random)
  const policy = enrollmentPolicyFor(ports, source, request, subject, serial)
  if (!policy.ok) return policy
  const actor = actorOf(caller.value, requestOriginOf(credential))
  const pin = checkEnrollmentPin(subject.snapshot.policySet, actor, subject.owner ?? 'nobody', request.pin ?? '')
  if (!pin.ok) return pin
  const prepared = await prepareToken(ports, source, {
    request,
    subject,
    policy: policy.value,
    serial,
    replaced: replaced.value,
  })
  if (!prepared.ok) return prepared
  const entry = {
    at: ports.now(),
    action: 'POST /token/init',
    administrator: auditNameOf(caller.value),
    serial,
    owner: subject.owner,
    address: source.address,
    userAgent: source.userAgent,
  }
  if (replaced.value !== undefined) return renew(ports, prepared.value, replaced.value, entry, policy.value)
  return add(ports, prepared.value, entry, policy.value, requestedSerial === undefined ? SERIAL_TRIES : 1)
}

/** Accepts the realms of the owner and of the token. Refuses: `realm_unknown`, `storage_unavailable`. */
async function requireKnownRealms(
  ports: Ports,
  { user, realm, tokenRealms }: EnrollmentRequest,
  { snapshot, isUserKnown }: LoginSubject,
): Promise<Outcome<void>> {
  const known = requireRealms(tokenRealms, snapshot)
  if (!known.ok || user === undefined || isUserKnown) return known
  return checkNewUser(ports, { user, realm }, snapshot)
}

/** Finds the token that the request enrolls again; undefined when the serial is new.
 *  Refuses: `right_missing` for its owner; `token_type_differs`, `token_revoked`, `token_in_clientwait`, `storage_unavailable`. */
async function findReplaced(
  ports: Ports,
  { authorizeFor }: OwnerAuthorization,
  { serial, type, rollover }: EnrollmentRequest,
): Promise<Outcome<Token | undefined>> {
  const existing = serial === undefined ? done(undefined) : await ports.tokens.enrollment(serial)
  if (!existing.ok) return existing
  if (existing.value === undefined) return done(undefined)
  const { token } = existing.value
  const permitted = authorizeFor(token.owner)
  if (!permitted.ok) return permitted
  if (token.type !== type) return otherType(token, type)
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  if (token.state === 'clientwait' && !rollover) return refuse({ reason: 'token_in_clientwait' })
  return done(token)
}

/** Enrolls the existing token again. */
async function renew(
  ports: Ports,
  prepared: PreparedToken,
  replaced: Token,
  entry: AuditEntry,
  policy: EnrollmentPolicy,
): Promise<Outcome<EnrollmentReply>> {
  const { token } = prepared
  const renewed = await changeFoundRow(ports, replaced, (isUnused) => ports.tokens.renew({ ...token, isUnused }, entry))
  if (!renewed.ok) return renewed
  if (renewed.value) return enrollmentReply(prepared, policy)
  const current = await ports.tokens.enrollment(token.serial)
  const isWaiting = current.ok && current.value?.token.state === 'clientwait'
  return limitRefusal(ports, token, entry.at, { reason: isWaiting ? 'token_in_clientwait' : 'token_unknown' })
}

/** Stores the token; when its generated serial is taken, tries again with another. */
async function add(
  ports: Ports,
  prepared: PreparedToken,
  entry: AuditEntry,
  policy: EnrollmentPolicy,
  tries: number,
): Promise<Outcome<EnrollmentReply>> {
  const { token } = prepared
  const added = await ports.tokens.add(token, entry)
  if (!added.ok) return added
  if (added.value) return enrollmentReply(prepared, policy)
  const why = await limitRefusal(ports, token, entry.at, { reason: 'token_in_clientwait' })
  if (tries <= 1 || why.refusal.reason !== 'token_in_clientwait') return why
  const serial = generateSerial(DIALECTS[token.type].serialPrefix, ports.random)
  const next = { ...prepared, token: { ...token, serial } }
  return add(ports, next, { ...entry, serial }, policy, tries - 1)
}

/** Refuses a type that Nod does not enroll; when a token of that serial exists, says that its type differs. */
async function refuseType(
  ports: Ports,
  parsed: Outcome<EnrollmentRequest> & { ok: false },
): Promise<Outcome<EnrollmentReply>> {
  const { refusal } = parsed
  if (refusal.reason !== 'token_type_unknown' || refusal.serial === undefined) return parsed
  const found = await ports.tokens.enrollment(refusal.serial)
  if (!found.ok) return found
  if (found.value === undefined) return parsed
  return otherType(found.value.token, refusal.type)
}

const otherType = ({ serial, type }: Token, requested: string): Outcome<never> =>
  refuse({ reason: 'token_type_differs', serial, type, requested })
