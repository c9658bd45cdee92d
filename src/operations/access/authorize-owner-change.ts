import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { OwnerRight } from '../../rules/policy/actions/rights.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Caller, Owner, Source } from '../../vocabulary.ts'
import { auditNameOf, authorizeOwnerRight, type Credential } from './identify.ts'
import { ownerOf } from '../login/login-subject.ts'
import { durationOf } from './request-duration.ts'

/** A change of users or their tokens that the caller may make to some of them. */
export interface OwnerChange {
  readonly snapshot: Snapshot
  readonly source: Source
  /** The caller's name in the audit. */
  readonly administrator: string
  /** Present when a user asks, who may change only their own tokens. */
  readonly user?: Owner
  /** Authorizes the change for one owner, or for a token without an owner (undefined); answers the caller and the audit entry.
   *  Refuses: `right_missing`; `token_unknown` when a user asks about another's token. */
  readonly authorizeFor: (owner: Owner | undefined) => Outcome<{ readonly caller: Caller; readonly entry: AuditEntry }>
}

/** Authorizes a change of users or their tokens, as far as that is possible before the owner is known.
 *  Refuses: as `authorizeOwnerRight`. */
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
  const { snapshot, user, authorizeFor, auditName } = authorized.value
  const { address, userAgent, receivedAt } = source
  const at = ports.now()
  return done({
    snapshot,
    source,
    administrator: auditName,
    user,
    authorizeFor: (owner) => {
      const caller = authorizeFor(owner)
      if (!caller.ok) return caller
      const administrator = auditNameOf(caller.value)
      return done({
        caller: caller.value,
        entry: { at, ...durationOf(at, receivedAt), action, administrator, owner, info, address, userAgent },
      })
    },
  })
}

/** Authorizes a change of the user whom the request names. Refuses: as `authorizeOwnerChange`; `right_missing`. */
export async function authorizeUserChange(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: OwnerRight,
  action: string,
  input: UserInput,
): Promise<Outcome<{ readonly owner: Owner; readonly entry: AuditEntry; readonly snapshot: Snapshot }>> {
  const change = await authorizeOwnerChange(ports, credential, source, right, action, input.user)
  if (!change.ok) return change
  const owner = ownerOf(input, change.value.snapshot)
  const authorized = change.value.authorizeFor(owner)
  return authorized.ok ? done({ owner, entry: authorized.value.entry, snapshot: change.value.snapshot }) : authorized
}
