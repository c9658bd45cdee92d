import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import { parseApp } from '../../protocol/phone/user-agent.ts'
import type { RefreshRequest } from '../../protocol/phone/phone-request.ts'
import { refreshText } from '../../protocol/phone/signed-texts.ts'
import { parseTimestamp, isWithin } from '../../timestamps.ts'
import type { Outcome } from '../../refusal.ts'
import { refuse } from '../../refusal.ts'
import type { Owner } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'

/** How far a phone's clock may be off here. Source: docs/protocol.md, "Registration token update". */
const WINDOW = seconds(300)

/**
 * From now on the phone is rung at its new registration token. Of two refreshes the later timestamp counts, so that a
 * recorded one cannot be played back over a newer. Whose phone it is. Refuses: `timestamp_…`, `signature_invalid`, `storage_unavailable`.
 */
export async function refresh(
  ports: Ports,
  said: RefreshRequest,
  userAgent: string,
): Promise<Outcome<{ readonly owner?: Owner }>> {
  const { type, serial, timestamp, registrationToken, signature, capabilities } = said
  const at = parseTimestamp(timestamp)
  if (at === undefined) return refuse({ reason: 'timestamp_unparsable', text: timestamp })
  if (!isWithin(ports.now(), at, WINDOW)) return refuse({ reason: 'timestamp_out_of_range', text: timestamp })
  const text = refreshText(registrationToken, serial, timestamp)
  const phone = await ports.phones.find(serial)
  if (phone === undefined) return refuse({ reason: 'signature_invalid' })
  const verified = await phone.verify({ type, text, signature })
  if (!verified.ok) return verified
  const seen = { ...parseApp(userAgent), ...present({ capabilities, phoneKey: verified.value.phoneKey }) }
  const stored = await ports.tokens.refreshRegistration(serial, { registrationToken, at, ...seen })
  if (!stored.ok) return stored
  return stored.value ? verified : refuse({ reason: 'timestamp_out_of_range', text: timestamp })
}
