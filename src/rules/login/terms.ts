/** What the policies make of a login beside its prompts: whether and how often it may be, by which tokens, and what its
 *  answer holds. Fixed for a transaction when it is opened. */
import { present } from '../../present.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import { type PolicySet, singles, type Situation, union } from '../policy/policy.ts'
import { parseQuota, type Quota } from '../deployment/quota.ts'

export interface Terms {
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
  readonly answer: AnswerTerms
}

/** What the answer to a login that succeeded holds. */
export interface AnswerTerms {
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

/** Refuses: `not_authorized`, `policy_conflict`. Source: contract 12.2. */
export function loginTerms(set: PolicySet, situation: Situation): Outcome<Terms> {
  const found = singles(set, 'authorization', ACTIONS, situation)
  if (!found.ok) return found
  const counting = ['reset_all_user_tokens', 'increase_failcounter_on_challenge'] as const
  const logins = singles(set, 'authentication', counting, situation)
  if (!logins.ok) return logins
  const disabled = union(set, 'authentication', 'disabled_token_types', situation)
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
export function keyRequired(set: PolicySet, situation: Situation): Outcome<boolean> {
  const found = singles(set, 'authorization', ['api_key_required'], situation)
  return found.ok ? done(found.value.api_key_required === true) : found
}

/** What a login that failed does not tell. Never refuses: where policies conflict, the least is told. */
export function silence(set: PolicySet, situation: Situation): { readonly why: boolean; readonly everything: boolean } {
  const why = singles(set, 'authentication', ['hide_specific_error_message'], situation)
  const all = singles(set, 'authorization', ['no_detail_on_fail'], situation)
  return {
    why: !why.ok || why.value.hide_specific_error_message === true,
    everything: !all.ok || all.value.no_detail_on_fail === true,
  }
}

/** The realm in which users are looked for instead of their own, in lower case. Refuses: `policy_conflict`. */
export function realmSet(set: PolicySet, situation: Situation): Outcome<string | undefined> {
  const found = singles(set, 'authentication', ['set_realm'], situation)
  if (!found.ok) return found
  const { set_realm: realm } = found.value
  return done(typeof realm === 'string' ? realm.toLowerCase() : undefined)
}

/** What answers give away less of. */
export interface Hardening {
  readonly version: boolean
  readonly status: boolean
  readonly phoneErrors: boolean
}

/** Never refuses: where policies conflict, the less is given away. */
export function hardening(set: PolicySet, situation: Situation): Hardening {
  const found = singles(set, 'hardening', ['hide_version', 'hide_auth_error_status'], situation)
  const phone = singles(set, 'token', ['hide_specific_error_message_for_ttype'], situation)
  return {
    version: !found.ok || found.value.hide_version === true,
    status: !found.ok || found.value.hide_auth_error_status === true,
    phoneErrors: !phone.ok || phone.value.hide_specific_error_message_for_ttype === true,
  }
}
