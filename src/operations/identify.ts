import type { Ports, Snapshot } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Caller, Role } from '../vocabulary.ts'

/** What a caller brought to prove itself, read without looking anything up. */
export type Credential =
  | { readonly kind: 'none' }
  /** An API token whose signature and time hold: its holder is still to be looked up. */
  | { readonly kind: 'administrator'; readonly name: string; readonly generation: string }
  /** A service key: still to be looked up by its hash. */
  | { readonly kind: 'key'; readonly hash: string }

/** Who that is. Refuses: `authorization_undecodable` for a key that is not (any more) one of ours, and for the API token
 *  of an administrator who is gone or disabled, or whose password has changed since. */
export function callerOf(credential: Credential, snapshot: Snapshot): Outcome<Caller> {
  if (credential.kind === 'none') return done({ kind: 'nobody' })
  if (credential.kind === 'administrator') {
    const { name, generation } = credential
    const administrator = snapshot.administrators.get(name)
    if (administrator === undefined || administrator.disabled || !administrator.generations.includes(generation))
      return refuse({ reason: 'authorization_undecodable', why: 'No longer valid' })
    return done({ kind: 'administrator', name, role: administrator.role })
  }
  const key = snapshot.serviceKeys.get(credential.hash)
  if (key === undefined) return refuse({ reason: 'authorization_undecodable', why: 'Unknown service key' })
  return done({ kind: 'service', name: key.name, role: key.role, keyHash: key.hash })
}

/** Whether the caller has one of these roles; `admin` is each of them.
 *  Refuses: `authorization_missing`, `role_insufficient`. */
export function admit(caller: Caller, roles: readonly Role[]): Outcome<Caller> {
  if (caller.kind === 'nobody') return refuse({ reason: 'authorization_missing' })
  return caller.role === 'admin' || roles.includes(caller.role)
    ? done(caller)
    : refuse({ reason: 'role_insufficient', needed: 'admin' })
}

/** An administrator's request: who makes it, against the deployment as it is now. */
export async function authorize(
  ports: Pick<Ports, 'deployment'>,
  credential: Credential,
  roles: readonly Role[],
): Promise<Outcome<{ readonly caller: Caller; readonly snapshot: Snapshot }>> {
  if (credential.kind === 'none') return refuse({ reason: 'authorization_missing' })
  const snapshot = await ports.deployment.fresh()
  if (!snapshot.ok) return snapshot
  const caller = callerOf(credential, snapshot.value)
  if (!caller.ok) return caller
  const admitted = admit(caller.value, roles)
  return admitted.ok ? done({ caller: caller.value, snapshot: snapshot.value }) : admitted
}

export const nameOf = (caller: Caller): string => (caller.kind === 'nobody' ? '' : caller.name)
