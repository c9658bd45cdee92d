import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { preferredLanguage } from '../../protocol/accept-language.ts'
import type { SimulatedRequest } from '../../protocol/policy/simulation-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { explainPolicies, type PolicyExplanation } from '../../rules/policy/explain.ts'
import { authenticationPolicy, type AuthenticationPolicy } from '../../rules/login/authentication-policy.ts'
import { compilePolicies, matchingPolicies, type Situation } from '../../rules/policy/policy-set.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { SCOPES } from '../../rules/policy/actions/all.ts'
import { type Instant, type Policy, type Source, TOKEN_TYPES, type TokenType } from '../../vocabulary.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { readPolicy, withPolicy } from './checked-policy.ts'
import {
  findLoginSubject,
  findSubject,
  type LoginSubject,
  type PolicySource,
  situationOf,
} from '../login/login-subject.ts'

interface SimulationResult {
  /** The situation of a login. Its realm differs from the request's where `set_realm` sets another. */
  readonly situation: Situation
  readonly serial?: string | undefined
  readonly scopes: Readonly<Record<string, PolicyExplanation>>
  /** What a login at `/validate/check` would be, by a token of each type. */
  readonly logins: Readonly<Record<TokenType, Outcome<AuthenticationPolicy>>>
}

/** Explains which policies would apply to a request, and what a login would be. Nothing is changed, and no phone rings.
 *  Refuses: as `authorize`; as `readPolicy` for the draft; `parameter_invalid` for an unknown scope; `storage_unavailable`. */
export async function simulatePolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: SimulatedRequest,
): Promise<Outcome<SimulationResult>> {
  const simulated = await simulateRequest(ports, credential, source, request)
  if (!simulated.ok) return simulated
  const { situation, policySource, subject, snapshot } = simulated.value
  // With a draft, what a login reads is the snapshot with the draft.
  const deployment = { ...ports.deployment, atRevision: () => Promise.resolve(done(snapshot)) }
  const simulatedPorts = { ...ports, ...(request.draft === undefined ? {} : { deployment }), now: () => situation.now }
  const login = await findLoginSubject(simulatedPorts, subjectFields(request), policySource)
  // If the policies that set the realm conflict, `set_realm` is answered with the conflict.
  const moved = login.ok && login.value.owner?.realm !== subject.owner?.realm ? login.value : undefined
  const ofLogin = moved === undefined ? simulated.value : situationFor(moved, request, policySource, situation.now)
  const { policySet, policies } = snapshot
  const scopes = request.scope === undefined ? SCOPES : SCOPES.filter((scope) => scope === request.scope)
  if (scopes.length === 0) return refuse({ reason: 'parameter_invalid', name: 'scope', why: 'there is no such scope' })
  const system = readSystemSettings(snapshot.settings)
  const language = preferredLanguage(policySource.header?.('Accept-Language'))
  const policyFor = (type: TokenType): Outcome<AuthenticationPolicy> =>
    authenticationPolicy(policySet, type, ofLogin.situation, system, true, language)
  return done({
    situation: ofLogin.situation,
    serial: ofLogin.serial,
    scopes: Object.fromEntries(
      scopes.map((scope) => [
        scope,
        explainPolicies(policySet, policies, scope, LOGIN_SCOPES.has(scope) ? ofLogin.situation : situation),
      ]),
    ),
    logins: Object.fromEntries(TOKEN_TYPES.map((type) => [type, policyFor(type)])) as SimulationResult['logins'],
  })
}

/** Lists the policies that set the action and would match the request.
 *  Refuses: as `authorize`; `condition_unknown`, `storage_unavailable`. */
export async function findMatchingPolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: SimulatedRequest & { readonly scope: string; readonly action: string },
): Promise<Outcome<readonly Policy[]>> {
  const simulated = await simulateRequest(ports, credential, source, request)
  if (!simulated.ok) return simulated
  const { snapshot, situation } = simulated.value
  return matchingPolicies(snapshot.policySet, request.scope, request.action, situation)
}

/** The scopes whose policies a login reads. */
const LOGIN_SCOPES: ReadonlySet<string> = new Set(['authentication', 'authorization'])

/** A situation, and the token it is about if there is only one. */
interface TokenSituation {
  readonly situation: Situation
  readonly serial: string | undefined
}

interface SimulatedSituation extends TokenSituation {
  readonly policySource: PolicySource
  readonly subject: LoginSubject
  readonly snapshot: Snapshot
}

/** Looks up whom the request is about. Refuses: as `authorize`; `storage_unavailable`. */
async function simulateRequest(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: SimulatedRequest,
): Promise<Outcome<SimulatedSituation>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const found = await findSubject(ports, subjectFields(request))
  if (!found.ok) return found
  const drafted = withDraft(ports, found.value.snapshot, request.draft)
  if (!drafted.ok) return drafted
  const snapshot = drafted.value
  const subject = { ...found.value, snapshot }
  const policySource = {
    address: request.client ?? source.address,
    userAgent: request.userAgent ?? '',
    header: (name: string) => request.headers.get(name.toLowerCase()),
  }
  const now = request.time ?? ports.now()
  return done({
    ...situationFor(subject, request, policySource, now),
    policySource,
    subject,
    snapshot,
  })
}

/** The snapshot as it would be with the draft saved. Refuses: as `readPolicy`. */
function withDraft(ports: Ports, snapshot: Snapshot, draft: SimulatedRequest['draft']): Outcome<Snapshot> {
  if (draft === undefined) return done(snapshot)
  const policy = readPolicy(ports, snapshot, draft.name, draft.fields)
  if (!policy.ok) return policy
  const policies = withPolicy(snapshot.policies, policy.value)
  return done({ ...snapshot, policies, policySet: compilePolicies(policies, snapshot.settings) })
}

function situationFor(
  subject: LoginSubject,
  { administrator }: SimulatedRequest,
  source: PolicySource,
  now: Instant,
): TokenSituation {
  // The only token of a user is the one that rings. Of several, the request has to name one.
  const token = subject.tokens.length === 1 ? subject.tokens[0] : undefined
  return { situation: situationOf({ ...subject, token, administrator }, source, now), serial: token?.serial }
}

const subjectFields = ({ user, realm, serial }: SimulatedRequest): SubjectFields => ({ user, realm, serial })
