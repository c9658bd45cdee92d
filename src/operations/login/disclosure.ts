import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import { disclosurePolicy } from '../../rules/login/authorization-policy.ts'
import type { Source } from '../../vocabulary.ts'
import { resolveSource, userInputOf, situationOf, findOwner } from './login-subject.ts'

/** What a login that failed does not tell, as far as this isolate knows the policies; whom it is about is looked up where one
 *  of them hides anything. */
export async function disclosureFor(
  ports: Pick<Ports, 'subjects' | 'tokens' | 'deployment' | 'now'>,
  from: Source,
  subject: SubjectFields,
): Promise<ReturnType<typeof disclosurePolicy>> {
  const known = await ports.deployment.any()
  if (!known.ok) return { why: false, everything: false }
  const { policySet } = known.value
  const hides =
    isActionUsed(policySet, 'authentication', 'hide_specific_error_message') ||
    isActionUsed(policySet, 'authorization', 'no_detail_on_fail')
  if (!hides) return { why: false, everything: false }
  const source = resolveSource(from, known.value)
  const owner = await findOwner(ports, subject, known.value, source)
  // Where nobody can say whom it is about, the least is told.
  if (!owner.ok) return { why: true, everything: true }
  return disclosurePolicy(
    policySet,
    situationOf({ owner: owner.value, given: userInputOf(subject) }, source, ports.now()),
  )
}
