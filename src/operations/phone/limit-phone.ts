/** Which requests of phones go on while their network is limited: those that a phone has signed, and those that bring something only Nod
 *  hands out. Thousands of phones may share the address of a carrier. */
import type { Ports } from '../../ports/ports.ts'
import type { PhoneAnswer, PhonePoll, RefreshRequest, RegisterRequest } from '../../protocol/phone/phone-request.ts'
import { verifySignature } from '../../protocol/encoding/phone-keys.ts'
import { pollText, refreshText } from '../../protocol/phone/signed-texts.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Bytes, seconds, type Serial, type Source, type TokenType } from '../../vocabulary.ts'
import { checkLimit, checkRepeats, limitedNetwork } from '../access/rate-limits.ts'

type LimitPorts = Pick<Ports, 'rateLimits' | 'deployment' | 'phones' | 'identifiers'>

/** While the network is limited, admits only a poll that the phone has signed. Refuses: `too_many_requests`. */
export const limitPoll = (
  ports: LimitPorts,
  source: Source,
  type: TokenType,
  { serial, timestamp, signature }: PhonePoll,
): Promise<Outcome<void>> => limitSigned(ports, source, serial, { type, text: pollText(serial, timestamp), signature })

/** While the network is limited, admits only a refresh that the phone has signed. Refuses: `too_many_requests`. */
export const limitRefresh = (
  ports: LimitPorts,
  source: Source,
  { type, serial, registrationToken, timestamp, signature }: RefreshRequest,
): Promise<Outcome<void>> =>
  limitSigned(ports, source, serial, { type, text: refreshText(registrationToken, serial, timestamp), signature })

/** While the network is limited, admits only a request whose signature is valid. The key is at most a minute old, and no object is called.
 *  Refuses: `too_many_requests`. */
async function limitSigned(
  ports: LimitPorts,
  source: Source,
  serial: Serial,
  { type, text, signature }: { readonly type: TokenType; readonly text: string; readonly signature: Bytes },
): Promise<Outcome<void>> {
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok) return limited
  const signer = await ports.phones.findSigner(serial)
  const key = signer?.type === type ? signer.phoneKey : undefined
  return key !== undefined && (await verifySignature(key, text, signature)) ? done(undefined) : limited
}

/** While the network is limited, admits only an answer to a nonce of Nod's, or without a nonce for a token that exists. Refuses:
 *  `too_many_requests`, also when the same nonce, or without a nonce the same serial, comes too often. */
export async function limitAnswer(
  ports: LimitPorts,
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

/** How soon a phone may try again when too many requests of its network are in progress. */
const SOON = seconds(1)

/** Does the work of a phone's request. Limits how many serials unknown to this isolate are looked up at a time for one network: while D1
 *  does not answer, each look-up takes seconds and wakes an object. Refuses: `too_many_requests`; as `work`. */
export async function limitUnknown<T>(
  ports: LimitPorts,
  source: Source,
  serial: Serial,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const network = limitedNetwork(ports, source)
  if (network === undefined || ports.phones.isKnown(serial)) return work()
  const end = ports.rateLimits.begin(network)
  return end === undefined ? refuse({ reason: 'too_many_requests', retryAfter: SOON }) : work().finally(end)
}

/** While the network is limited, admits only a registration with an enrollment credential of Nod's. Refuses: `too_many_requests`, also
 *  when the same credential comes too often. */
export async function limitRegistration(
  ports: LimitPorts,
  source: Source,
  { serial, credential }: RegisterRequest,
): Promise<Outcome<void>> {
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok) return limited
  const isOurs = await ports.identifiers.isOwnCredential(serial, credential)
  return isOurs ? checkRepeats(ports, source, credential) : limited
}
