/** The policies about users who have no token. */
import { done, type Outcome } from '../../refusal.ts'
import { LOGIN_ENROLLMENT_ACTIONS } from '../policy/actions/authentication.ts'
import { matchingPolicies, type PolicySet, type Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'
import { mayPassWithoutPhone } from './profile.ts'
import { unescapeCommas } from './texts.ts'

export interface EnrollmentOffer {
  /** The text beside the QR code on the login page. */
  readonly text: string
  /** Whether the user may cancel the enrollment and still pass. */
  readonly optional: boolean
}

interface WithoutTokenPolicy {
  /** The policy that lets the user pass. */
  readonly policy: string
  /** Absent if the user passes at once. */
  readonly enrollment?: EnrollmentOffer
}

/** Whether a user without a token passes, and whether the login enrolls a phone; undefined if no policy lets the user pass.
 *  Refuses: `policy_conflict`; `profile_contradicted` if the user would pass without a phone under a profile.
 *  Source: docs/protocol.md, "Enrollment during a login", golden 05-check-pin-policies. */
export function withoutTokenPolicy(set: PolicySet, situation: Situation): Outcome<WithoutTokenPolicy | undefined> {
  const bearing = matchingPolicies(set, 'authentication', 'passOnNoToken', situation)
  if (!bearing.ok) return bearing
  const [passing] = bearing.value
  if (passing === undefined) return done(undefined)
  const found = readActions(set, LOGIN_ENROLLMENT_ACTIONS, situation)
  if (!found.ok) return found
  const {
    enroll_via_multichallenge: type,
    enroll_via_multichallenge_text: text,
    enroll_via_multichallenge_optional: optional,
  } = found.value
  if (type === undefined || optional) {
    const because = type === undefined ? 'passOnNoToken' : 'enroll_via_multichallenge_optional'
    const may = mayPassWithoutPhone(set, situation, because)
    if (!may.ok) return may
  }
  if (type === undefined) return done({ policy: passing.name })
  return done({ policy: passing.name, enrollment: { text: unescapeCommas(text), optional } })
}

/** The policy that lets an unknown user pass; undefined if there is none.
 *  Refuses: `profile_contradicted` if that would be without a phone under a profile. */
export function unknownUserPolicy(set: PolicySet, situation: Situation): Outcome<string | undefined> {
  const passing = matchingPolicies(set, 'authentication', 'passOnNoUser', situation)
  if (!passing.ok) return passing
  const [policy] = passing.value
  if (policy === undefined) return done(undefined)
  const may = mayPassWithoutPhone(set, situation, 'passOnNoUser')
  return may.ok ? done(policy.name) : may
}
