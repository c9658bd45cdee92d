/** What `push_profile=nist-63b4` requires of a login, and what contradicts it. Reasons: docs/nist-63b4.md. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Policy, TokenType } from '../../vocabulary.ts'
import { AUTHENTICATION_ACTIONS } from '../policy/actions/authentication.ts'
import { matchingPolicies, type PolicySet, singleValue, type Situation } from '../policy/policy-set.ts'
import type { SystemSettings } from '../deployment/system-settings.ts'

const LEAST_DIGITS = 6
/** Longest time from opening a login to finalizing it, in seconds: as long as a code may be valid. */
const LONGEST_SECONDS = 600

type Value = string | true
type Shortcoming = readonly [action: string, fallsShort: (value: Value) => boolean]

/** Settings that make a login weaker than a code of six digits, which the user carries from the phone to the login page. */
const AT_LOGIN: readonly Shortcoming[] = [
  ['push_wait', (value) => Number(value) > 0],
  ['push_require_presence', (value) => value === true],
  ['push_code_to_phone_digits', (value) => Number(value) < LEAST_DIGITS],
]
/** The setting that lets a user without a phone log in. */
const WITHOUT_PHONE: Shortcoming = ['enroll_via_multichallenge_optional', (value) => value === true]

/** Describes what in a policy contradicts its own profile; undefined if nothing does. */
export function profileFault({ action }: Pick<Policy, 'action'>): string | undefined {
  const profile = action['push_profile']
  if (profile === undefined) return undefined
  const short = [...AT_LOGIN, WITHOUT_PHONE].find(([name, fallsShort]) => {
    const value = action[name]
    return value !== undefined && fallsShort(value)
  })
  if (short === undefined) return undefined
  const [name] = short
  return `${settingText(name, action[name])} falls short of push_profile=${profile}: a login has to be a code to phone of ${LEAST_DIGITS} digits or more`
}

/** Describes why these policies and system settings contradict each other; undefined if they do not. */
export function settingsFault(policies: readonly Policy[], system: SystemSettings): string | undefined {
  const asking = policies.find(
    ({ active, scope, action }) => active && scope === 'authentication' && action['push_profile'] !== undefined,
  )
  const short = shortIn(system)
  if (asking === undefined || short === undefined) return undefined
  return `${short}, which falls short of push_profile=nist-63b4 in the policy '${asking.name}'`
}

/** Describes what in the settings contradicts a profile: a code that is valid too long, or failed attempts that time
 *  forgives. */
function shortIn({ validFor, grace, forgivenAfter }: SystemSettings): string | undefined {
  if (forgivenAfter !== undefined) return `failcounter_clear_timeout (${forgivenAfter / 60}) forgives failed attempts`
  if (validFor + grace <= LONGEST_SECONDS) return undefined
  return `PushChallengeValidityTime (${validFor}) and PushChallengeFinalizeGrace (${grace}) are more than ${LONGEST_SECONDS} seconds together`
}

/** Answers whether a profile applies to a login by tokens of this type.
 *  Refuses: `profile_contradicted`, if another policy, the system settings or the app make the login weaker;
 *  `policy_conflict`, `condition_unknown`. */
export function profileApplies(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  system: SystemSettings,
): Outcome<boolean> {
  const found = matchingPolicies(set, 'authentication', 'push_profile', situation)
  if (!found.ok) return found
  const [asking] = found.value
  if (asking === undefined) return done(false)
  for (const [name, fallsShort] of AT_LOGIN) {
    const value = singleValue(set, 'authentication', name, situation)
    if (!value.ok) return value
    if (value.value !== undefined && fallsShort(value.value)) return contradicted(set, asking, name, situation)
  }
  if (!AUTHENTICATION_ACTIONS.actions.push_code_to_phone.apps.includes(type)) {
    const short = `a token of type ${type}, whose app shows no code`
    return refuse({ reason: 'profile_contradicted', profile: asking.name, shortcoming: short })
  }
  // Refused when either is written; but two administrators can write both at the same moment.
  const short = shortIn(system)
  return short === undefined
    ? done(true)
    : refuse({ reason: 'profile_contradicted', profile: asking.name, shortcoming: short })
}

/** Allows this user to log in without a phone because of an action. Refuses: `profile_contradicted`, `policy_conflict`,
 *  `condition_unknown`. */
export function mayPassWithoutPhone(set: PolicySet, situation: Situation, because: string): Outcome<void> {
  const found = matchingPolicies(set, 'authentication', 'push_profile', situation)
  if (!found.ok) return found
  const [asking] = found.value
  return asking === undefined ? done(undefined) : contradicted(set, asking, because, situation)
}

function contradicted(set: PolicySet, asking: Policy, action: string, situation: Situation): Outcome<never> {
  const found = matchingPolicies(set, 'authentication', action, situation)
  if (!found.ok) return found
  const [by] = found.value
  const short = `${settingText(action, by?.action[action])} in the policy '${by?.name ?? ''}'`
  return refuse({ reason: 'profile_contradicted', profile: asking.name, shortcoming: short })
}

const settingText = (name: string, value: Value | undefined): string =>
  value === undefined || value === true ? name : `${name}=${value}`
