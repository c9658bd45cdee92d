/** What the policies make of a login beside its prompts: whether and how often it may be, by which tokens, and what its
 *  answer holds. Fixed for a transaction when it is opened. */
import { present } from '../../present.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import { type PolicySet, singleValues, type Situation, unionOfWords } from '../policy/policy-set.ts'
import { parseQuota, type Quota } from '../deployment/quota.ts'

export interface AuthorizationPolicy {
  /** Wrong PINs of the owner. */
  readonly failures?: Quota
  /** Logins of the owner that are used. */
  readonly successes?: Quota
  /** Whether it is for services with a key alone. */
  readonly keyRequired: boolean
  /** Whether the caller may restrict it to tokens of one type. */
  readonly typeCounts: boolean
  readonly disabledTypes: ReadonlySet<string>
  /** Whether its success is one for all tokens of the owner. */
  readonly resetsAll: boolean
  /** Whether a ring counts as a failed attempt. */
  readonly countsRings: boolean
  readonly answer: SuccessDetailPolicy
}

/** What the answer to a login that succeeded holds. */
export interface SuccessDetailPolicy {
  readonly user: boolean
  readonly resolver: boolean
  readonly bare: boolean
}

const ACTIONS = [
  'auth_max_fail',
  'auth_max_success',
  'authorized',
  'api_key_required',
  'application_tokentype',
  'add_user_in_response',
  'add_resolver_in_response',
  'no_detail_on_success',
] as const

/** Refuses: `not_authorized`, `policy_conflict`. Source: docs/protocol.md, "General actions". */
export function authorizationPolicy(set: PolicySet, situation: Situation): Outcome<AuthorizationPolicy> {
  const found = singleValues(set, 'authorization', ACTIONS, situation)
  if (!found.ok) return found
  const counting = ['reset_all_user_tokens', 'increase_failcounter_on_challenge'] as const
  const logins = singleValues(set, 'authentication', counting, situation)
  if (!logins.ok) return logins
  const disabled = unionOfWords(set, 'authentication', 'disabled_token_types', situation)
  if (!disabled.ok) return disabled
  const policy = found.value
  if (policy.authorized === 'deny_access') return refuse({ reason: 'not_authorized' })
  return done({
    ...present({ failures: quotaOf(policy.auth_max_fail), successes: quotaOf(policy.auth_max_success) }),
    keyRequired: policy.api_key_required === true,
    typeCounts: policy.application_tokentype === true,
    disabledTypes: new Set(disabled.value.map((type) => type.toLowerCase())),
    resetsAll: logins.value.reset_all_user_tokens === true,
    countsRings: logins.value.increase_failcounter_on_challenge === true,
    answer: {
      user: policy.add_user_in_response === true,
      resolver: policy.add_resolver_in_response === true,
      bare: policy.no_detail_on_success === true,
    },
  })
}

const quotaOf = (value: string | true | undefined): Quota | undefined =>
  typeof value === 'string' ? parseQuota(value) : undefined

/** Whether a login is for services with a key alone, whatever the configuration says. Refuses: `policy_conflict`. */
export function isKeyRequired(set: PolicySet, situation: Situation): Outcome<boolean> {
  const found = singleValues(set, 'authorization', ['api_key_required'], situation)
  return found.ok ? done(found.value.api_key_required === true) : found
}

/** What a login that failed does not tell. Never refuses: where policies conflict, the least is told. */
export function disclosurePolicy(
  set: PolicySet,
  situation: Situation,
): { readonly why: boolean; readonly everything: boolean } {
  const why = singleValues(set, 'authentication', ['hide_specific_error_message'], situation)
  const all = singleValues(set, 'authorization', ['no_detail_on_fail'], situation)
  return {
    why: !why.ok || why.value.hide_specific_error_message === true,
    everything: !all.ok || all.value.no_detail_on_fail === true,
  }
}

/** The realm in which users are looked for instead of their own, in lower case. Refuses: `policy_conflict`. */
export function realmOverride(set: PolicySet, situation: Situation): Outcome<string | undefined> {
  const found = singleValues(set, 'authentication', ['set_realm'], situation)
  if (!found.ok) return found
  const { set_realm: realm } = found.value
  return done(typeof realm === 'string' ? realm.toLowerCase() : undefined)
}

/** What answers give away less of. */
export interface HardeningPolicy {
  readonly hidesVersion: boolean
  readonly hidesStatus: boolean
  readonly hidesPhoneErrors: boolean
}

/** Never refuses: where policies conflict, the less is given away. */
export function hardeningPolicy(set: PolicySet, situation: Situation): HardeningPolicy {
  const found = singleValues(set, 'hardening', ['hide_version', 'hide_auth_error_status'], situation)
  const phone = singleValues(set, 'token', ['hide_specific_error_message_for_ttype'], situation)
  return {
    hidesVersion: !found.ok || found.value.hide_version === true,
    hidesStatus: !found.ok || found.value.hide_auth_error_status === true,
    hidesPhoneErrors: !phone.ok || phone.value.hide_specific_error_message_for_ttype === true,
  }
}
