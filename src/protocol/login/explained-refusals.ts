/** The refusals of requests for a login that are explained to whoever helps its user. */
import type { Rejection } from '../../refusal.ts'

/** Errors that a request for a login can be refused with, beside rejections, and that are explained. */
type ExplainedError =
  | 'user_unknown'
  | 'user_not_in_realm'
  | 'realm_unknown'
  | 'token_unknown'
  | 'not_authorized'
  | 'token_not_allowed'
  | 'delivery_failed'
  | 'storage_unavailable'
  | 'too_many_requests'
  | 'too_many_waiting'
  | 'service_key_required'
  | 'service_key_expired'
  | 'authorization_missing'
  | 'authorization_undecodable'
  | 'authorization_expired'
  | 'role_insufficient'
  | 'right_missing'
  | 'policy_conflict'
  | 'condition_unknown'
  | 'profile_contradicted'
  | 'anonymous_enrollment_unconfirmed'

/** Why a request for a login was refused. `refused`: for a reason that has no words of its own. */
export type RefusalExplanation = 'refused' | `refused/${Rejection['reason'] | ExplainedError}`
