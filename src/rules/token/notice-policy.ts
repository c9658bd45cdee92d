/** Who is told of a new phone or a bypass code. */
import type { Instant, Owner, RolloutState } from '../../vocabulary.ts'
import { NOTICE_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

/** So many phones of a user are told. */
const MAX_TOLD = 50

/** Whether the owner's phones are told. They are, where policies conflict or have a condition that is unknown here. */
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

/** The phones that are told; `except`: the one it is about. One that is disabled keeps the notice until it is enabled again. */
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
