/** Combinations of settings that let in somebody who should not be, each half of which is fine alone. They are refused when the
 *  second half is written. Reasons: docs/decisions/0043-combinations-are-refused.md. */
import { ANONYMOUS_ENROLLMENT, type Policy } from '../../vocabulary.ts'
import type { SystemSettings } from '../deployment/system-settings.ts'
import { addressShortcoming, settingText, SHORTCOMINGS, systemShortcoming } from '../login/profile.ts'
import { canOverlap, coversBoth, forAnyRequest } from './overlap.ts'

/** Everything whose combinations are looked at. */
export interface CombinedSettings {
  readonly policies: readonly Policy[]
  readonly system: SystemSettings
  /** Where phones reach Nod, unless a policy says. */
  readonly publicUrl: string | undefined
  /** Whether callers without a credential may check. */
  readonly anonymousCheck: boolean
}

/** Halves that do not go together. */
export interface CombinationFault {
  /** The names of the policies, the one to change first. */
  readonly policies: readonly string[]
  /** Names both halves. */
  readonly why: string
}

/** Finds what a change brings about: a combination that was not there before, or one that a written policy is half of. A
 *  combination that was stored before Nod refused it hinders no other change. */
export function faultsOfChange(
  before: CombinedSettings,
  after: CombinedSettings,
  written: readonly string[],
): readonly CombinationFault[] {
  const faults = combinationFaults(after)
  if (faults.length === 0) return faults
  const known = new Set(combinationFaults(before).map(({ why }) => why))
  return faults.filter(({ policies, why }) => !known.has(why) || policies.some((name) => written.includes(name)))
}

/** Finds every combination that is not confirmed. */
export function combinationFaults(settings: CombinedSettings): readonly CombinationFault[] {
  const active = settings.policies.filter((policy) => policy.active)
  const asking = active.filter((policy) => isSetting(policy, 'authentication', 'push_profile'))
  return [
    ...asking.flatMap((profile) => profileFaults(profile, active, settings)),
    ...(settings.anonymousCheck ? anonymousEnrollments(active) : []),
  ]
}

function profileFaults(
  profile: Policy,
  active: readonly Policy[],
  { system, publicUrl }: CombinedSettings,
): readonly CombinationFault[] {
  const falling = `which falls short of push_profile=nist-63b4 in the policy '${profile.name}'`
  const namesAddress = active.some((policy) => isSetting(policy, 'enrollment', 'push_registration_url'))
  const general = [
    systemShortcoming(system),
    publicUrl === undefined || namesAddress ? undefined : addressShortcoming('PUBLIC_URL', publicUrl),
  ].flatMap((short) => (short === undefined ? [] : [{ policies: [profile.name], why: `${short}, ${falling}` }]))
  return [
    ...general,
    ...active.flatMap((policy) =>
      shortcomingsOf(policy, profile, active).map((setting) => ({
        policies: [policy.name, profile.name],
        why: `${setting} in the policy '${policy.name}', ${falling}: both may apply to the same user`,
      })),
    ),
  ]
}

/** The settings of a policy that fall short of the profile of another one, for a user to whom both can apply. */
function shortcomingsOf(policy: Policy, profile: Policy, active: readonly Policy[]): readonly string[] {
  // A login and an enrollment are different requests.
  const asking = policy.scope === profile.scope ? profile : forAnyRequest(profile)
  const meeting = policy.scope === profile.scope ? policy : forAnyRequest(policy)
  const short = (SHORTCOMINGS[policy.scope] ?? []).filter(([name, fallsShort]) => {
    const value = policy.action[name]
    return value !== undefined && fallsShort(value)
  })
  if (short.length === 0 || !canOverlap(meeting, asking)) return []
  return short.flatMap(([name, fallsShort]) => {
    const isOverruled = active.some(({ action, ...other }) => {
      const value = action[name]
      const decides = other.scope === policy.scope && other.priority < policy.priority
      return decides && value !== undefined && !fallsShort(value) && coversBoth(other, policy, asking)
    })
    return isOverruled ? [] : [settingText(name, policy.action[name])]
  })
}

/** A caller without a key, who names a user without a phone, would be shown the code to enroll one: their own. */
function anonymousEnrollments(active: readonly Policy[]): readonly CombinationFault[] {
  const unconfirmed = active.filter((policy) => !isConfirmed(policy))
  const passing = unconfirmed.filter((policy) => isSetting(policy, 'authentication', 'passOnNoToken'))
  const enrolling = unconfirmed.filter((policy) => isSetting(policy, 'authentication', 'enroll_via_multichallenge'))
  const keys = active.filter((policy) => isSetting(policy, 'authorization', 'api_key_required'))
  return passing.flatMap((pass) =>
    enrolling
      .filter((enroll) => canOverlap(pass, enroll) && !keys.some((key) => coversBoth(key, pass, enroll)))
      .map((enroll) => ({ policies: [enroll.name, pass.name], why: anonymousEnrollmentText(pass.name, enroll.name) })),
  )
}

const anonymousEnrollmentText = (passing: string, enrolling: string): string =>
  `passOnNoToken in the policy '${passing}' and enroll_via_multichallenge in the policy '${enrolling}' let anybody enroll a ` +
  'phone for a user without one, because ANONYMOUS_CHECK lets callers check without a service key. Set api_key_required for ' +
  `these users first, or write one of the two with confirm=${ANONYMOUS_ENROLLMENT}`

/** Whether callers without a key may enroll by this policy, as its author confirmed. */
export const isConfirmed = ({ confirm = [] }: Pick<Policy, 'confirm'>): boolean =>
  confirm.includes(ANONYMOUS_ENROLLMENT)

/** Describes why there is nothing to confirm in a policy; undefined if there is, or if it confirms nothing. */
export function confirmationFault(policy: Policy): string | undefined {
  if (!isConfirmed(policy) || isHalf(policy)) return undefined
  return `confirm=${ANONYMOUS_ENROLLMENT}: there is nothing to confirm without passOnNoToken or enroll_via_multichallenge`
}

/** Whether a policy is one half of an enrollment during a login. */
export const isHalf = ({ scope, action }: Pick<Policy, 'scope' | 'action'>): boolean =>
  scope === 'authentication' &&
  (Object.hasOwn(action, 'passOnNoToken') || Object.hasOwn(action, 'enroll_via_multichallenge'))

const isSetting = (policy: Policy, scope: string, action: string): boolean =>
  policy.scope === scope && Object.hasOwn(policy.action, action)
