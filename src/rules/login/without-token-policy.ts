/** What happens at the login of a user without a token. */
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Language } from '../../vocabulary.ts'
import { LOGIN_ENROLLMENT_ACTIONS } from '../policy/actions/authentication.ts'
import { isConfirmed } from '../policy/combinations.ts'
import { matchingPolicies, type PolicySet, type Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'
import { mayPassWithoutPhone } from './profile.ts'
import { unescapeCommas } from './texts.ts'

export interface EnrollmentOffer {
  /** The text that the login page shows beside the code. */
  readonly text: string
  /** Whether the user may decline and still log in. */
  readonly optional: boolean
}

interface WithoutTokenPolicy {
  /** The name of the policy that lets the user pass. */
  readonly policy: string
  /** Absent if the user passes at once. */
  readonly enrollment?: EnrollmentOffer
}

/** Decides whether a user without a token passes, and whether they enroll a phone on the way; undefined if no policy lets
 *  them. `isAnonymous`: the caller has no key.
 *  Refuses: `policy_conflict`, `condition_unknown`; `profile_contradicted`, if the user would pass without a phone under
 *  a profile; `anonymous_enrollment_unconfirmed`. Source: docs/protocol.md, "Enrollment during a login"; golden 05-check-pin-policies. */
export function withoutTokenPolicy(
  set: PolicySet,
  situation: Situation,
  language: Language,
  isAnonymous: boolean,
): Outcome<WithoutTokenPolicy | undefined> {
  const bearing = matchingPolicies(set, 'authentication', 'passOnNoToken', situation)
  if (!bearing.ok) return bearing
  const [passing] = bearing.value
  if (passing === undefined) return done(undefined)
  const found = readActions(set, LOGIN_ENROLLMENT_ACTIONS, situation)
  if (!found.ok) return found
  const {
    enroll_via_multichallenge: type,
    enroll_via_multichallenge_text: text = DEFAULT_TEXTS[language].scanCode,
    enroll_via_multichallenge_optional: optional,
  } = found.value
  if (type === undefined || optional) {
    const because = type === undefined ? 'passOnNoToken' : 'enroll_via_multichallenge_optional'
    const may = mayPassWithoutPhone(set, situation, because)
    if (!may.ok) return may
  }
  if (type === undefined) return done({ policy: passing.name })
  if (isAnonymous) {
    const enrolling = matchingPolicies(set, 'authentication', 'enroll_via_multichallenge', situation)
    if (!enrolling.ok) return enrolling
    const [pass, enroll] = [bearing.value, enrolling.value].map((all) => all.find((policy) => !isConfirmed(policy)))
    // Refused when it is written, but it may have been stored before Nod refused it, or before ANONYMOUS_CHECK was set.
    if (pass !== undefined && enroll !== undefined)
      return refuse({ reason: 'anonymous_enrollment_unconfirmed', passing: pass.name, enrolling: enroll.name })
  }
  return done({ policy: passing.name, enrollment: { text: unescapeCommas(text), optional } })
}

/** Finds the policy that lets an unknown user pass; undefined if there is none.
 *  Refuses: `profile_contradicted`, `policy_conflict`, `condition_unknown`. */
export function unknownUserPolicy(set: PolicySet, situation: Situation): Outcome<string | undefined> {
  const passing = matchingPolicies(set, 'authentication', 'passOnNoUser', situation)
  if (!passing.ok) return passing
  const [policy] = passing.value
  if (policy === undefined) return done(undefined)
  const may = mayPassWithoutPhone(set, situation, 'passOnNoUser')
  return may.ok ? done(policy.name) : may
}
