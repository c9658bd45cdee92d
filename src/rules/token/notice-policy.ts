/** Whether users are told on their other phones of a new phone or a bypass code. */
import type { Instant, Owner } from '../../vocabulary.ts'
import { NOTICE_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

/** Whether the owner's phones are told. They are, where policies conflict or have a condition that is unknown here. */
export function tellsOtherPhones(set: PolicySet, { owner }: { readonly owner?: Owner }, now: Instant): boolean {
  const situation = { ...(owner && { owner }), address: '', userAgent: '', now, lookup: () => undefined }
  const policy = readActions(set, NOTICE_ACTIONS, situation)
  return !policy.ok || policy.value.new_phone_notice === 'on'
}
