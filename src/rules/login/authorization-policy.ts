/** Whether and how often a login is allowed, by which tokens, and what its answer holds. Fixed when the login opens. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Quota } from '../deployment/quota.ts'
import { ATTEMPT_ACTIONS, LOGIN_ACTIONS, REPEAT_ACTIONS } from '../policy/actions/authentication.ts'
import { AUTHORIZATION_ACTIONS } from '../policy/actions/authorization.ts'
import { HARDENING_ACTIONS, PHONE_ERROR_ACTIONS } from '../policy/actions/deployment.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { only, readActions } from '../policy/read-actions.ts'

export interface AuthorizationPolicy {
  /** How many wrong PINs the owner may enter. */
  readonly failureQuota?: Quota
  /** How many logins of the owner may be finalized. */
  readonly successQuota?: Quota
  /** Whether only services with a key may check. */
  readonly requiresKey: boolean
  /** Whether the caller may restrict the login to one type of token. */
  readonly honorsTokenType: boolean
  readonly disabledTypes: ReadonlySet<string>
  /** Whether a success resets the failed attempts of all tokens of the owner. */
  readonly resetsAllTokens: boolean
  /** Whether a challenge counts as a failed attempt. */
  readonly countsChallengeAsFailure: boolean
  /** The names of the services whose repeated requests join the login of the first. */
  readonly joiningServices: readonly string[]
  readonly detail: SuccessDetailPolicy
}

/** What the answer to a successful login holds besides. */
export interface SuccessDetailPolicy {
  readonly includesUser: boolean
  readonly includesResolver: boolean
  readonly isEmpty: boolean
}

/** Reads the policies about a login as a whole. Refuses: `not_authorized`, `policy_conflict`, `condition_unknown`.
 *  Source: docs/protocol.md, "General actions". */
export function authorizationPolicy(set: PolicySet, situation: Situation): Outcome<AuthorizationPolicy> {
  const found = readActions(set, AUTHORIZATION_ACTIONS, situation)
  if (!found.ok) return found
  const attempts = readActions(set, ATTEMPT_ACTIONS, situation)
  if (!attempts.ok) return attempts
  const repeats = readActions(set, REPEAT_ACTIONS, situation)
  if (!repeats.ok) return repeats
  const policy = found.value
  if (policy.authorized === 'deny_access') return refuse({ reason: 'not_authorized' })
  return done({
    failureQuota: policy.auth_max_fail,
    successQuota: policy.auth_max_success,
    requiresKey: policy.api_key_required,
    honorsTokenType: policy.application_tokentype,
    disabledTypes: new Set(attempts.value.disabled_token_types.map((type) => type.toLowerCase())),
    resetsAllTokens: attempts.value.reset_all_user_tokens,
    countsChallengeAsFailure: attempts.value.increase_failcounter_on_challenge,
    joiningServices: repeats.value.join_repeated_requests,
    detail: {
      includesUser: policy.add_user_in_response,
      includesResolver: policy.add_resolver_in_response,
      isEmpty: policy.no_detail_on_success,
    },
  })
}

/** Whether a login needs a service key, whatever the configuration says. Refuses: `policy_conflict`, `condition_unknown`. */
export function isKeyRequired(set: PolicySet, situation: Situation): Outcome<boolean> {
  const found = readActions(set, only(AUTHORIZATION_ACTIONS, 'api_key_required'), situation)
  return found.ok ? done(found.value.api_key_required) : found
}

/** The realm in which users are looked up instead of their own, in lower case.
 *  Refuses: `policy_conflict`, `condition_unknown`. */
export function realmOverride(set: PolicySet, situation: Situation): Outcome<string | undefined> {
  const found = readActions(set, only(LOGIN_ACTIONS, 'set_realm'), situation)
  return found.ok ? done(found.value.set_realm?.toLowerCase()) : found
}

/** Which details answers leave out for strangers. */
export interface HardeningPolicy {
  readonly hidesVersion: boolean
  readonly hidesStatus: boolean
  readonly hidesPhoneErrors: boolean
}

/** Reads the hardening policies. Where policies conflict, the detail is left out. */
export function hardeningPolicy(set: PolicySet, situation: Situation): HardeningPolicy {
  const found = readActions(set, HARDENING_ACTIONS, situation)
  const phone = readActions(set, PHONE_ERROR_ACTIONS, situation)
  return {
    hidesVersion: !found.ok || found.value.hide_version,
    hidesStatus: !found.ok || found.value.hide_auth_error_status,
    hidesPhoneErrors: !phone.ok || phone.value.hide_specific_error_message_for_ttype,
  }
}
