import type { Enrollment } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import { parseApp } from '../../protocol/phone/user-agent.ts'
import { encodeBase64 } from '../../bytes.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { parsePhoneKey } from '../../protocol/encoding/phone-keys.ts'
import type { RegisterRequest } from '../../protocol/phone/phone-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { addSeconds, type Instant, type Owner, seconds, type Source, type TransactionId } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { findTransaction } from '../login/transaction-address.ts'
import { changeOwnerTokens, tellOwnerTokens } from '../token/change-owner-tokens.ts'
import { changeTokenRow } from '../token/change-token.ts'
import { digest } from '../access/digest.ts'

interface RegistrationReply {
  readonly serial: string
  /** PKCS#1, base64. */
  readonly publicKey: string
  readonly owner?: Owner
}

/** How long a repeated registration gets the same reply: as long as the app lets its user try. */
const REPEAT_WINDOW = seconds(600)

/**
 * Registers the phone that scanned the code as the holder of the token, and accepts the login that showed the code. The same
 * registration again within ten minutes gets the same reply, because a lost response must not leave the phone without a token.
 * Refuses: `not_in_clientwait`, `credential_invalid` (also one that has expired), `phone_key_invalid`, `storage_unavailable`.
 */
export async function register(
  ports: Ports,
  request: RegisterRequest,
  { userAgent, region }: Pick<Source, 'userAgent' | 'region'>,
): Promise<Outcome<RegistrationReply>> {
  const { serial, registrationToken } = request
  const found = await ports.tokens.enrollment(serial)
  if (!found.ok) return found
  const enrollment = found.value
  if (enrollment?.token.type !== request.type) return refuse({ reason: 'not_in_clientwait' })
  const now = ports.now()
  const credentialHash = await digest(request.credential)
  const registration = await digest(JSON.stringify([request.credential, request.phoneKey, registrationToken]))
  if (isRepeat(enrollment, registration, now)) {
    const told = await tellOwnerTokens(ports, enrollment.token.owner, serial)
    return told.ok ? reply(ports, enrollment, enrollment.token.phoneKey) : told
  }
  if (enrollment.token.state !== 'clientwait') return refuse({ reason: 'not_in_clientwait' })
  if (credentialHash !== enrollment.credentialHash || now >= (enrollment.credentialExpires ?? 0))
    return refuse({ reason: 'credential_invalid' })
  const key = await parsePhoneKey(request.phoneKey, DIALECTS[request.type].keyKinds)
  if (!key.ok) return key

  const phoneKey = encodeBase64(key.value.spki)
  const registered = await changeOwnerTokens(ports, enrollment.token.owner, serial, () =>
    // The first call of the phone's object, so that it is made where the phone is.
    changeTokenRow(
      ports,
      serial,
      () =>
        ports.tokens.registerPhone({
          serial,
          credentialHash,
          digest: registration,
          phoneKey,
          registrationToken,
          at: now,
          region,
          ...parseApp(userAgent),
          capabilities: request.capabilities,
        }),
      { near: region },
    ),
  )
  if (!registered.ok) return registered
  if (registered.value) return reply(ports, enrollment, phoneKey)
  // A registration came in between: this phone's other attempt, or another phone's.
  const after = await ports.tokens.enrollment(serial)
  if (!after.ok) return after
  return after.value !== undefined && isRepeat(after.value, registration, now)
    ? reply(ports, after.value, phoneKey)
    : refuse({ reason: 'not_in_clientwait' })
}

const isRepeat = (
  { token, registrationDigest, registeredAt }: Enrollment,
  registration: string,
  now: Instant,
): boolean =>
  token.state === 'enrolled' &&
  registrationDigest === registration &&
  registeredAt !== undefined &&
  now < addSeconds(registeredAt, REPEAT_WINDOW)

async function reply(
  ports: Ports,
  { token, publicKey }: Enrollment,
  phoneKey: string | undefined,
): Promise<Outcome<RegistrationReply>> {
  if (publicKey === undefined || phoneKey === undefined) return refuse({ reason: 'not_in_clientwait' })
  if (token.enrolledIn !== undefined) await notifyLogin(ports, token.enrolledIn, token, phoneKey)
  return done({ serial: token.serial, publicKey, owner: token.owner })
}

/** Tells the login that showed the code. If that fails the phone keeps its token and the user logs in again: the registration must
 *  not fail, because its code is used up. */
async function notifyLogin(
  ports: Ports,
  enrolledIn: TransactionId,
  { serial, revision, epoch }: Token,
  phoneKey: string,
): Promise<void> {
  const login = await findTransaction(ports, enrolledIn)
  const recorded = await login?.shard.recordRegistration({ id: login.id, serial, phoneKey, revision, epoch })
  if (recorded?.ok === false) ports.log('registration_unreported', { serial, error: recorded.refusal.reason })
}
