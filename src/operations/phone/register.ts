import { present } from '../../present.ts'
import type { Enrollment } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import { parseApp } from '../../protocol/phone/user-agent.ts'
import { encodeBase64 } from '../../bytes.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { parsePhoneKey } from '../../protocol/encoding/phone-keys.ts'
import type { RegisterRequest } from '../../protocol/phone/phone-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant, Owner, TransactionId } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import { changeTokenRow } from '../token/change-token.ts'
import { digest } from '../access/digest.ts'

interface RegistrationReply {
  readonly serial: string
  /** PKCS#1, base64. */
  readonly publicKey: string
  readonly owner?: Owner
}

/** How long the same registration again gets the same reply: as long as the app lets its user try. */
const REPEATABLE = seconds(600)

/**
 * The phone that scanned the code holds the token from now on; a login that showed the code is accepted by that. The same
 * registration again within ten minutes gets the same reply: a lost response must not brick the phone.
 * Refuses: `not_in_clientwait`, `credential_invalid` (also one that has expired), `phone_key_unfit`, `storage_unavailable`.
 */
export async function register(
  ports: Ports,
  said: RegisterRequest,
  userAgent: string,
): Promise<Outcome<RegistrationReply>> {
  const { serial, registrationToken } = said
  const found = await ports.tokens.enrollment(serial)
  if (!found.ok) return found
  const enrollment = found.value
  if (enrollment?.token.type !== said.type) return refuse({ reason: 'not_in_clientwait' })
  const now = ports.now()
  const credentialHash = await digest(said.credential)
  const registration = await digest(JSON.stringify([said.credential, said.phoneKey, registrationToken]))
  if (repeats(enrollment, registration, now)) return reply(ports, enrollment, enrollment.token.phoneKey)
  if (enrollment.token.state !== 'clientwait') return refuse({ reason: 'not_in_clientwait' })
  if (credentialHash !== enrollment.credentialHash || now >= (enrollment.credentialExpires ?? 0))
    return refuse({ reason: 'credential_invalid' })
  const key = await parsePhoneKey(said.phoneKey, DIALECTS[said.type].keyKinds)
  if (!key.ok) return key

  const phoneKey = encodeBase64(key.value.spki)
  const taken = await changeTokenRow(ports, serial, () =>
    ports.tokens.registerPhone({
      serial,
      credentialHash,
      digest: registration,
      phoneKey,
      registrationToken,
      at: now,
      ...parseApp(userAgent),
      ...present({ capabilities: said.capabilities }),
    }),
  )
  if (!taken.ok) return taken
  if (taken.value) return reply(ports, enrollment, phoneKey)
  // Somebody registered in between: this phone on its other try, or another phone.
  const after = await ports.tokens.enrollment(serial)
  if (!after.ok) return after
  return after.value !== undefined && repeats(after.value, registration, now)
    ? reply(ports, after.value, phoneKey)
    : refuse({ reason: 'not_in_clientwait' })
}

const repeats = (
  { token, registrationDigest, registeredAt }: Enrollment,
  registration: string,
  now: Instant,
): boolean =>
  token.state === 'enrolled' &&
  registrationDigest === registration &&
  registeredAt !== undefined &&
  now < addSeconds(registeredAt, REPEATABLE)

async function reply(
  ports: Ports,
  { token, publicKey }: Enrollment,
  phoneKey: string | undefined,
): Promise<Outcome<RegistrationReply>> {
  if (publicKey === undefined || phoneKey === undefined) return refuse({ reason: 'not_in_clientwait' })
  if (token.enrolledIn !== undefined) await tell(ports, token.enrolledIn, token, phoneKey)
  return done({ serial: token.serial, publicKey, ...present({ owner: token.owner }) })
}

/** The login that showed the code learns of it. If it cannot, the phone has its token all the same, and the user logs in
 *  anew: a registration must not fail for that, since its code is used up. */
async function tell(
  { transactions, log }: Ports,
  id: TransactionId,
  { serial, revision }: Token,
  phoneKey: string,
): Promise<void> {
  const told = (await transactions.of(id))?.registered(id, serial, phoneKey, revision)
  await told?.catch((error: unknown) => log('registration_untold', { serial, error: String(error) }))
}
