import type { Ports } from '../ports/ports.ts'
import type { Subject } from '../protocol/client-request.ts'
import { silence } from '../rules/terms.ts'
import type { Source } from '../vocabulary.ts'
import { believed, givenOf, loginOwner, situationOf } from './subject.ts'

/** What a login that failed does not tell, as far as this isolate knows the deployment. */
export async function silenceOn(
  { deployment, now }: Pick<Ports, 'deployment' | 'now'>,
  from: Source,
  subject: Subject,
): Promise<ReturnType<typeof silence>> {
  const snapshot = await deployment.any()
  if (!snapshot.ok) return { why: false, everything: false }
  const source = believed(from, snapshot.value)
  const given = givenOf(subject)
  const owner = given && loginOwner(given, snapshot.value, source, now())
  return silence(snapshot.value.policySet, situationOf({ owner, given }, source, now()))
}
