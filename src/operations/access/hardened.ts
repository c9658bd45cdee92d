import type { Ports } from '../../ports/ports.ts'
import { any } from '../../rules/policy/policy.ts'
import type { Hardening } from '../../rules/login/terms.ts'
import { hardening } from '../../rules/login/terms.ts'
import type { Source } from '../../vocabulary.ts'
import { situationOf } from '../login/subject.ts'

/** What answers give away less of, as far as this isolate knows the deployment. It is not asked for: an answer to a phone
 *  must not wait for the catalogue. */
export function hardened(
  { deployment, now }: Pick<Ports, 'deployment' | 'now'>,
  source: Source,
): Hardening | undefined {
  const snapshot = deployment.known()
  if (snapshot === undefined || !(any(snapshot.policySet, 'hardening') || any(snapshot.policySet, 'token')))
    return undefined
  return hardening(snapshot.policySet, situationOf({}, source, now()))
}
