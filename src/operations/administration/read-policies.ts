import type { PolicyHistory, PolicyVersion } from '../../ports/policies.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { type PolicyConflict, policyConflicts } from '../../rules/policy/conflicts.ts'
import type { Policy } from '../../vocabulary.ts'
import { authorize, type Credential } from '../access/identify.ts'

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

/** Reads a policy with its revision and what it was. A name that never had a policy has no versions. One batch of D1, at most 101 rows.
 *  Refuses: as `authorize`; `storage_unavailable`. */
export async function readPolicyHistory(
  ports: Ports,
  credential: Credential,
  name: string,
): Promise<Outcome<PolicyHistory>> {
  const authorized = await authorize(ports, credential, 'policyread')
  return authorized.ok ? ports.policies.history(name) : authorized
}

/** How many changes a page has. */
const PAGE = 50

/** Lists the changes of all policies, the newest first, 50 a page. `before`: a revision. One query of D1, 50 rows.
 *  Refuses: as `authorize`; `storage_unavailable`. */
export async function listPolicyChanges(
  ports: Ports,
  credential: Credential,
  before?: number,
): Promise<Outcome<{ readonly changes: readonly PolicyVersion[]; readonly next: number | null }>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  const found = await ports.policies.changes(PAGE, before)
  if (!found.ok) return found
  // The versions of one import have one revision, and stay on one page.
  const last = found.value.length < PAGE ? undefined : found.value.at(-1)?.revision
  const whole = found.value.filter(({ revision }) => revision !== last)
  const changes = whole.length === 0 ? found.value : whole
  return done({ changes, next: last === undefined ? null : (changes.at(-1)?.revision ?? null) })
}

/** Lists where active policies set an action differently for the same requests. Reads the snapshot only. Refuses: as `authorize`. */
export async function listPolicyConflicts(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly PolicyConflict[]>> {
  const authorized = await authorize(ports, credential, 'policyread')
  return authorized.ok ? done(policyConflicts(authorized.value.snapshot.policies)) : authorized
}
