import { encodeHex } from '../../bytes.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { enrollmentUri, normalizeRegistrationUrl } from '../../protocol/phone/enrollment-uri.ts'
import { generateSerial } from '../../protocol/encoding/identifiers.ts'
import { MAX_QR_CHARACTERS, qrPng } from '../../protocol/encoding/qr.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { actionNameFor } from '../../rules/policy/actions/apps.ts'
import type { EnrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { enrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { checkEnrollmentPin } from '../../rules/token/pin.ts'
import type { Serial, Source, TokenType } from '../../vocabulary.ts'
import { POLL_ONLY } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { changeTokenRow } from './change-token.ts'
import type { Credential } from '../access/identify.ts'
import { actorOf, authorizeOwnerRight, requestOriginOf, auditNameOf } from '../access/identify.ts'
import type { PreparedToken } from './prepare-token.ts'
import { CREDENTIAL_BYTES, limitRefusal, prepareToken } from './prepare-token.ts'
import type { LoginSubject } from '../login/login-subject.ts'
import { findSubject, situationOf } from '../login/login-subject.ts'

interface EnrollmentReply {
  readonly serial: Serial
  readonly type: TokenType
  readonly credential: string
  readonly uri: string
  /** A PNG as data URI. */
  readonly image: string
  /** The random PIN, when policy requires one. */
  readonly pin?: string
}

/** How many serials Nod tries when the generated one is taken. */
const SERIAL_TRIES = 5
/** Token types as the names of rights spell them. */
const RIGHT_SUFFIX = { push: 'PUSH', edupush: 'EDUPUSH' } as const satisfies Record<TokenType, string>

/**
 * Stores a token in `clientwait` and answers its QR code, valid once and for as long as policy says. An enrolled token of the same
 * serial is enrolled again, and its open logins are withdrawn. A refusal leaves nothing behind.
 * Refuses: as `authorizeOwnerRight`; `token_revoked`; `token_in_clientwait` without `rollover`; `token_type_differs`;
 * `parameter_invalid`, `pin_unfit`, `policy_invalid`, `policy_conflict`, `description_missing`, `too_many_tokens`;
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
  const caller = authorized.value.authorizeFor(found.value.owner)
  if (!caller.ok) return caller
  const existing = requestedSerial === undefined ? done(undefined) : await ports.tokens.enrollment(requestedSerial)
  if (!existing.ok) return existing
  const before = existing.value === undefined ? caller : authorized.value.authorizeFor(existing.value.token.owner)
  if (!before.ok) return before
  if (existing.value !== undefined && existing.value.token.type !== request.type)
    return otherType(existing.value.token, request.type)
  if (existing.value?.token.revoked === true) return refuse({ reason: 'token_revoked' })
  if (existing.value?.token.state === 'clientwait' && !request.rollover)
    return refuse({ reason: 'token_in_clientwait' })

  const serial = requestedSerial ?? generateSerial(DIALECTS[request.type].serialPrefix, ports.random)
  const settings = enrollmentPolicyFor(ports, source, request, found.value, serial)
  if (!settings.ok) return settings
  const actor = actorOf(caller.value, requestOriginOf(credential))
  const may = checkEnrollmentPin(
    found.value.snapshot.policySet,
    actor,
    found.value.owner ?? 'nobody',
    request.pin ?? '',
  )
  if (!may.ok) return may
  const replaced = existing.value?.token
  const made = await prepareToken(ports, source, {
    request,
    subject: found.value,
    policy: settings.value,
    serial,
    replaced,
  })
  if (!made.ok) return made
  const entry = {
    at: ports.now(),
    action: 'POST /token/init',
    administrator: auditNameOf(caller.value),
    serial,
    owner: found.value.owner,
    address: source.address,
    userAgent: source.userAgent,
  }
  if (existing.value !== undefined) {
    const { token } = made.value
    const renewed = await changeTokenRow(ports, serial, () => ports.tokens.renew(token, entry))
    if (!renewed.ok) return renewed
    if (renewed.value) return enrollmentReply(made.value, settings.value)
    const now = await ports.tokens.enrollment(serial)
    const isWaiting = now.ok && now.value?.token.state === 'clientwait'
    return limitRefusal(ports, token, entry.at, { reason: isWaiting ? 'token_in_clientwait' : 'token_unknown' })
  }
  return add(ports, made.value, entry, settings.value, requestedSerial === undefined ? SERIAL_TRIES : 1)
}

/** Stores the token; when its generated serial is taken, tries again with another. */
async function add(
  ports: Ports,
  made: PreparedToken,
  entry: AuditEntry,
  settings: EnrollmentPolicy,
  tries: number,
): Promise<Outcome<EnrollmentReply>> {
  const { token } = made
  const added = await ports.tokens.add(token, entry)
  if (!added.ok) return added
  if (added.value) return enrollmentReply(made, settings)
  const why = await limitRefusal(ports, token, entry.at, { reason: 'token_in_clientwait' })
  if (tries <= 1 || why.refusal.reason !== 'token_in_clientwait') return why
  const serial = generateSerial(DIALECTS[token.type].serialPrefix, ports.random)
  const next = { ...made, token: { ...token, serial } }
  return add(ports, next, { ...entry, serial }, settings, tries - 1)
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
  refuse({ reason: 'token_type_differs', serial, has: type, wanted: requested })

/** Reads the enrollment policy for this request. Refuses: as `enrollmentPolicy`; `policy_invalid`; `parameter_invalid` when the
 *  texts do not fit into a QR code. */
export function enrollmentPolicyFor(
  ports: Ports,
  source: Source,
  request: EnrollmentRequest,
  subject: LoginSubject,
  serial: Serial,
): Outcome<EnrollmentPolicy> {
  const { limits } = ports
  const settings = enrollmentPolicy(
    subject.snapshot.policySet,
    situationOf(subject, source, ports.now()),
    {
      type: request.type,
      label: request.tokenLabel,
      issuer: request.tokenIssuer,
      image: request.image,
    },
    {
      registrationUrl: `${limits.publicUrl ?? source.origin}${DIALECTS[request.type].path}`,
      firebase: limits.firebase.find((id) => id === 'DEFAULT') ?? limits.firebase[0] ?? POLL_ONLY,
      knownFirebase: (id) => ports.delivery.knows(id),
    },
    {
      serial,
      user: subject.owner?.login ?? '',
      realm: subject.owner?.realm ?? '',
      givenname: subject.person?.givenName ?? '',
      surname: subject.person?.surname ?? '',
    },
  )
  if (!settings.ok) return settings
  const url = normalizeRegistrationUrl(settings.value.registrationUrl)
  const action = actionNameFor(request.type, 'push_registration_url')
  if (url === undefined) return refuse({ reason: 'policy_invalid', why: `${action} is not an http(s) URL` })
  const policy = { ...settings.value, registrationUrl: url }
  // Checked before anything is stored: a token without a QR code is of no use.
  const uri = uriOf({ serial, type: request.type }, encodeHex(new Uint8Array(CREDENTIAL_BYTES)), policy)
  if (uri.length <= MAX_QR_CHARACTERS) return done(policy)
  return refuse({
    reason: 'parameter_invalid',
    name: 'tokenlabel',
    why: 'label, issuer, image and registration URL are together too long for a QR code',
  })
}

/** Answers the QR code of a token that has been stored. */
export async function enrollmentReply(
  { token: { serial, type }, credential, pin }: PreparedToken,
  settings: EnrollmentPolicy,
): Promise<Outcome<EnrollmentReply>> {
  const uri = uriOf({ serial, type }, credential, settings)
  return done({ serial, type, credential, uri, image: await qrPng(uri), pin })
}

function uriOf(
  { serial, type }: Pick<Token, 'serial' | 'type'>,
  credential: string,
  settings: EnrollmentPolicy,
): string {
  const { scheme, label, ttlMinutes, issuer, image, sslVerify, pinLock, forceUnlock } = settings
  return enrollmentUri(DIALECTS[type], {
    scheme,
    label: label === '' ? serial : label,
    url: settings.registrationUrl,
    ttlMinutes,
    issuer,
    credential,
    image,
    serial,
    sslVerify,
    pollOnly: settings.firebase === POLL_ONLY,
    pinLock,
    forceUnlock,
  })
}
