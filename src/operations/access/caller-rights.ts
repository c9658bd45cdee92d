import type { Ports, Snapshot } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { grantedRights } from '../../rules/policy/rights.ts'
import type { Right } from '../../rules/policy/actions/rights.ts'
import type { Caller } from '../../vocabulary.ts'
import { actorOf, authorize, type Credential, type RequestOrigin, requestOriginOf, roleAllows } from './identify.ts'

/** The rights that role and policies give a caller over at least one user or token. */
export const rightsFor = ({ policySet }: Snapshot, caller: Caller, from: RequestOrigin): readonly Right[] =>
  grantedRights(policySet, actorOf(caller, from), (right) => roleAllows(caller, right))

/** Answers the caller's rights. Refuses: as `authorize`. */
export async function callerRights(
  ports: Pick<Ports, 'deployment' | 'tokens' | 'journal' | 'subjects'>,
  credential: Credential,
): Promise<Outcome<readonly Right[]>> {
  const authorized = await authorize(ports, credential, 'oneself')
  if (!authorized.ok) return authorized
  const { caller, snapshot } = authorized.value
  return done(rightsFor(snapshot, caller, requestOriginOf(credential)))
}
