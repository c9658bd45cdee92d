import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { PolicyFields } from '../../protocol/policy/policy-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import { type PolicyConflict, policyConflicts } from '../../rules/policy/conflicts.ts'
import { compilePolicies } from '../../rules/policy/policy-set.ts'
import { lockoutFault } from '../../rules/policy/rights.ts'
import type { Confirmation, Policy, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange, type DeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { checkForSaving, readPolicy, withPolicy } from './checked-policy.ts'
import { faultsOfWriting } from './combined-settings.ts'

/** Saves a policy and returns its number. It applies from the next login on. Fields that are not sent keep their values. `revision`:
 *  that of the policy the caller has read, 0 for a new one.
 *  Refuses: as `authorize`; as `readPolicy`; `policy_changed` if the policy has another revision; `policy_invalid`: what would lock all
 *  administrators out, and combinations that let anybody in. */
export async function savePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
  fields: PolicyFields,
  revision?: number,
): Promise<Outcome<number>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'policywrite', 'POST /policy/<name>', name)
  if (!change.ok) return change
  const policy = readPolicy(ports, change.value.snapshot, name, fields)
  return policy.ok ? save(ports, change.value, policy.value, revision) : policy
}

async function save(
  ports: Ports,
  { snapshot, entry }: DeploymentChange,
  policy: Policy,
  revision?: number,
): Promise<Outcome<number>> {
  const fault = savingFault(ports, snapshot, entry, policy)
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const before = snapshot.policies.find(({ name }) => name === policy.name)
  const saved = await ports.policies.save(policy, withChange(entry, before, policy), revision)
  await reloadPolicies(ports)
  if (!saved.ok) return saved
  return saved.value === undefined ? changedSince(ports, policy.name) : done(saved.value)
}

/** Refuses a change of a policy that somebody else has changed meanwhile, and names them. */
async function changedSince({ policies }: Ports, name: string): Promise<Outcome<never>> {
  const found = await policies.history(name)
  if (!found.ok) return found
  const by = found.value.versions[0]?.administrator
  return refuse({ reason: 'policy_changed', name, isGone: found.value.policy === undefined, by })
}

/** What validating a policy finds. */
interface Validation {
  /** Why it could not be saved. */
  readonly refusal?: Refusal
  /** What it would set differently from other policies for the same requests. */
  readonly conflicts: readonly PolicyConflict[]
}

/** Checks what was sent as `savePolicy` does, and saves nothing. Refuses: as `authorize`. */
export async function validatePolicy(
  ports: Ports,
  credential: Credential,
  source: Source,
  sent: Outcome<{ readonly name: string; readonly fields: PolicyFields; readonly revision?: number }>,
): Promise<Outcome<Validation>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'policywrite', 'POST /policy/<name>')
  if (!change.ok) return change
  if (!sent.ok) return done({ refusal: sent.refusal, conflicts: [] })
  const { name, fields, revision } = sent.value
  const { snapshot, entry } = change.value
  const policy = readPolicy(ports, snapshot, name, fields)
  if (!policy.ok) return done({ refusal: policy.refusal, conflicts: [] })
  const conflicts = policyConflicts(withPolicy(snapshot.policies, policy.value), name)
  const why = savingFault(ports, snapshot, entry, policy.value)
  if (why !== undefined) return done({ refusal: { reason: 'policy_invalid', why }, conflicts })
  if (revision === undefined) return done({ conflicts })
  const found = await ports.policies.history(name)
  if (!found.ok) return found
  if (found.value.revision === revision) return done({ conflicts })
  const changed = await changedSince(ports, name)
  return changed.ok ? changed : done({ refusal: changed.refusal, conflicts })
}

/** Why this policy cannot be saved beside the others, or undefined. */
function savingFault(ports: Ports, snapshot: Snapshot, entry: AuditEntry, policy: Policy): string | undefined {
  const policies = withPolicy(snapshot.policies, policy)
  const [combination] = faultsOfWriting(ports, snapshot, { policies }, [policy.name])
  return combination?.why ?? policyLockoutFault(snapshot, entry, policies)
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
