/** Which requests of phones go on while their network is limited: those that a phone has signed, and those with something that only Nod
 *  hands out. A carrier's address is shared by thousands of phones. */
import type { Ports } from '../../ports/ports.ts'
import type { PhoneAnswer, PhonePoll, RefreshRequest, RegisterRequest } from '../../protocol/phone/phone-request.ts'
import { decodeBase64 } from '../../bytes.ts'
import { verifySignature } from '../../protocol/encoding/phone-keys.ts'
import { pollText, refreshText } from '../../protocol/phone/signed-texts.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Bytes, seconds, type Serial, type Source, type TokenType } from '../../vocabulary.ts'
import { checkLimit, checkRepeats, limitedNetwork } from '../access/rate-limits.ts'

type Limiting = Pick<Ports, 'rateLimits' | 'deployment' | 'phones' | 'identifiers'>

/** Refuses: `too_many_requests`. */
export const limitPoll = (
  ports: Limiting,
  source: Source,
  type: TokenType,
  { serial, timestamp, signature }: PhonePoll,
): Promise<Outcome<void>> => limitSigned(ports, source, serial, { type, text: pollText(serial, timestamp), signature })

/** Refuses: `too_many_requests`. */
export const limitRefresh = (
  ports: Limiting,
  source: Source,
  { type, serial, registrationToken, timestamp, signature }: RefreshRequest,
): Promise<Outcome<void>> =>
  limitSigned(ports, source, serial, { type, text: refreshText(registrationToken, serial, timestamp), signature })

/** The signature is verified here, before an object is called for it, with a key of at most a minute ago. */
async function limitSigned(
  ports: Limiting,
  source: Source,
  serial: Serial,
  { type, text, signature }: { readonly type: TokenType; readonly text: string; readonly signature: Bytes },
): Promise<Outcome<void>> {
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok) return limited
  const signer = await ports.phones.findSigner(serial)
  const key = signer?.type === type ? decodeBase64(signer.phoneKey) : undefined
  return key !== undefined && (await verifySignature(key, text, signature)) ? done(undefined) : limited
}

/** An answer to a nonce of Nod's goes to its login, whatever else comes from its network. Refuses: `too_many_requests`, also for the same
 *  nonce, or serial without one, again and again. */
export async function limitAnswer(
  ports: Limiting,
  source: Source,
  { serial, nonce }: PhoneAnswer,
): Promise<Outcome<void>> {
  const repeats = nonce === undefined ? done(undefined) : checkRepeats(ports, source, nonce)
  if (!repeats.ok) return repeats
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok) return limited
  if (nonce !== undefined && (await ports.identifiers.transactionOf(nonce)) !== undefined) return done(undefined)
  const signer = await ports.phones.findSigner(serial)
  return signer === undefined ? limited : checkRepeats(ports, source, serial)
}

/** How soon a phone may come again that came with too many others. */
const SOON = seconds(1)

/** Does what a phone asks for. Of serials that this isolate does not know only some are looked up at a time for one network: while D1
 *  does not answer, each takes seconds and wakes an object. Refuses: `too_many_requests`; as `work`. */
export async function limitUnknown<T>(
  ports: Limiting,
  source: Source,
  serial: Serial,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const network = limitedNetwork(ports, source)
  if (network === undefined || ports.phones.isKnown(serial)) return work()
  const end = ports.rateLimits.begin(network)
  return end === undefined ? refuse({ reason: 'too_many_requests', retryAfter: SOON }) : work().finally(end)
}

/** Refuses: `too_many_requests`, also for the same credential again and again. */
export async function limitRegistration(
  ports: Limiting,
  source: Source,
  { serial, credential }: RegisterRequest,
): Promise<Outcome<void>> {
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok) return limited
  const isOurs = await ports.identifiers.isOwnCredential(serial, credential)
  return isOurs ? checkRepeats(ports, source, credential) : limited
}
