/** The QR code of an enrollment: the policy that shapes it, and the code itself. */
import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { enrollmentUri, normalizeRegistrationUrl } from '../../protocol/phone/enrollment-uri.ts'
import { CREDENTIAL_BYTES } from '../../protocol/encoding/identifiers.ts'
import { MAX_QR_CHARACTERS, qrPng } from '../../protocol/encoding/qr.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { actionNameFor } from '../../rules/policy/actions/apps.ts'
import { checkEnrollmentForProfile } from '../../rules/login/profile.ts'
import { enrollmentPolicy, type EnrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { POLL_ONLY, type Serial, type Source, type TokenType } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import type { PreparedToken } from './prepare-token.ts'
import { publicUrlOf } from '../public-url.ts'
import { type LoginSubject, situationOf } from '../login/login-subject.ts'

/** What an enrollment shows, this once. */
export interface EnrollmentReply {
  readonly serial: Serial
  readonly type: TokenType
  readonly credential: string
  readonly uri: string
  /** A PNG as data URI. */
  readonly image: string
  /** The random PIN, when policy requires one. */
  readonly pin?: string
}

/** Reads the enrollment policy for this request. Refuses: as `enrollmentPolicy` and `checkEnrollmentForProfile`; `policy_invalid`; `parameter_invalid` when the
 *  texts do not fit into a QR code. */
export function enrollmentPolicyFor(
  ports: Ports,
  source: Source,
  request: EnrollmentRequest,
  subject: LoginSubject,
  serial: Serial,
): Outcome<EnrollmentPolicy> {
  const { limits } = ports
  const publicUrl = publicUrlOf(limits, source)
  const { policySet } = subject.snapshot
  const situation = situationOf(subject, source, ports.now())
  const settings = enrollmentPolicy(
    policySet,
    situation,
    {
      type: request.type,
      label: request.tokenLabel,
      issuer: request.tokenIssuer,
      image: request.image,
    },
    {
      registrationUrl: publicUrl === undefined ? undefined : `${publicUrl}${DIALECTS[request.type].path}`,
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
  const met = checkEnrollmentForProfile(policySet, situation, policy, request.type)
  if (!met.ok) return met
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
