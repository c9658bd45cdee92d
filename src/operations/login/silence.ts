import type { Ports } from '../../ports/ports.ts'
import type { Subject } from '../../protocol/login/client-request.ts'
import { isNamed } from '../../rules/policy/policy.ts'
import { silence } from '../../rules/login/terms.ts'
import type { Source } from '../../vocabulary.ts'
import { believed, givenOf, situationOf, whose } from './subject.ts'

/** What a login that failed does not tell, as far as this isolate knows the policies; whom it is about is looked up where one
 *  of them hides anything. */
export async function silenceOn(
  ports: Pick<Ports, 'catalogue' | 'deployment' | 'now'>,
  from: Source,
  subject: Subject,
): Promise<ReturnType<typeof silence>> {
  const known = await ports.deployment.any()
  if (!known.ok) return { why: false, everything: false }
  const { policySet } = known.value
  const hides =
    isNamed(policySet, 'authentication', 'hide_specific_error_message') ||
    isNamed(policySet, 'authorization', 'no_detail_on_fail')
  if (!hides) return { why: false, everything: false }
  const source = believed(from, known.value)
  const owner = await whose(ports, subject, known.value, source)
  // Where nobody can say whom it is about, the least is told.
  if (!owner.ok) return { why: true, everything: true }
  return silence(policySet, situationOf({ owner: owner.value, given: givenOf(subject) }, source, ports.now()))
}
