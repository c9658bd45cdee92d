import type { NewToken } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { registrationTime } from '../../rules/login/profile.ts'
import { checkDescription, randomPinDigits, tokenLimits } from '../../rules/token/enrollment-limits.ts'
import type { EnrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { randomDigits } from '../../rules/token/random-pin.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { addSeconds, type Instant, type Owner, seconds, type Serial, type Source } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { digest } from '../access/digest.ts'
import { type LoginSubject, situationOf } from '../login/login-subject.ts'

/** A token to be stored, with the secrets that are shown this once. */
export interface PreparedToken {
  readonly token: NewToken
  readonly credential: string
  /** The random PIN, when policy requires one. */
  readonly pin?: string
}

interface NewTokenRequest {
  readonly request: EnrollmentRequest
  readonly subject: LoginSubject
  readonly policy: EnrollmentPolicy
  readonly serial: Serial
  /** The existing token of this serial. */
  readonly replaced?: Token | undefined
  /** No PIN, because nobody could be told it. */
  readonly withoutPin?: true
}

/** How much longer than the app the server accepts a registration: the last attempt may be on its way when the app gives up. */
const REGISTRATION_SLACK = seconds(60)

/** Makes the token to be stored. It carries the limits on tokens, which are checked in the statement that stores it.
 *  Refuses: `description_missing`, `policy_conflict`, `storage_unavailable`. */
export async function prepareToken(
  ports: Ports,
  source: Source,
  { request, subject, policy, serial, replaced, withoutPin }: NewTokenRequest,
): Promise<Outcome<PreparedToken>> {
  const { policySet } = subject.snapshot
  const situation = situationOf(subject, source, ports.now())
  const description = checkDescription(policySet, request.type, situation, request.description)
  if (!description.ok) return description
  // A token its owner has already does not add to their number.
  const limits = isAlreadyOf(replaced, subject.owner) ? done([]) : tokenLimits(policySet, request.type, situation)
  if (!limits.ok) return limits
  const digits = withoutPin === true ? done(undefined) : randomPinDigits(policySet, situation)
  if (!digits.ok) return digits
  const signingKey = await ports.signing.current()
  if (!signingKey.ok) return signingKey
  const randomPin = digits.value === undefined ? undefined : randomDigits(digits.value, ports.random)
  const pin = randomPin ?? request.pin ?? ''
  const { validFrom, validUntil } = request
  const credential = await ports.identifiers.drawCredential(serial)
  const token: NewToken = {
    serial,
    type: request.type,
    owner: subject.owner,
    realms: request.tokenRealms,
    description: request.description,
    firebase: policy.firebase,
    registrationUrl: policy.registrationUrl,
    signingKey: signingKey.value,
    pin: pin === '' ? undefined : await ports.pins.seal(serial, pin),
    maxAttempts: readSystemSettings(subject.snapshot.settings).maxAttempts,
    credentialHash: await digest(credential),
    credentialExpires: addSeconds(
      ports.now(),
      registrationTime(policySet, subject.owner, seconds(policy.ttlMinutes * 60), REGISTRATION_SLACK),
    ),
    limits: limits.value,
    validFrom,
    validUntil,
    replaces: replaced,
  }
  return done({ token, credential, pin: randomPin })
}

const isAlreadyOf = (token: Token | undefined, owner: Owner | undefined): boolean =>
  token?.owner !== undefined && (owner === undefined || isSameOwner(token.owner, owner))

/** Answers why D1 did not store a token: the limit it exceeds, or `otherwise`. */
export async function limitRefusal(
  { tokens }: Pick<Ports, 'tokens'>,
  { serial, owner, limits = [] }: Pick<NewToken, 'serial' | 'owner' | 'limits'>,
  at: Instant,
  otherwise: Refusal,
): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
  if (owner === undefined || limits.length === 0) return refuse(otherwise)
  const reached = await tokens.exceededLimit(serial, owner, limits, at)
  if (!reached.ok) return reached
  if (reached.value === undefined) return refuse(otherwise)
  const { of: per, type, activeOnly } = reached.value
  return refuse({ reason: 'too_many_tokens', per, activeOnly, type })
}
