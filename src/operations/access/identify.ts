import type { ApiTokenHolder, Ports, SignedInUser, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Actor, RightTarget, RequestOrigin } from '../../rules/policy/rights.ts'
import { checkRight, permittedRealms } from '../../rules/policy/rights.ts'
import type { DeploymentRight, OwnerRight, Right } from '../../rules/policy/actions/rights.ts'
import { RIGHTS } from '../../rules/policy/actions/rights.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import type { Caller, Owner, Role } from '../../vocabulary.ts'
import { instant } from '../../vocabulary.ts'
import { digest } from './digest.ts'

export type { RequestOrigin } from '../../rules/policy/rights.ts'
export type { OwnerRight } from '../../rules/policy/actions/rights.ts'

/** What a caller brought to prove itself, read without looking anything up. */
export type Credential =
  | { readonly kind: 'none' }
  /** An API token whose signature and time hold: its holder is still to be looked up. */
  | (ApiTokenHolder & { readonly from: RequestOrigin })
  /** A service key: still to be looked up by its hash. */
  | { readonly kind: 'key'; readonly hash: string; readonly from: RequestOrigin }

/** Who that is. Refuses: `authorization_undecodable` for a key that is not (any more) one of ours, and for the API token
 *  of an administrator who is gone or disabled, or whose password has changed since. A user is looked up by `authorize`. */
export function identifyCaller(credential: Credential, snapshot: Snapshot): Outcome<Caller> {
  if (credential.kind === 'none') return done({ kind: 'nobody' })
  if (credential.kind === 'user') return done({ kind: 'user', owner: credential.owner })
  if (credential.kind === 'administrator') {
    const { name, generation } = credential
    const administrator = snapshot.administrators.get(name)
    if (administrator === undefined || administrator.disabled || !administrator.generations.includes(generation))
      return refuse(VOID)
    return done({ kind: 'administrator', name, role: administrator.role })
  }
  const key = snapshot.serviceKeys.get(credential.hash)
  if (key === undefined) return refuse({ reason: 'authorization_undecodable', why: 'Unknown service key' })
  return done({ kind: 'service', name: key.name, role: key.role, keyHash: key.hash })
}

const VOID = { reason: 'authorization_undecodable', why: 'No longer valid' } as const

/** Whether the caller has one of these roles; `admin` is each of them, and a user has none.
 *  Refuses: `authorization_missing`, `role_insufficient`. */
export function requireRole(caller: Caller, roles: readonly Role[]): Outcome<Caller> {
  if (caller.kind === 'nobody') return refuse({ reason: 'authorization_missing' })
  return caller.kind !== 'user' && (caller.role === 'admin' || roles.includes(caller.role))
    ? done(caller)
    : refuse({ reason: 'role_insufficient', needed: 'admin' })
}

/** What a caller may do with a right about users and their tokens, and to whom. */
export interface OwnerAuthorization {
  readonly snapshot: Snapshot
  /** Present where a user asks: it is about their own tokens only. */
  readonly user?: Owner
  /** Who it is, if it may be done to a user or token of this owner; undefined: to a token of nobody.
   *  Refuses: `right_missing`; `token_unknown`, as for one that is not there, where a user asks about another's. */
  readonly authorizeFor: (owner: Owner | undefined) => Outcome<Caller>
  /** Who it is, if it may be done to everybody. Refuses: `right_missing`. */
  readonly authorizeForAll: () => Outcome<Caller>
  /** Who it is, if it may be done to anybody. Refuses: `right_missing`. */
  readonly authorizeForAny: () => Outcome<Caller>
  /** The realms whose users a list of it may show; undefined: everybody and nobody. Refuses: `right_missing` where that is none. */
  readonly visibleRealms: () => Outcome<readonly string[] | undefined>
}

type Lookup = Pick<Ports, 'deployment' | 'tokens'>

/** A request about the deployment as a whole, or (`oneself`) about the caller alone: who makes it, against the deployment as
 *  it is now. Refuses: who may not: `authorization_missing`, `authorization_undecodable`, `role_insufficient`, `right_missing`. */
export async function authorize(
  ports: Lookup,
  credential: Credential,
  right: DeploymentRight | 'oneself',
): Promise<Outcome<{ readonly caller: Caller; readonly snapshot: Snapshot }>> {
  const found = await identified(ports, credential)
  if (!found.ok) return found
  const { caller, snapshot } = found.value
  if (right === 'oneself') {
    const known = caller.kind === 'user' ? done(caller) : requireRole(caller, ['helpdesk'])
    return known.ok ? found : known
  }
  const admitted = requireRole(caller, RIGHTS[right].roles)
  if (!admitted.ok) return admitted
  const permitted = checkRight(snapshot.policySet, actorOf(caller, requestOriginOf(credential)), right, 'deployment')
  return permitted.ok ? found : permitted
}

/** A request about users and their tokens. Who makes it is told only for an owner, since nothing is done before that has been
 *  asked; the audit calls them `by`. Refuses: as `authorize`. */
export async function authorizeOwnerRight(
  ports: Lookup,
  credential: Credential,
  right: OwnerRight,
): Promise<Outcome<OwnerAuthorization & { readonly by: string }>> {
  const found = await identified(ports, credential)
  if (!found.ok) return found
  const { caller, snapshot } = found.value
  const definition = RIGHTS[right]
  if (caller.kind === 'user' && !('selfService' in definition) && right !== 'tokenlist')
    return refuse({ reason: 'role_insufficient', needed: 'admin' })
  const admitted = caller.kind === 'user' ? done(caller) : requireRole(caller, definition.roles)
  if (!admitted.ok) return admitted
  const reach = ownerAuthorization(caller, snapshot, requestOriginOf(credential), right)
  // Who may do it to nobody is told so before a token is looked for.
  const ever = reach.authorizeForAny()
  return ever.ok ? done({ ...reach, by: auditNameOf(ever.value) }) : ever
}

/** What policy leaves a caller whose role has been looked at. */
export function ownerAuthorization(
  caller: Caller,
  snapshot: Snapshot,
  from: RequestOrigin,
  right: OwnerRight,
): OwnerAuthorization {
  const { policySet, realms } = snapshot
  const actor = actorOf(caller, from)
  const asked = (affected: RightTarget): Outcome<Caller> => {
    if (isExempt(caller, right)) return done(caller)
    const permitted = checkRight(policySet, actor, right, affected)
    return permitted.ok ? done(caller) : permitted
  }
  if (caller.kind !== 'user')
    return {
      snapshot,
      authorizeFor: (owner) => asked(owner ?? 'nobody'),
      authorizeForAll: () => asked('nobody'),
      authorizeForAny: () => asked('deployment'),
      visibleRealms: () => {
        const within = isExempt(caller, right) ? 'everywhere' : permittedRealms(policySet, actor, right, realms)
        if (within !== 'everywhere' && within.length > 0) return done(within)
        const may = asked('nobody')
        return may.ok ? done(undefined) : may
      },
    }
  const user = caller.owner
  return {
    snapshot,
    user,
    authorizeFor: (owner) => (isSameOwner(owner, user) ? asked(user) : refuse({ reason: 'token_unknown' })),
    authorizeForAny: () => asked(user),
    authorizeForAll: () => refuse({ reason: 'role_insufficient', needed: 'admin' }),
    visibleRealms: () => refuse({ reason: 'role_insufficient', needed: 'admin' }),
  }
}

/** A key for `validate` does nothing but log people in, which is what it was given for; and users may see their own tokens. */
const isExempt = (caller: Caller, right: OwnerRight): boolean =>
  caller.kind === 'user' ? right === 'tokenlist' : caller.kind === 'service' && caller.role === 'validate'

/** Whoever makes this request, as policies know them. */
export function actorOf(caller: Caller, from: RequestOrigin): Actor {
  const { address, userAgent, now } = from
  const here = { address, userAgent, now }
  if (caller.kind === 'user') return { scope: 'user', owner: caller.owner, ...here }
  if (caller.kind === 'nobody') return { scope: 'admin', ...here }
  return { scope: 'admin', administrator: auditNameOf(caller), ...here }
}

/** Whether the caller's role allows for this right, whatever policy says. */
export const roleAllows = (caller: Caller, right: Right): boolean =>
  caller.kind === 'user' ? 'selfService' in RIGHTS[right] : requireRole(caller, RIGHTS[right].roles).ok

/** Where a credential came from, and when; of none, nowhere. */
export const requestOriginOf = (credential: Credential): RequestOrigin =>
  credential.kind === 'none' ? { address: '', userAgent: '', now: instant(0) } : credential.from

async function identified(
  ports: Lookup,
  credential: Credential,
): Promise<Outcome<{ readonly caller: Caller; readonly snapshot: Snapshot }>> {
  if (credential.kind === 'none') return refuse({ reason: 'authorization_missing' })
  const [snapshot, holds] = await Promise.all([
    ports.deployment.reload(),
    credential.kind === 'user' ? stillHolds(ports, credential) : done(undefined),
  ])
  if (!snapshot.ok) return snapshot
  if (!holds.ok) return holds
  const caller = identifyCaller(credential, snapshot.value)
  return caller.ok ? done({ caller: caller.value, snapshot: snapshot.value }) : caller
}

/** A user's API token is as good as the phone that approved: void once its token is disabled, revoked, deleted, enrolled
 *  anew or another's. */
async function stillHolds(
  { tokens }: Pick<Ports, 'tokens'>,
  { owner, serial, generation }: SignedInUser,
): Promise<Outcome<void>> {
  const found = await tokens.record(serial)
  if (!found.ok) return found
  const token = found.value
  const isTheirs = token !== undefined && isSameOwner(token.owner, owner)
  const fit = isTheirs && token.active && !token.revoked && token.state === 'enrolled'
  return fit && token.phoneKey !== undefined && (await generationOf(token.phoneKey)) === generation
    ? done(undefined)
    : refuse(VOID)
}

/** What an API token names of the phone that approved: another phone, another generation. */
export const generationOf = async (phoneKey: string): Promise<string> => (await digest(phoneKey)).slice(0, 32)

/** Who is said in the audit to have done something: an administrator, or a service as policies call it, so that no key is named
 *  like an administrator; nothing for anybody else. */
export const auditNameOf = (caller: Caller): string =>
  caller.kind === 'service' ? asService(caller.name) : callerName(caller)

const asService = (name: string): string => `service:${name}`

/** The same of whoever brought this, also where it counts no more; of a key, as far as the deployment is known. */
export function auditNameOfCredential(credential: Credential, known: Outcome<Snapshot> | undefined): string {
  if (credential.kind === 'administrator') return credential.name
  const key = credential.kind === 'key' && known?.ok === true ? known.value.serviceKeys.get(credential.hash) : undefined
  return key === undefined ? '' : asService(key.name)
}

/** What administrators and services are called; nothing for anybody else. */
export const callerName = (caller: Caller): string =>
  caller.kind === 'administrator' || caller.kind === 'service' ? caller.name : ''
