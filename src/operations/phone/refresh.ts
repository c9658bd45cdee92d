import type { Ports } from '../../ports/ports.ts'
import { parseApp } from '../../protocol/phone/user-agent.ts'
import type { RefreshRequest } from '../../protocol/phone/phone-request.ts'
import { refreshText } from '../../protocol/phone/signed-texts.ts'
import { parseTimestamp, isWithin } from '../../timestamps.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import { type Owner, seconds, type Source } from '../../vocabulary.ts'

/** How far a phone's clock may differ here. Source: docs/protocol.md, "Registration token update". */
const CLOCK_TOLERANCE = seconds(300)

/**
 * Stores the phone's new registration token and answers its owner. Of two refreshes the later timestamp wins, so a recorded request
 * cannot be replayed over a newer one.
 * Refuses: `timestamp_unparsable`, `timestamp_out_of_range`, `signature_invalid`, `storage_unavailable`.
 */
export async function refresh(
  ports: Ports,
  request: RefreshRequest,
  { userAgent, region }: Pick<Source, 'userAgent' | 'region'>,
): Promise<Outcome<{ readonly owner?: Owner }>> {
  const { type, serial, timestamp, registrationToken, signature, capabilities } = request
  const at = parseTimestamp(timestamp)
  if (at === undefined) return refuse({ reason: 'timestamp_unparsable', text: timestamp })
  if (!isWithin(ports.now(), at, CLOCK_TOLERANCE)) return refuse({ reason: 'timestamp_out_of_range', text: timestamp })
  const text = refreshText(registrationToken, serial, timestamp)
  const phone = await ports.phones.find(serial, region)
  if (phone === undefined) return refuse({ reason: 'signature_invalid' })
  const verified = await phone.verifySignature({ type, text, signature, from: region })
  if (!verified.ok) return verified
  const report = { ...parseApp(userAgent), capabilities, phoneKey: verified.value.phoneKey }
  const stored = await ports.tokens.refreshRegistration(serial, { registrationToken, at, ...report })
  if (!stored.ok) return stored
  return stored.value ? verified : refuse({ reason: 'timestamp_out_of_range', text: timestamp })
}
