import { present } from '../../present.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { SimulatedRequest } from '../../protocol/policy/simulation-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { PolicyExplanation } from '../../rules/policy/explain.ts'
import { explainPolicies } from '../../rules/policy/explain.ts'
import type { AuthenticationPolicy } from '../../rules/login/authentication-policy.ts'
import { authenticationPolicy } from '../../rules/login/authentication-policy.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import { matchingPolicies } from '../../rules/policy/policy-set.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { SCOPES } from '../../rules/policy/actions/all.ts'
import type { Instant, Policy, Source, TokenType } from '../../vocabulary.ts'
import { TOKEN_TYPES } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'
import type { PolicySource, LoginSubject } from '../login/login-subject.ts'
import { findLoginSubject, findSubject, situationOf } from '../login/login-subject.ts'

interface SimulationResult {
  /** That of a login: in another realm, where policy looks for its user there. */
  readonly situation: Situation
  readonly serial?: string
  readonly scopes: Readonly<Record<string, PolicyExplanation>>
  /** What a login would be, by a token of each type, asked for at `/validate/check`. */
  readonly logins: Readonly<Record<TokenType, Outcome<AuthenticationPolicy>>>
}

/** What would hold for this user, from there, then; nothing is changed, and no phone rings. Refuses: who may not;
 *  `parameter_invalid` for a scope there is none of; `storage_unavailable`. */
export async function simulatePolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: SimulatedRequest,
): Promise<Outcome<SimulationResult>> {
  const placed = await place(ports, credential, source, asked)
  if (!placed.ok) return placed
  const { situation, from, meant, snapshot } = placed.value
  const found = await findLoginSubject({ ...ports, now: () => situation.now }, subjectOf(asked), from)
  // Where the policies that would say in which realm conflict, that is told of `set_realm`.
  const placedThere = found.ok && found.value.owner?.realm !== meant.owner?.realm ? found.value : undefined
  const inLogin = placedThere === undefined ? placed.value : situated(placedThere, asked, from, situation.now)
  const { policySet, policies } = snapshot
  const scopes = asked.scope === undefined ? SCOPES : SCOPES.filter((scope) => scope === asked.scope)
  if (scopes.length === 0) return refuse({ reason: 'parameter_invalid', name: 'scope', why: 'there is no such scope' })
  const system = readSystemSettings(snapshot.settings)
  const login = (type: TokenType): Outcome<AuthenticationPolicy> =>
    authenticationPolicy(policySet, type, inLogin.situation, system, true)
  return done({
    situation: inLogin.situation,
    ...present({ serial: inLogin.serial }),
    scopes: Object.fromEntries(
      scopes.map((scope) => [
        scope,
        explainPolicies(policySet, policies, scope, OF_LOGINS.has(scope) ? inLogin.situation : situation),
      ]),
    ),
    logins: Object.fromEntries(TOKEN_TYPES.map((type) => [type, login(type)])) as SimulationResult['logins'],
  })
}

/** The policies that name the action and would match. Refuses: as `simulate`; `condition_unknown`. */
export async function findMatchingPolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: SimulatedRequest & { readonly scope: string; readonly action: string },
): Promise<Outcome<readonly Policy[]>> {
  const placed = await place(ports, credential, source, asked)
  if (!placed.ok) return placed
  return matchingPolicies(placed.value.snapshot.policySet, asked.scope, asked.action, placed.value.situation)
}

/** Scopes that are asked when somebody logs in. */
const OF_LOGINS: ReadonlySet<string> = new Set(['authentication', 'authorization'])

interface Situated {
  readonly situation: Situation
  readonly serial: string | undefined
}

interface Placed extends Situated {
  readonly from: PolicySource
  readonly meant: LoginSubject
  readonly snapshot: Snapshot
}

async function place(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: SimulatedRequest,
): Promise<Outcome<Placed>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const { headers } = asked
  const found = await findSubject(ports, subjectOf(asked))
  if (!found.ok) return found
  const meant = found.value
  const from = {
    address: asked.client ?? source.address,
    userAgent: asked.userAgent ?? '',
    header: (name: string) => headers.get(name.toLowerCase()),
  }
  const { snapshot } = meant
  return done({ ...situated(meant, asked, from, asked.time ?? ports.now()), from, meant, snapshot })
}

function situated(
  meant: LoginSubject,
  { administrator }: SimulatedRequest,
  from: PolicySource,
  now: Instant,
): Situated {
  // Whoever has one token is rung on that; of several, the request says which.
  const token = meant.tokens.length === 1 ? meant.tokens[0] : undefined
  return { situation: situationOf({ ...meant, token, administrator }, from, now), serial: token?.serial }
}

const subjectOf = ({ user, realm, serial }: SimulatedRequest): SubjectFields => present({ user, realm, serial })
