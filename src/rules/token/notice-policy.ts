/** Who is told of a new phone or a bypass code. */
import type { Instant, Owner, RolloutState } from '../../vocabulary.ts'
import { NOTICE_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

/** How many phones of a user are told at most. */
const MAX_TOLD = 50

/** Whether policy lets the owner's phones be told. They are also told where policies conflict, or have a condition that is unknown here. */
export function tellsOtherPhones(set: PolicySet, { owner }: { readonly owner?: Owner }, now: Instant): boolean {
  const situation = { ...(owner && { owner }), address: '', userAgent: '', now, lookup: () => undefined }
  const policy = readActions(set, NOTICE_ACTIONS, situation)
  return !policy.ok || policy.value.new_phone_notice === 'on'
}

interface TellableToken {
  readonly serial: string
  readonly state: RolloutState
  readonly revoked: boolean
  readonly phoneKey?: string
}

/** The phones to tell. `except`: the phone that the notice is about. A disabled phone is told as well, and shows the notice once it is
 *  enabled again. */
export const phonesToTell = <Token extends TellableToken>(
  tokens: readonly Token[],
  except?: string,
): readonly Token[] =>
  tokens
    .filter(
      ({ serial, state, revoked, phoneKey }) =>
        serial !== except && state === 'enrolled' && !revoked && phoneKey !== undefined,
    )
    .slice(0, MAX_TOLD)
