import type { Ports } from '../../ports/ports.ts'
import { hasActivePolicy } from '../../rules/policy/policy-set.ts'
import { hardeningPolicy, type HardeningPolicy } from '../../rules/login/authorization-policy.ts'
import type { Source } from '../../vocabulary.ts'
import { situationOf } from '../login/login-subject.ts'

/** What answers leave out for strangers, by the policies this isolate knows. The catalogue is not asked, because an answer to a
 *  phone must not wait for it. */
export function currentHardening(
  { deployment, now }: Pick<Ports, 'deployment' | 'now'>,
  source: Source,
): HardeningPolicy | undefined {
  const snapshot = deployment.cached()
  if (
    snapshot === undefined ||
    !(hasActivePolicy(snapshot.policySet, 'hardening') || hasActivePolicy(snapshot.policySet, 'token'))
  )
    return undefined
  return hardeningPolicy(snapshot.policySet, situationOf({}, source, now()))
}
