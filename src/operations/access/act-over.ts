import { present } from '../../present.ts'
import type { Deed } from '../../ports/catalogue.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { OwnerRight } from '../../rules/policy/rights-definitions.ts'
import type { Given } from '../../rules/login/transaction.ts'
import type { Caller, Owner, Source } from '../../vocabulary.ts'
import type { Credential } from './identify.ts'
import { authorizeOver, recordedAs } from './identify.ts'
import { ownerOf } from '../login/subject.ts'

/** Somebody about to change what is known of users or their tokens. */
export interface Acting {
  readonly snapshot: Snapshot
  readonly source: Source
  /** Who it is, as the audit says. */
  readonly by: string
  /** Present where a user asks: it is about their own tokens only. */
  readonly user?: Owner
  /** Who it is, and the record of what is done to something of this owner; undefined: to a token of nobody.
   *  Refuses: `right_missing`; `token_unknown` of another's where a user asks. */
  readonly over: (owner: Owner | undefined) => Outcome<{ readonly caller: Caller; readonly deed: Deed }>
}

/** Refuses: who may not. */
export async function actOver(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: OwnerRight,
  action: string,
  info?: string,
): Promise<Outcome<Acting>> {
  const authorized = await authorizeOver(ports, credential, right)
  if (!authorized.ok) return authorized
  const { snapshot, user, over, by } = authorized.value
  const { address, userAgent } = source
  const at = ports.now()
  return done({
    snapshot,
    source,
    by,
    ...present({ user }),
    over: (owner) => {
      const caller = over(owner)
      if (!caller.ok) return caller
      const administrator = recordedAs(caller.value)
      return done({
        caller: caller.value,
        deed: { at, action, administrator, ...present({ owner, info }), address, userAgent },
      })
    },
  })
}

/** The same, where the user is named. Refuses: who may not. */
export async function actOn(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: OwnerRight,
  action: string,
  given: Given,
): Promise<Outcome<{ readonly owner: Owner; readonly deed: Deed }>> {
  const acting = await actOver(ports, credential, source, right, action, given.user)
  if (!acting.ok) return acting
  const owner = ownerOf(given, acting.value.snapshot)
  const may = acting.value.over(owner)
  return may.ok ? done({ owner, deed: may.value.deed }) : may
}
