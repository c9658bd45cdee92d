/** Whether a policy can be saved, as far as the policy itself says. */
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { parsePolicyForm } from '../../protocol/policy/policy-form.ts'
import type { PolicyFields } from '../../protocol/policy/policy-request.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import { checkPolicy } from '../../rules/policy/check-policy.ts'
import { directoryFaults } from '../../rules/policy/directory-faults.ts'
import { firebaseFaults } from '../../rules/policy/firebase-faults.ts'
import { realmFault } from '../../rules/policy/restriction-faults.ts'
import type { Policy } from '../../vocabulary.ts'
import { knownRealms } from '../access/new-user.ts'

/** Makes a policy of what was sent and of the stored one, which can be saved.
 *  Refuses: as `parsePolicyForm`; `policy_invalid`: what a login or an enrollment would refuse later. */
export function readPolicy(
  ports: Pick<Ports, 'delivery' | 'pinChecks'>,
  snapshot: Snapshot,
  name: string,
  fields: PolicyFields,
): Outcome<Policy> {
  const existing = snapshot.policies.find((policy) => policy.name === name)
  const parsed = parsePolicyForm(name, fields, existing)
  if (!parsed.ok) return parsed
  // The policy may keep a realm that has been deleted since.
  const keptRealms = existing?.realm.map((realm) => realm.toLowerCase()) ?? []
  const why = realmFault(parsed.value, new Set([...knownRealms(snapshot), ...keptRealms]))
  if (why !== undefined) return refuse({ reason: 'policy_invalid', why, field: 'realm' })
  return checkForSaving(ports, parsed.value)
}

/** Accepts a policy that can be saved. Of a stored one, what it needs may be gone since. Refuses: `policy_invalid`. */
export function checkForSaving(
  { delivery, pinChecks }: Pick<Ports, 'delivery' | 'pinChecks'>,
  policy: Policy,
): Outcome<Policy> {
  const checked = checkPolicy(policy)
  if (!checked.ok) return checked
  const [fault] = [
    ...firebaseFaults(checked.value, (gateway) => delivery.knows(gateway)),
    ...directoryFaults(checked.value, pinChecks.passwords !== undefined),
  ]
  return fault === undefined ? checked : refuse({ reason: 'policy_invalid', field: 'action', ...fault })
}

/** The policies, with this one in place of the one with its name. */
export const withPolicy = (policies: readonly Policy[], policy: Policy): readonly Policy[] => [
  ...policies.filter(({ name }) => name !== policy.name),
  policy,
]
