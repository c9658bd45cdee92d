import { present } from '../../present.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { OwnerRight } from '../../rules/policy/actions/rights.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Caller, Owner, Source } from '../../vocabulary.ts'
import type { Credential } from './identify.ts'
import { authorizeOwnerRight, auditNameOf } from './identify.ts'
import { ownerOf } from '../login/login-subject.ts'

/** Somebody about to change what is known of users or their tokens. */
export interface OwnerChange {
  readonly snapshot: Snapshot
  readonly source: Source
  /** Who it is, as the audit says. */
  readonly by: string
  /** Present where a user asks: it is about their own tokens only. */
  readonly user?: Owner
  /** Who it is, and the record of what is done to something of this owner; undefined: to a token of nobody.
   *  Refuses: `right_missing`; `token_unknown` of another's where a user asks. */
  readonly over: (owner: Owner | undefined) => Outcome<{ readonly caller: Caller; readonly deed: AuditEntry }>
}

/** Refuses: who may not. */
export async function authorizeOwnerChange(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: OwnerRight,
  action: string,
  info?: string,
): Promise<Outcome<OwnerChange>> {
  const authorized = await authorizeOwnerRight(ports, credential, right)
  if (!authorized.ok) return authorized
  const { snapshot, user, authorizeFor: over, by } = authorized.value
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
      const administrator = auditNameOf(caller.value)
      return done({
        caller: caller.value,
        deed: { at, action, administrator, ...present({ owner, info }), address, userAgent },
      })
    },
  })
}

/** The same, where the user is named. Refuses: who may not. */
export async function authorizeUserChange(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: OwnerRight,
  action: string,
  given: UserInput,
): Promise<Outcome<{ readonly owner: Owner; readonly deed: AuditEntry }>> {
  const acting = await authorizeOwnerChange(ports, credential, source, right, action, given.user)
  if (!acting.ok) return acting
  const owner = ownerOf(given, acting.value.snapshot)
  const may = acting.value.over(owner)
  return may.ok ? done({ owner, deed: may.value.deed }) : may
}
