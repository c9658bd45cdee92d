import type { Ports } from '../../ports/ports.ts'
import type { PhonePoll } from '../../protocol/phone/phone-request.ts'
import { pollText } from '../../protocol/phone/signed-texts.ts'
import { parseTimestamp, isWithin } from '../../timestamps.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { isPollingAllowed } from '../../rules/login/authentication-policy.ts'
import { type Region, seconds, type Source, type TokenType } from '../../vocabulary.ts'
import { situationOf } from '../login/login-subject.ts'

type Prompts = readonly Readonly<Record<string, string>>[]

/** How far a phone's clock may differ. Source: docs/protocol.md, "Phone poll". */
const CLOCK_TOLERANCE = seconds(60)

/**
 * Answers the prompts that this phone may answer. It asks the phone object and the policies at the same time. While D1 does not
 * answer, or a policy has a condition that a poll has no data for, the policy of the last ring applies.
 * Refuses: `polling_denied`, also to strangers when policy denies polling to everybody; `timestamp_unparsable`,
 * `timestamp_out_of_range`, `signature_invalid`, `policy_conflict`.
 */
export async function phonePoll(
  ports: Ports,
  source: Source,
  type: TokenType,
  request: Outcome<PhonePoll>,
): Promise<Outcome<Prompts>> {
  const [deployment, polled] = await Promise.all([currentPolicies(ports), poll(ports, type, request, source.region)])
  const now = ports.now()
  if (!polled.ok) {
    const toAll = deployment.ok
      ? isPollingAllowed(deployment.value, type, situationOf({}, source, now), true)
      : done(true)
    return toAll.ok && !toAll.value ? refuse({ reason: 'polling_denied' }) : polled
  }
  const { owner, token, pollingAllowed: tokenAllows, polling, prompts } = polled.value
  const lastKnown = done(polling === 'token' ? tokenAllows !== false : polling === 'allow')
  const current = deployment.ok
    ? isPollingAllowed(deployment.value, type, situationOf({ owner, token }, source, now), tokenAllows)
    : lastKnown
  const allowed = !current.ok && current.refusal.reason === 'condition_unknown' ? lastKnown : current
  if (!allowed.ok) return allowed
  return allowed.value ? done(prompts) : refuse({ reason: 'polling_denied' })
}

/** The policies, at most two seconds old: every phone polls every three seconds, so most polls read nothing from D1. */
async function currentPolicies({ settings, deployment }: Pick<Ports, 'settings' | 'deployment'>) {
  const recent = deployment.recent()
  if (recent !== undefined) return done(recent.policySet)
  const version = await settings.version()
  if (!version.ok) return version
  const snapshot = await deployment.atRevision(version.value.revision)
  return snapshot.ok ? done(snapshot.value.policySet) : snapshot
}

async function poll(ports: Pick<Ports, 'phones' | 'now'>, type: TokenType, request: Outcome<PhonePoll>, near: Region) {
  if (!request.ok) return request
  const { serial, timestamp, signature } = request.value
  const at = parseTimestamp(timestamp)
  if (at === undefined) return refuse({ reason: 'timestamp_unparsable', text: timestamp })
  if (!isWithin(ports.now(), at, CLOCK_TOLERANCE)) return refuse({ reason: 'timestamp_out_of_range', text: timestamp })
  const phone = await ports.phones.find(serial, near)
  return (
    phone?.poll({ type, text: pollText(serial, timestamp), signature, from: near }) ??
    refuse({ reason: 'signature_invalid' })
  )
}
