import { present } from '../../present.ts'
import type { NewToken } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { checkDescription, randomPinDigits, tokenLimits } from '../../rules/token/enrollment-limits.ts'
import type { EnrollmentPolicy } from '../../rules/token/enrollment-policy.ts'
import { randomDigits } from '../../rules/token/pin.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import type { Instant, Owner, Serial, Source } from '../../vocabulary.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { digest } from '../access/digest.ts'
import type { LoginSubject } from '../login/login-subject.ts'
import { situationOf } from '../login/login-subject.ts'

/** A token ready to be stored, and what is told of it this once. */
export interface PreparedToken {
  readonly token: NewToken
  readonly credential: string
  /** Drawn, because policy wants a random one. */
  readonly pin?: string
}

interface NewTokenRequest {
  readonly request: EnrollmentRequest
  readonly subject: LoginSubject
  readonly policy: EnrollmentPolicy
  readonly serial: Serial
  /** The token of this serial there is. */
  readonly replaced?: Token | undefined
  /** Nobody could be told a PIN. */
  readonly withoutPin?: true
}

export const CREDENTIAL_BYTES = 20
/** The app deletes what is not registered after its minutes; the server waits a little longer, for the last try's network. */
const SLACK = seconds(60)

/** The token as it is stored. Limits on tokens go with it: whether there is room is decided where it is stored.
 *  Refuses: `description_missing`, `policy_conflict`, `storage_unavailable`. */
export async function prepareToken(
  ports: Ports,
  source: Source,
  asked: NewTokenRequest,
): Promise<Outcome<PreparedToken>> {
  const { request, subject: meant, policy: settings, serial, replaced } = asked
  const { policySet } = meant.snapshot
  const situation = situationOf(meant, source, ports.now())
  const described = checkDescription(policySet, request.type, situation, request.description)
  if (!described.ok) return described
  // An owner's own token enrolled anew is no token more.
  const limits = isOf(replaced, meant.owner) ? done([]) : tokenLimits(policySet, request.type, situation)
  if (!limits.ok) return limits
  const drawn = asked.withoutPin === true ? done(undefined) : randomPinDigits(policySet, situation)
  if (!drawn.ok) return drawn
  const signingKey = await ports.signing.current()
  if (!signingKey.ok) return signingKey
  const random = drawn.value === undefined ? undefined : randomDigits(drawn.value, ports.random)
  const pin = random ?? request.pin ?? ''
  const { validFrom, validUntil } = request
  const credential = encodeHex(ports.random(CREDENTIAL_BYTES))
  const token: NewToken = {
    serial,
    type: request.type,
    ...present({ owner: meant.owner }),
    realms: request.tokenRealms,
    description: request.description,
    firebase: settings.firebase,
    registrationUrl: settings.registrationUrl,
    signingKey: signingKey.value,
    ...(pin === '' ? {} : { pin: await ports.pins.seal(serial, pin) }),
    maxAttempts: readSystemSettings(meant.snapshot.settings).maxAttempts,
    credentialHash: await digest(credential),
    credentialExpires: addSeconds(addSeconds(ports.now(), seconds(settings.ttlMinutes * 60)), SLACK),
    limits: limits.value,
    ...present({ validFrom, validUntil, replaces: replaced }),
  }
  return done({ token, credential, ...present({ pin: random }) })
}

const isOf = (token: Token | undefined, owner: Owner | undefined): boolean =>
  token?.owner !== undefined && (owner === undefined || isSameOwner(token.owner, owner))

/** Why the catalogue did not take it: a limit, or else this. */
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
  const { of, type, activeOnly } = reached.value
  return refuse({ reason: 'too_many_tokens', of, activeOnly, ...present({ type }) })
}
