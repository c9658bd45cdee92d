import { withChange } from '../../rules/deployment/audited-change.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { parsePolicyFile } from '../../protocol/policy/policy-file.ts'
import type { PolicyFileFields } from '../../protocol/policy/policy-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { inspectPolicy } from '../../rules/policy/check-policy.ts'
import { directoryFaults } from '../../rules/policy/directory-faults.ts'
import { firebaseFaults } from '../../rules/policy/firebase-faults.ts'
import { isHalf } from '../../rules/policy/combinations.ts'
import { realmFault } from '../../rules/policy/restriction-faults.ts'
import type { Policy, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { knownRealms } from '../access/new-user.ts'
import { faultsOfWriting } from './combined-settings.ts'
import { policyLockoutFault, withConfirmed } from './policies.ts'

/** What an import leaves out: an action of a policy, or without one the whole policy. */
interface OmittedPart {
  readonly policy: string
  readonly action?: string
  readonly why: string
}

interface ImportResult {
  readonly policies: readonly string[]
  readonly omitted: readonly OmittedPart[]
}

/** Saves all policies of a file, or none of them. They apply from the next login on and replace policies of the same names.
 *  With `skip`, actions that Nod does not support are left out, and policies whose restrictions it does not support.
 *  With `dry_run`, nothing is saved.
 *  Refuses: as `authorize`; as `parsePolicyFile`; without `skip`, `import_invalid`, naming all that is not supported;
 *  `policy_invalid`. */
export async function importPolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  file: string,
  sent: PolicyFileFields,
): Promise<Outcome<ImportResult>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policywrite',
    'POST /policy/import/<filename>',
    file,
  )
  if (!change.ok) return change
  const { snapshot, entry } = change.value
  const read = parsePolicyFile(sent)
  if (!read.ok) return read
  const inspected = read.value.map((policy) =>
    importablePart(ports, isHalf(policy) ? withConfirmed(policy, sent.confirm) : policy, knownRealms(snapshot)),
  )
  const { policies, omitted: combined } = withoutCombinations(
    ports,
    snapshot,
    inspected.flatMap(({ policy }) => policy ?? []),
  )
  const omitted = [...inspected.flatMap((one) => one.omitted), ...combined]
  if (omitted.length > 0 && !sent.skip) return refuse({ reason: 'import_invalid', faults: omitted.map(faultText) })
  const replaced = new Set(policies.map(({ name }) => name))
  const fault = policyLockoutFault(snapshot, entry, replacing(snapshot.policies, policies))
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  if (sent.dry_run) return done({ policies: policies.map(({ name }) => name), omitted })
  const before = byName(snapshot.policies.filter(({ name }) => replaced.has(name)))
  const saved = await ports.policies.saveAll(policies, withChange(entry, before, byName(policies)))
  await ports.deployment.reload()
  return saved.ok ? done({ policies: policies.map(({ name }) => name), omitted }) : saved
}

/** Leaves out policies of the file that combine with others to let anybody in. A policy that would replace the one that keeps the
 *  halves apart is left out as well. */
function withoutCombinations(
  ports: Pick<Ports, 'limits'>,
  snapshot: Snapshot,
  file: readonly Policy[],
): { readonly policies: readonly Policy[]; readonly omitted: readonly OmittedPart[] } {
  const omitted = new Map<string, OmittedPart>()
  let policies = file
  for (;;) {
    const names = policies.map(({ name }) => name)
    const faults = faultsOfWriting(ports, snapshot, { policies: replacing(snapshot.policies, policies) }, names)
    if (faults.length === 0 || names.length === 0) return { policies, omitted: [...omitted.values()] }
    for (const fault of faults) {
      const policy = fault.policies.find((name) => names.includes(name)) ?? names[0] ?? ''
      if (!omitted.has(policy)) omitted.set(policy, { policy, why: fault.why })
    }
    policies = policies.filter(({ name }) => !omitted.has(name))
  }
}

/** The policies, with those of the file in place of others of their names. */
function replacing(stored: readonly Policy[], file: readonly Policy[]): readonly Policy[] {
  const replaced = new Set(file.map(({ name }) => name))
  return [...stored.filter(({ name }) => !replaced.has(name)), ...file]
}

const byName = (policies: readonly Policy[]) => Object.fromEntries(policies.map((policy) => [policy.name, policy]))

/** The policy without what Nod does not support; undefined if nothing is left of it. */
function importablePart(
  { delivery, pinChecks }: Pick<Ports, 'delivery' | 'pinChecks'>,
  policy: Policy,
  realms: ReadonlySet<string>,
): { readonly policy: Policy | undefined; readonly omitted: readonly OmittedPart[] } {
  const { name } = policy
  const { policy: valid, actionFaults, fault: restrictionFault } = inspectPolicy(policy)
  const unset = [
    ...firebaseFaults(valid, (gateway) => delivery.knows(gateway)),
    ...directoryFaults(valid, pinChecks.passwords !== undefined),
  ]
  const supported = { ...valid, action: withoutActions(valid.action, unset) }
  const unsupported = actionFaults.map(({ action, why }) => ({ policy: name, action, why }))
  const actions = [...unsupported, ...unset.map(({ action, why }) => ({ policy: name, action, why }))]
  const fault = restrictionFault?.why ?? realmFault(policy, realms)
  if (fault !== undefined) return { policy: undefined, omitted: [...actions, { policy: name, why: fault }] }
  const isEmpty = Object.keys(supported.action).length === 0 && actions.length > 0
  return { policy: isEmpty && policy.scope !== 'user' ? undefined : supported, omitted: actions }
}

const withoutActions = (actions: Policy['action'], omitted: readonly { readonly action: string }[]): Policy['action'] =>
  Object.fromEntries(Object.entries(actions).filter(([name]) => !omitted.some(({ action }) => action === name)))

const faultText = ({ policy, why }: OmittedPart): string => `${policy}: ${why}`
