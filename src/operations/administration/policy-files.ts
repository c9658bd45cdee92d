import type { Ports } from '../../ports/ports.ts'
import { parsePolicyFile } from '../../protocol/policy/policy-file.ts'
import type { PolicyFileFields } from '../../protocol/policy/policy-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { inspectPolicy } from '../../rules/policy/check-policy.ts'
import { settingsFault } from '../../rules/login/profile.ts'
import { realmFault } from '../../rules/policy/restriction-faults.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Policy, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { knownRealms, policyLockoutFault } from './policies.ts'

/** What of a file was not taken: an action, or without one the whole policy. */
interface OmittedPart {
  readonly policy: string
  readonly action?: string
  readonly why: string
}

interface ImportResult {
  readonly policies: readonly string[]
  readonly leftOut: readonly OmittedPart[]
}

/** All policies of the file hold from the next login on, in place of those that had their names; or none of them.
 *  Refuses: who may not; a file that cannot be read; `import_unfit`, naming all that is unfit or not carried out, unless
 *  the request says `skip`: then that is left out, and a policy whose restrictions cannot be followed as a whole. */
export async function importPolicies(
  ports: Ports,
  credential: Credential,
  source: Source,
  file: string,
  sent: PolicyFileFields,
): Promise<Outcome<ImportResult>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'policywrite',
    'POST /policy/import/<filename>',
    file,
  )
  if (!acting.ok) return acting
  const { snapshot, entry } = acting.value
  const read = parsePolicyFile(sent)
  if (!read.ok) return read
  const looked = read.value.map((policy) => fitting(policy, knownRealms(snapshot)))
  const leftOut = looked.flatMap((one) => one.leftOut)
  if (leftOut.length > 0 && !sent.skip) return refuse({ reason: 'import_unfit', faults: leftOut.map(said) })
  const policies = looked.flatMap(({ policy }) => policy ?? [])
  const replaced = new Set(policies.map(({ name }) => name))
  const others = snapshot.policies.filter(({ name }) => !replaced.has(name))
  const fault =
    settingsFault(policies, readSystemSettings(snapshot.settings)) ??
    policyLockoutFault(snapshot, entry, [...others, ...policies])
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const saved = await ports.policies.saveAll(policies, entry)
  await ports.deployment.fresh()
  return saved.ok ? done({ policies: policies.map(({ name }) => name), leftOut }) : saved
}

/** What can be kept of a policy: undefined if nothing can. */
function fitting(
  policy: Policy,
  realms: ReadonlySet<string>,
): { readonly policy: Policy | undefined; readonly leftOut: readonly OmittedPart[] } {
  const { name } = policy
  const { policy: written, actionFaults: unfit, fault: unfollowed } = inspectPolicy(policy)
  const actions = unfit.map(({ action, why, isUnknown }) => {
    return { policy: name, action, why: isUnknown ? `there is no action ${action} in this scope` : why }
  })
  const fault = unfollowed ?? realmFault(policy, realms)
  if (fault !== undefined) return { policy: undefined, leftOut: [...actions, { policy: name, why: fault }] }
  // Of a policy that only had what Nod does not carry out there is nothing left to keep.
  const isEmpty = Object.keys(written.action).length === 0 && actions.length > 0
  return { policy: isEmpty && policy.scope !== 'user' ? undefined : written, leftOut: actions }
}

const said = ({ policy, why }: OmittedPart): string => `${policy}: ${why}`
