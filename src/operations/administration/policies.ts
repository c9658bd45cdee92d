import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { parsePolicyForm } from '../../protocol/policy/policy-form.ts'
import type { PolicyFields } from '../../protocol/policy/policy-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import { checkPolicy } from '../../rules/policy/check-policy.ts'
import { firebaseFaults } from '../../rules/policy/firebase-faults.ts'
import { compilePolicies } from '../../rules/policy/policy-set.ts'
import { realmFault } from '../../rules/policy/restriction-faults.ts'
import { lockoutFault } from '../../rules/policy/rights.ts'
import type { Confirmation, Policy, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange, type DeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { knownRealms } from '../access/new-user.ts'
import { faultsOfWriting } from './combined-settings.ts'

/** Saves a policy and returns its number. It applies from the next login on. Fields that are not sent keep their values.
 *  Refuses: as `authorize`; as `parsePolicyForm`; `policy_invalid`: what a login or an enrollment would refuse later, and what
 *  would lock all administrators out, and combinations that let anybody in. */
export async function savePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  fields: PolicyFields,
): Promise<Outcome<number>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'policywrite', 'POST /policy/<name>', name)
  if (!change.ok) return change
  const existing = change.value.snapshot.policies.find((policy) => policy.name === name)
  const parsed = parsePolicyForm(name, fields, existing)
  if (!parsed.ok) return parsed
  // The policy may keep a realm that has been deleted since.
  const keptRealms = existing?.realm.map((realm) => realm.toLowerCase()) ?? []
  const why = realmFault(parsed.value, new Set([...knownRealms(change.value.snapshot), ...keptRealms]))
  if (why !== undefined) return refuse({ reason: 'policy_invalid', why })
  const checked = checkForSaving(ports, parsed.value)
  if (!checked.ok) return checked
  return save(ports, change.value, checked.value)
}

async function save(ports: Ports, { snapshot, entry }: DeploymentChange, policy: Policy): Promise<Outcome<number>> {
  const policies = [...snapshot.policies.filter(({ name }) => name !== policy.name), policy]
  const [combination] = faultsOfWriting(ports, snapshot, { policies }, [policy.name])
  const fault = combination?.why ?? policyLockoutFault(snapshot, entry, policies)
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const before = snapshot.policies.find(({ name }) => name === policy.name)
  const saved = await ports.policies.save(policy, withChange(entry, before, policy))
  await reloadPolicies(ports)
  return saved
}

/** Loads the policies anew, so that this isolate applies them at once. Others do with the next login they open. */
const reloadPolicies = async ({ deployment }: Ports): Promise<unknown> => deployment.reload()

/** Why these policies would lock all administrators out, or undefined. Two administrators who write at the same time can still
 *  bring it about. */
export function policyLockoutFault(
  snapshot: Snapshot,
  entry: AuditEntry,
  policies: readonly Policy[],
): string | undefined {
  const origin = { address: entry.address, userAgent: entry.userAgent ?? '', now: entry.at }
  return lockoutFault(compilePolicies(policies, snapshot.settings), policyWriters(snapshot), origin)
}

/** The logins of the administrators whose role lets them write policies. */
export const policyWriters = ({ administrators }: Snapshot): readonly string[] =>
  [...administrators.values()].flatMap(({ login, role, disabled }) => (role === 'admin' && !disabled ? [login] : []))

/** Enables or disables a policy from the next login on, and returns its number. `confirm`: besides what the policy has
 *  confirmed.
 *  Refuses: as `authorize`; `policy_unknown`, `policy_invalid`. */
export async function setPolicyActive(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  active: boolean,
  confirm: readonly Confirmation[] = [],
): Promise<Outcome<number>> {
  const action = `POST /policy/${active ? 'enable' : 'disable'}/<name>`
  const change = await authorizeDeploymentChange(ports, credential, source, 'policywrite', action, name)
  if (!change.ok) return change
  const policy = change.value.snapshot.policies.find((one) => one.name === name)
  if (policy === undefined) return refuse({ reason: 'policy_unknown', name, request: 'switch' })
  if (!active) return save(ports, change.value, { ...policy, active })
  const checked = checkForSaving(ports, withConfirmed(policy, confirm))
  return checked.ok ? save(ports, change.value, { ...checked.value, active }) : checked
}

/** The policy, which confirms this as well. */
export const withConfirmed = (policy: Policy, confirm: readonly Confirmation[]): Policy =>
  confirm.length === 0 ? policy : { ...policy, confirm: [...new Set([...(policy.confirm ?? []), ...confirm])] }

/** Accepts a policy that can be saved. Of a stored one, what it needs may be gone since. Refuses: `policy_invalid`. */
function checkForSaving({ delivery }: Pick<Ports, 'delivery'>, policy: Policy): Outcome<Policy> {
  const checked = checkPolicy(policy)
  if (!checked.ok) return checked
  const [fault] = firebaseFaults(checked.value, (gateway) => delivery.knows(gateway))
  return fault === undefined ? checked : refuse({ reason: 'policy_invalid', why: fault.why })
}

/** Renames a policy and returns its number. Refuses: as `authorize`; `policy_unknown`, `policy_name_taken`; `policy_invalid` if
 *  it applies and could not be saved now. */
export async function renamePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  newName: string,
): Promise<Outcome<number>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policywrite',
    'PATCH /policy/<name>',
    `${name} is ${newName}`,
  )
  if (!change.ok) return change
  const { snapshot, entry } = change.value
  const policy = snapshot.policies.find((one) => one.name === name)
  if (policy === undefined) return refuse({ reason: 'policy_unknown', name, request: 'rename' })
  const checked = policy.active ? checkForSaving(ports, policy) : done(policy)
  if (!checked.ok) return checked
  const policies = snapshot.policies.map((one) => (one.name === name ? { ...one, name: newName } : one))
  const [fault] = faultsOfWriting(ports, snapshot, { policies }, [newName])
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault.why })
  const renamed = await ports.policies.rename(name, newName, withChange(entry, { name }, { name: newName }))
  if (!renamed.ok) return renamed
  return renamed.value === undefined ? refuse({ reason: 'policy_name_taken', name: newName }) : done(renamed.value)
}

/** Deletes a policy and returns its number.
 *  Refuses: as `authorize`; `policy_unknown`; `policy_invalid` if no administrator could write policies without it, or if it
 *  keeps a combination apart that lets anybody in. */
export async function deletePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<number>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policydelete',
    'DELETE /policy/<name>',
    name,
  )
  if (!change.ok) return change
  const { snapshot, entry } = change.value
  const others = snapshot.policies.filter((policy) => policy.name !== name)
  const [combination] = faultsOfWriting(ports, snapshot, { policies: others }, [])
  const fault =
    combination?.why ??
    (others.length < snapshot.policies.length ? policyLockoutFault(snapshot, entry, others) : undefined)
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const before = snapshot.policies.find((policy) => policy.name === name)
  const deleted = await ports.policies.delete(name, withChange(entry, before, undefined))
  await reloadPolicies(ports)
  if (!deleted.ok) return deleted
  return deleted.value === undefined
    ? refuse({ reason: 'policy_unknown', name, request: 'delete' })
    : done(deleted.value)
}

/** Lists the policies, or those of a name, scope, realm or state. Refuses: as `authorize`. */
export async function listPolicies(
  ports: Ports,
  credential: Credential,
  filter: { readonly name?: string; readonly scope?: string; readonly realm?: string; readonly active?: boolean },
): Promise<Outcome<readonly Policy[]>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const isListed = (policy: Policy): boolean =>
    (filter.name === undefined || policy.name === filter.name) &&
    (filter.scope === undefined || policy.scope === filter.scope) &&
    (filter.active === undefined || policy.active === filter.active) &&
    (filter.realm === undefined || policy.realm.includes(filter.realm))
  return done(authorized.value.snapshot.policies.filter(isListed))
}
