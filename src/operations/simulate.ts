import { present } from '../present.ts'
import type { Ports, Snapshot } from '../ports/ports.ts'
import type { Simulation } from '../protocol/simulation-request.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Explained } from '../rules/explain.ts'
import { explain } from '../rules/explain.ts'
import type { LoginSettings } from '../rules/login-settings.ts'
import { loginSettings } from '../rules/login-settings.ts'
import type { Situation } from '../rules/policy.ts'
import { bearers } from '../rules/policy.ts'
import { readSystemSettings } from '../rules/system-settings.ts'
import { SCOPES } from '../rules/action-definitions.ts'
import type { Policy, Source, TokenType } from '../vocabulary.ts'
import { TOKEN_TYPES } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import { authorize } from './identify.ts'
import { findSubject, situationOf } from './subject.ts'

interface Simulated {
  readonly situation: Situation
  readonly serial?: string
  readonly scopes: Readonly<Record<string, Explained>>
  /** What a login would be, by a token of each type, asked for at `/validate/check`. */
  readonly logins: Readonly<Record<TokenType, Outcome<LoginSettings>>>
}

/** What would hold for this user, from there, then; nothing is changed, and no phone rings. Refuses: who may not;
 *  `parameter_invalid` for a scope there is none of; `storage_unavailable`. */
export async function simulate(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: Simulation,
): Promise<Outcome<Simulated>> {
  const placed = await place(ports, credential, source, asked)
  if (!placed.ok) return placed
  const { situation, snapshot, serial } = placed.value
  const { policySet, policies } = snapshot
  const scopes = asked.scope === undefined ? SCOPES : SCOPES.filter((scope) => scope === asked.scope)
  if (scopes.length === 0) return refuse({ reason: 'parameter_invalid', name: 'scope', why: 'there is no such scope' })
  const system = readSystemSettings(snapshot.settings)
  const login = (type: TokenType): Outcome<LoginSettings> => loginSettings(policySet, type, situation, system, true)
  return done({
    situation,
    ...present({ serial }),
    scopes: Object.fromEntries(scopes.map((scope) => [scope, explain(policySet, policies, scope, situation)])),
    logins: Object.fromEntries(TOKEN_TYPES.map((type) => [type, login(type)])) as Simulated['logins'],
  })
}

/** The policies that name the action and would match. Refuses: as `simulate`; `condition_unknown`. */
export async function matchingPolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: Simulation & { readonly scope: string; readonly action: string },
): Promise<Outcome<readonly Policy[]>> {
  const placed = await place(ports, credential, source, asked)
  if (!placed.ok) return placed
  return bearers(placed.value.snapshot.policySet, asked.scope, asked.action, placed.value.situation)
}

async function place(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: Simulation,
): Promise<Outcome<{ readonly situation: Situation; readonly snapshot: Snapshot; readonly serial?: string }>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const { user, realm, serial, administrator, headers } = asked
  const found = await findSubject(ports, present({ user, realm, serial }))
  if (!found.ok) return found
  const meant = found.value
  // Whoever has one token is rung on that; of several, the request says which.
  const token = meant.tokens.length === 1 ? meant.tokens[0] : undefined
  const from = {
    address: asked.client ?? source.address,
    userAgent: asked.userAgent ?? '',
    header: (name: string) => headers.get(name.toLowerCase()),
  }
  const situation = situationOf({ ...meant, token, administrator }, from, asked.time ?? ports.now())
  return done({ situation, snapshot: meant.snapshot, ...present({ serial: token?.serial }) })
}
