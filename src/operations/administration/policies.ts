import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { parsePolicyForm } from '../../protocol/policy/policy-form.ts'
import type { PolicyFields } from '../../protocol/policy/policy-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { checkPolicy } from '../../rules/policy/check-policy.ts'
import { compilePolicies } from '../../rules/policy/policy-set.ts'
import { realmFault } from '../../rules/policy/restriction-faults.ts'
import { settingsFault } from '../../rules/login/profile.ts'
import { lockoutFault } from '../../rules/policy/rights.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Policy, Source } from '../../vocabulary.ts'
import type { DeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

/** The policy holds from the next login on; its number. What is not sent keeps its value.
 *  Refuses: who may not; `policy_invalid` for what would be refused at login time. */
export async function savePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  fields: PolicyFields,
): Promise<Outcome<number>> {
  const acting = await authorizeDeploymentChange(ports, credential, source, 'policywrite', 'POST /policy/<name>', name)
  if (!acting.ok) return acting
  const existing = acting.value.snapshot.policies.find((policy) => policy.name === name)
  const parsed = parsePolicyForm(name, fields, existing)
  if (!parsed.ok) return parsed
  // A realm that is gone meanwhile may stay where it is named.
  const named = existing?.realm.map((realm) => realm.toLowerCase()) ?? []
  const undefinedRealm = realmFault(parsed.value, new Set([...knownRealms(acting.value.snapshot), ...named]))
  if (undefinedRealm !== undefined) return refuse({ reason: 'policy_invalid', why: undefinedRealm })
  const checked = checkPolicy(parsed.value)
  return checked.ok ? save(ports, acting.value, checked.value) : checked
}

/** The realms a policy may name. */
export const knownRealms = ({ realms, defaultRealm }: Snapshot): ReadonlySet<string> =>
  new Set([...realms, defaultRealm])

async function save(ports: Ports, { snapshot, entry }: DeploymentChange, policy: Policy): Promise<Outcome<number>> {
  const others = snapshot.policies.filter(({ name }) => name !== policy.name)
  const fault =
    settingsFault([policy], readSystemSettings(snapshot.settings)) ??
    policyLockoutFault(snapshot, entry, [...others, policy])
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const saved = await ports.policies.save(policy, entry)
  await taken(ports)
  return saved
}

/** What this isolate does next, it does by the policies as they are now; others follow with the next login they begin. */
const taken = async ({ deployment }: Ports): Promise<unknown> => deployment.fresh()

/** Why nobody could administer under these policies; two administrators at once may still bring it about. */
export function policyLockoutFault(
  snapshot: Snapshot,
  entry: AuditEntry,
  policies: readonly Policy[],
): string | undefined {
  const from = { address: entry.address, userAgent: entry.userAgent ?? '' }
  return lockoutFault(compilePolicies(policies, snapshot.settings), policyWriters(snapshot), { ...from, now: entry.at })
}

/** Whose role lets them write policies. */
export const policyWriters = ({ administrators }: Snapshot): readonly string[] =>
  [...administrators.values()].flatMap(({ login, role, disabled }) => (role === 'admin' && !disabled ? [login] : []))

/** The policy is active, or not, from the next login on. Refuses: who may not; `entry_unknown`; `policy_invalid`. */
export async function setPolicyActive(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  active: boolean,
): Promise<Outcome<number>> {
  const action = `POST /policy/${active ? 'enable' : 'disable'}/<name>`
  const acting = await authorizeDeploymentChange(ports, credential, source, 'policywrite', action, name)
  if (!acting.ok) return acting
  const policy = acting.value.snapshot.policies.find((one) => one.name === name)
  if (policy === undefined) return refuse({ reason: 'entry_unknown', what: 'policy', name })
  return save(ports, acting.value, { ...policy, active })
}

/** The policy has another name, and is the same otherwise; its number. Refuses: who may not; `entry_unknown`; `name_taken`. */
export async function renamePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  to: string,
): Promise<Outcome<number>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policywrite',
    'PATCH /policy/<name>',
    `${name} is ${to}`,
  )
  if (!acting.ok) return acting
  const { snapshot, entry } = acting.value
  if (!snapshot.policies.some((policy) => policy.name === name))
    return refuse({ reason: 'entry_unknown', what: 'policy', name })
  const renamed = await ports.policies.rename(name, to, entry)
  if (!renamed.ok) return renamed
  return renamed.value === undefined ? refuse({ reason: 'name_taken', name: to }) : done(renamed.value)
}

/** The policy is gone; its number. Refuses: who may not; `entry_unknown`; `policy_invalid` if nobody could write one any more. */
export async function deletePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<number>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policydelete',
    'DELETE /policy/<name>',
    name,
  )
  if (!acting.ok) return acting
  const { snapshot, entry } = acting.value
  const others = snapshot.policies.filter((policy) => policy.name !== name)
  const fault = others.length < snapshot.policies.length ? policyLockoutFault(snapshot, entry, others) : undefined
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const deleted = await ports.policies.delete(name, entry)
  await taken(ports)
  if (!deleted.ok) return deleted
  return deleted.value === undefined ? refuse({ reason: 'entry_unknown', what: 'policy', name }) : done(deleted.value)
}

/** The policies, all of them or those of a name, realm or scope. Refuses: who may not. */
export async function listPolicies(
  ports: Ports,
  credential: Credential,
  filter: { readonly name?: string; readonly scope?: string; readonly realm?: string; readonly active?: boolean },
): Promise<Outcome<readonly Policy[]>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const wanted = (policy: Policy): boolean =>
    (filter.name === undefined || policy.name === filter.name) &&
    (filter.scope === undefined || policy.scope === filter.scope) &&
    (filter.active === undefined || policy.active === filter.active) &&
    (filter.realm === undefined || policy.realm.includes(filter.realm))
  return done(authorized.value.snapshot.policies.filter(wanted))
}
