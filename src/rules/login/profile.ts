/** What `push_profile=nist-63b4` requires of a login, and what contradicts it. Reasons: docs/nist-63b4.md. */
import { isCommonPin } from '../../passwords/rule.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import { type Owner, type Policy, type Seconds, seconds, type TokenType } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import type { SystemSettings } from '../deployment/system-settings.ts'
import { actionNameFor } from '../policy/actions/apps.ts'
import { AUTHENTICATION_ACTIONS } from '../policy/actions/authentication.ts'
import {
  matchingPolicies,
  policiesAboutOwner,
  type PolicySet,
  singleValue,
  type Situation,
} from '../policy/policy-set.ts'
import type { EnrollmentPolicy } from '../token/enrollment-policy.ts'

const LEAST_DIGITS = 6
/** Longest time from opening a login to finalizing it, in seconds: as long as a code may be valid. */
const LONGEST_SECONDS = 600
/** Most failed attempts before a token is locked. */
const MOST_ATTEMPTS = 100
/** Fewest characters of a PIN that is set. */
const LEAST_PIN = 8
/** Longest time a phone has to register, in minutes. */
const LONGEST_TTL = 10

type Value = string | true
type Shortcoming = readonly [action: string, fallsShort: (value: Value) => boolean]

/** Settings that make a login weaker than a code of six digits, which the user carries from the phone to the login page. */
const AT_LOGIN: readonly Shortcoming[] = [
  ['push_wait', (value) => Number(value) > 0],
  ['push_require_presence', (value) => value === true],
  ['push_code_to_phone_digits', (value) => Number(value) < LEAST_DIGITS],
  ['push_ssl_verify', (value) => value === '0'],
  ['push_firewall', (value) => value !== 'on'],
]
/** The setting that lets a user without a phone log in. */
const WITHOUT_PHONE: Shortcoming = ['enroll_via_multichallenge_optional', (value) => value === true]

/** Settings that bind a phone in a weak way. */
const AT_ENROLLMENT: readonly Shortcoming[] = [
  ['push_ssl_verify', (value) => value === '0'],
  ['push_ttl', (value) => Number(value) > LONGEST_TTL],
  ['push_registration_url', (value) => value !== true && isUnencrypted(value)],
]
const RANDOM_PIN: Shortcoming = ['otp_pin_random', (value) => Number(value) < LEAST_PIN]
/** Settings that allow or require short PINs, or PINs made of certain characters. */
const OF_PINS: readonly Shortcoming[] = [
  ['otp_pin_minlength', (value) => Number(value) < LEAST_PIN],
  ['otp_pin_maxlength', (value) => Number(value) < LEAST_PIN],
  ['otp_pin_contents', () => true],
]

/** What falls short of the profile, by the scope of its policy. */
export const SHORTCOMINGS: Readonly<Record<string, readonly Shortcoming[]>> = {
  authentication: AT_LOGIN,
  enrollment: [...AT_ENROLLMENT, RANDOM_PIN],
  admin: OF_PINS,
  user: OF_PINS,
}

/** Whether what is sent to this URL can be read on the way. A loopback address leads nowhere. */
const isUnencrypted = (url: string): boolean => /^http:/i.test(url.trim()) && !isLoopback(new URL(url.trim()).hostname)
const isLoopback = (host: string): boolean => /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(host)

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

/** Describes what in the settings contradicts a profile: a code that is valid too long, failed attempts that time forgives, or
 *  too many of them; undefined if nothing does. */
export function systemShortcoming({ validFor, grace, forgivenAfter, maxAttempts }: SystemSettings): string | undefined {
  if (maxAttempts > MOST_ATTEMPTS)
    return `DefaultMaxFailCount (${maxAttempts}) is more than ${MOST_ATTEMPTS} failed attempts`
  if (forgivenAfter !== undefined) return `failcounter_clear_timeout (${forgivenAfter / 60}) forgives failed attempts`
  if (validFor + grace <= LONGEST_SECONDS) return undefined
  return `PushChallengeValidityTime (${validFor}) and PushChallengeFinalizeGrace (${grace}) are more than ${LONGEST_SECONDS} seconds together`
}

/** Describes why phones may not register at this address under a profile; undefined if they may. */
export const addressShortcoming = (name: string, url: string): string | undefined =>
  isUnencrypted(url) ? `${name}=${url} is not encrypted` : undefined

/** Answers the policy whose profile applies to a login by tokens of this type; undefined if none does.
 *  Refuses: `profile_contradicted`, if another policy, the system settings or the app make the login weaker;
 *  `policy_conflict`, `condition_unknown`. */
export function profileApplies(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  system: SystemSettings,
): Outcome<string | undefined> {
  const found = matchingPolicies(set, 'authentication', 'push_profile', situation)
  if (!found.ok) return found
  const [asking] = found.value
  if (asking === undefined) return done(undefined)
  for (const [name, fallsShort] of AT_LOGIN) {
    const value = singleValue(set, 'authentication', name, situation)
    if (!value.ok) return value
    if (value.value !== undefined && fallsShort(value.value)) return contradicted(set, asking, name, situation)
  }
  if (!AUTHENTICATION_ACTIONS.actions.push_code_to_phone.apps.includes(type)) {
    const short = `a token of type ${type}, whose app shows no code`
    return refuse({ reason: 'profile_contradicted', profile: asking.name, shortcoming: short })
  }
  const url = singleValue(set, 'enrollment', 'push_registration_url', situation)
  if (!url.ok) return url
  if (typeof url.value === 'string' && isUnencrypted(url.value))
    return contradicted(set, asking, 'push_registration_url', situation, 'enrollment')
  // Refused when either is written; but two administrators can write both at the same moment, and backups hold what they hold.
  const short = systemShortcoming(system)
  return short === undefined
    ? done(asking.name)
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

/** Accepts a token for a login under a profile. `profile`: the name of the policy that asks for it.
 *  Refuses: `profile_contradicted`. */
export function checkTokenForProfile(
  { maxAttempts, registrationUrl, serial }: Pick<Token, 'maxAttempts' | 'registrationUrl' | 'serial'>,
  profile: string,
  policyUrl: string | undefined,
): Outcome<void> {
  const short =
    maxAttempts > MOST_ATTEMPTS
      ? `the token ${serial} is locked after ${maxAttempts} failed attempts, not after ${MOST_ATTEMPTS} or fewer`
      : addressShortcoming(`the address of the token ${serial}`, policyUrl ?? registrationUrl)
  return short === undefined ? done(undefined) : refuse({ reason: 'profile_contradicted', profile, shortcoming: short })
}

/** The policy whose profile enrollments and PINs of this owner have to meet, whatever login it is about; undefined if there is none. */
const profileAbout = (set: PolicySet, owner: Owner | undefined): Policy | undefined =>
  policiesAboutOwner(set, 'authentication', 'push_profile', owner)[0]

/** Accepts the enrollment of a phone for this owner. Refuses: `profile_contradicted`, `policy_conflict`, `condition_unknown`. */
export function checkEnrollmentForProfile(
  set: PolicySet,
  situation: Situation,
  { ttlMinutes, sslVerify, registrationUrl }: Pick<EnrollmentPolicy, 'ttlMinutes' | 'sslVerify' | 'registrationUrl'>,
  type: TokenType,
): Outcome<void> {
  const asking = profileAbout(set, situation.owner)
  if (asking === undefined) return done(undefined)
  const values: Readonly<Record<string, string>> = {
    push_ttl: String(ttlMinutes),
    push_ssl_verify: sslVerify ? '1' : '0',
    push_registration_url: registrationUrl,
  }
  const [name] = AT_ENROLLMENT.find(([action, fallsShort]) => fallsShort(values[action] ?? '')) ?? []
  if (name === undefined) return done(undefined)
  return contradicted(set, asking, actionNameFor(type, name), situation, 'enrollment', values[name])
}

/** For how many seconds a phone of this owner may register with a QR code: `validFor`, and `slack` for a request that is on its way.
 *  Under a profile ten minutes at most. */
export const registrationTime = (
  set: PolicySet,
  owner: Owner | undefined,
  validFor: Seconds,
  slack: Seconds,
): Seconds =>
  seconds(profileAbout(set, owner) === undefined ? validFor + slack : Math.min(validFor + slack, LONGEST_TTL * 60))

/** Accepts a random PIN of so many digits for a new token of this owner. Refuses: as `checkEnrollmentForProfile`. */
export function checkRandomPinForProfile(set: PolicySet, situation: Situation, digits: number): Outcome<void> {
  const asking = profileAbout(set, situation.owner)
  if (asking === undefined || digits >= LEAST_PIN) return done(undefined)
  return contradicted(set, asking, 'otp_pin_random', situation, 'enrollment')
}

/** What is wrong with a PIN for this owner under a profile, or undefined if nothing is. A token may have none: then something else
 *  that the user knows has to be checked by the service. */
export function pinShortcoming(set: PolicySet, owner: Owner | undefined, pin: string): string | undefined {
  const length = Array.from(pin).length
  const isShort = length < LEAST_PIN
  if (length === 0 || !(isShort || isCommonPin(pin))) return undefined
  const asking = profileAbout(set, owner)
  const wanted = isShort
    ? `a PIN has ${LEAST_PIN} characters or more`
    : 'this PIN is one of those that are guessed first'
  return asking && `The policy '${asking.name}' asks for the profile nist-63b4: ${wanted}`
}

function contradicted(
  set: PolicySet,
  asking: Policy,
  action: string,
  situation: Situation,
  scope = 'authentication',
  otherwise?: string,
): Outcome<never> {
  const found = matchingPolicies(set, scope, action, situation)
  if (!found.ok) return found
  const [by] = found.value
  const short =
    by === undefined
      ? `${settingText(action, otherwise)}, which is the default`
      : `${settingText(action, by.action[action])} in the policy '${by.name}'`
  return refuse({ reason: 'profile_contradicted', profile: asking.name, shortcoming: short })
}

export const settingText = (name: string, value: Value | undefined): string =>
  value === undefined || value === true ? name : `${name}=${value}`
