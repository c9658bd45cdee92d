import type { Ports } from '../../ports/ports.ts'
import type { PhonePoll } from '../../protocol/phone/phone-request.ts'
import { pollText } from '../../protocol/phone/signed-texts.ts'
import { parseTimestamp, isWithin } from '../../timestamps.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { isPollingAllowed } from '../../rules/login/authentication-policy.ts'
import type { Source, TokenType } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { situationOf } from '../login/login-subject.ts'

type Prompts = readonly Readonly<Record<string, string>>[]

/** How far a phone's clock may be off. Source: docs/protocol.md, "Phone poll". */
const WINDOW = seconds(60)

/**
 * The prompts this phone is asked to answer. The phone's object and the catalogue are asked at once; while the
 * catalogue is down, or policy asks about what a poll does not tell, what it said when the phone was last rung holds.
 * Refuses: `polling_denied`, to strangers wherever it is denied to whoever no policy names; `timestamp_…`;
 * `signature_invalid`; `policy_conflict`.
 */
export async function phonePoll(
  ports: Ports,
  source: Source,
  type: TokenType,
  request: Outcome<PhonePoll>,
): Promise<Outcome<Prompts>> {
  const [deployment, polled] = await Promise.all([currentPolicies(ports), poll(ports, type, request)])
  const now = ports.now()
  if (!polled.ok) {
    const toAll = deployment.ok
      ? isPollingAllowed(deployment.value, type, situationOf({}, source, now), true)
      : done(true)
    return toAll.ok && !toAll.value ? refuse({ reason: 'polling_denied' }) : polled
  }
  const { owner, token, pollingAllowed: tokenAllows, polling, prompts } = polled.value
  const last = done(polling === 'token' ? tokenAllows !== false : polling === 'allow')
  const said = deployment.ok
    ? isPollingAllowed(deployment.value, type, situationOf({ owner, token }, source, now), tokenAllows)
    : last
  const allowed = !said.ok && said.refusal.reason === 'condition_unknown' ? last : said
  if (!allowed.ok) return allowed
  return allowed.value ? done(prompts) : refuse({ reason: 'polling_denied' })
}

/** Phones poll every three seconds, each of them: what policy said two seconds ago will do. */
async function currentPolicies({ settings, deployment }: Pick<Ports, 'settings' | 'deployment'>) {
  const recent = deployment.recent()
  if (recent !== undefined) return done(recent.policySet)
  const revision = await settings.revision()
  if (!revision.ok) return revision
  const snapshot = await deployment.at(revision.value)
  return snapshot.ok ? done(snapshot.value.policySet) : snapshot
}

async function poll(ports: Pick<Ports, 'phones' | 'now'>, type: TokenType, request: Outcome<PhonePoll>) {
  if (!request.ok) return request
  const { serial, timestamp, signature } = request.value
  const at = parseTimestamp(timestamp)
  if (at === undefined) return refuse({ reason: 'timestamp_unparsable', text: timestamp })
  if (!isWithin(ports.now(), at, WINDOW)) return refuse({ reason: 'timestamp_out_of_range', text: timestamp })
  const phone = await ports.phones.find(serial)
  return phone?.poll({ type, text: pollText(serial, timestamp), signature }) ?? refuse({ reason: 'signature_invalid' })
}
