import type { ApiTokenHolder, Ports, SignedInUser, Snapshot } from '../../ports/ports.ts'
import type { ServiceKey } from '../../ports/service-keys.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import {
  type Actor,
  checkRight,
  permittedRealms,
  type RequestOrigin,
  type RightTarget,
} from '../../rules/policy/rights.ts'
import { type DeploymentRight, type OwnerRight, type Right, RIGHTS } from '../../rules/policy/actions/rights.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { ADMINISTRATOR_REALM, type Caller, instant, type Instant, type Owner, type Role } from '../../vocabulary.ts'
import { auditNameOf } from './audit-name.ts'
import type { Credential } from './credential.ts'
import { digest } from './digest.ts'
import { readDeployment } from './read-deployment.ts'

export type { RequestOrigin } from '../../rules/policy/rights.ts'
export { auditNameOf, auditNameOfCredential, callerName } from './audit-name.ts'
export type { Credential } from './credential.ts'
export type { OwnerRight } from '../../rules/policy/actions/rights.ts'

/** Identifies the caller by its credential. A user's phone is checked by `authorize`.
 *  Refuses: `service_key_expired`; `authorization_undecodable` for an unknown or revoked key, for one in the path that is not for
 *  `validate`, and for the API token of an administrator who was deleted or
 *  disabled, or whose password has changed since, that was logged out, or that a key signed which is compromised. */
export function identifyCaller(credential: Credential, snapshot: Snapshot): Outcome<Caller> {
  if (credential.kind === 'none') return done({ kind: 'nobody' })
  if (credential.kind !== 'key') return identifyHolder(credential, snapshot)
  const key = snapshot.serviceKeys.get(credential.hash)
  if (key === undefined) return refuse({ reason: 'authorization_undecodable', why: 'Unknown service key' })
  if (hasEnded(key, credential.from.now)) return refuse({ reason: 'service_key_expired' })
  // Paths stand in logs and in the histories of browsers. A key for `validate` found there opens logins, and nothing else.
  if (credential.inPath === true && key.role !== 'validate') return refuse(NOT_IN_PATH)
  return done({ kind: 'service', name: key.name, role: key.role, keyHash: key.hash })
}

function identifyHolder(holder: ApiTokenHolder, snapshot: Snapshot): Outcome<Caller> {
  const { apiTokenKeys, administrators, voidSessions } = snapshot
  const signedWith = apiTokenKeys.get(holder.keyId)
  if (signedWith === undefined || voidSessions.has(holder.session.id)) return refuse(VOID)
  if (holder.kind === 'user') return done({ kind: 'user', owner: holder.owner })
  const { name } = holder
  const administrator = administrators.get(name)
  if (administrator === undefined || administrator.disabled) return refuse(VOID)
  const generation = administrator.generation ?? signedWith.opened?.bootstrapGeneration
  if (generation !== holder.generation) return refuse(VOID)
  return done(
    holder.kind === 'enrolling'
      ? { kind: 'enrolling', name }
      : { kind: 'administrator', name, role: administrator.role },
  )
}

/** Answers whether this secret of a service key has expired, or was replaced and its time is over. */
export const hasEnded = ({ validUntil }: ServiceKey, now: Instant): boolean =>
  validUntil !== undefined && now >= validUntil

const NOT_IN_PATH = {
  reason: 'authorization_undecodable',
  why: 'A service key of this role is taken from a header only',
} as const

const VOID = { reason: 'authorization_undecodable', why: 'No longer valid' } as const

/** Requires one of these roles. `admin` has every role; a user has none, nor has an administrator who may only enroll a phone.
 *  Refuses: `authorization_missing`, `role_insufficient`. */
export function requireRole(caller: Caller, roles: readonly Role[]): Outcome<Caller> {
  if (caller.kind === 'nobody') return refuse({ reason: 'authorization_missing' })
  const hasRole = caller.kind === 'administrator' || caller.kind === 'service'
  return hasRole && (caller.role === 'admin' || roles.includes(caller.role)) ? done(caller) : refuse(lackingRole(roles))
}

/** The refusal of a caller who has none of these roles. */
const lackingRole = (roles: readonly Role[]) => ({
  reason: 'role_insufficient' as const,
  needed: ['admin' as const, ...roles.filter((role) => role !== 'admin')],
})

/** For which users and tokens a caller has a right. */
export interface OwnerAuthorization {
  readonly snapshot: Snapshot
  /** Present if the caller is a user, who reaches only their own tokens. */
  readonly user?: Owner
  /** Answers the caller, if it has the right for this owner, or for a token without an owner (undefined).
   *  Refuses: `right_missing`; `token_unknown` if a user asks about another user's token. */
  readonly authorizeFor: (owner: Owner | undefined) => Outcome<Caller>
  /** Answers the caller, if it has the right for every owner. Refuses: `right_missing`. */
  readonly authorizeForAll: () => Outcome<Caller>
  /** Answers the caller, if it has the right for at least one owner. Refuses: `right_missing`. */
  readonly authorizeForAny: () => Outcome<Caller>
  /** Answers the realms whose users a list may show; undefined for all, tokens without an owner included.
   *  Refuses: `right_missing` if there is no such realm. */
  readonly visibleRealms: () => Outcome<readonly string[] | undefined>
}

type Lookup = Pick<Ports, 'deployment' | 'tokens' | 'journal' | 'subjects'>

/** Authorizes a request about the deployment, or (`oneself`) about the caller alone; answers the caller and the deployment as it is
 *  now. Refuses: `authorization_missing`, `authorization_undecodable`, `role_insufficient`, `right_missing`. */
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
  // Its role reads metrics and nothing else: policies about administrators do not blind the monitoring.
  if (caller.kind === 'service' && caller.role === 'metrics') return found
  const permitted = checkRight(snapshot.policySet, actorOf(caller, requestOriginOf(credential)), right, 'deployment')
  return permitted.ok ? found : permitted
}

/** Authorizes a request about users and their tokens, as far as that is possible without an owner. The caller is answered only for an
 *  owner, so that nothing is done before the right for that owner is checked; `by` is the caller's name in the audit.
 *  Refuses: as `authorize`. */
export async function authorizeOwnerRight(
  ports: Lookup,
  credential: Credential,
  right: OwnerRight,
): Promise<Outcome<OwnerAuthorization & { readonly auditName: string }>> {
  const found = await identified(ports, credential)
  if (!found.ok) return found
  const { caller, snapshot } = found.value
  const definition = RIGHTS[right]
  if (caller.kind === 'user' && !('selfService' in definition) && right !== 'tokenlist')
    return refuse(lackingRole(definition.roles))
  const admitted = caller.kind === 'user' ? done(caller) : requireRole(caller, definition.roles)
  if (!admitted.ok) return admitted
  const reach = ownerAuthorization(caller, snapshot, requestOriginOf(credential), right)
  // A caller without the right for anybody is refused before a token is looked up.
  const ever = reach.authorizeForAny()
  return ever.ok ? done({ ...reach, auditName: auditNameOf(ever.value) }) : ever
}

/** For which owners policies give this right to a caller whose role has it. */
export function ownerAuthorization(
  caller: Caller,
  snapshot: Snapshot,
  from: RequestOrigin,
  right: OwnerRight,
): OwnerAuthorization {
  const { policySet, realms } = snapshot
  const actor = actorOf(caller, from)
  const permit = (affected: RightTarget): Outcome<Caller> => {
    if (isAdministrator(affected) && !requireRole(caller, []).ok) return refuse({ reason: 'token_unknown' })
    if (isExempt(caller, right)) return done(caller)
    const permitted = checkRight(policySet, actor, right, affected)
    return permitted.ok ? done(caller) : permitted
  }
  if (caller.kind !== 'user')
    return {
      snapshot,
      authorizeFor: (owner) => permit(owner ?? 'nobody'),
      authorizeForAll: () => permit('nobody'),
      authorizeForAny: () => permit('deployment'),
      visibleRealms: () => {
        const within = isExempt(caller, right) ? 'everywhere' : permittedRealms(policySet, actor, right, realms)
        if (within !== 'everywhere' && within.length > 0) return done(within)
        const may = permit('nobody')
        return may.ok ? done(undefined) : may
      },
    }
  const user = caller.owner
  return {
    snapshot,
    user,
    authorizeFor: (owner) => (isSameOwner(owner, user) ? permit(user) : refuse({ reason: 'token_unknown' })),
    authorizeForAny: () => permit(user),
    authorizeForAll: () => refuse(lackingRole(RIGHTS[right].roles)),
    visibleRealms: () => refuse(lackingRole(RIGHTS[right].roles)),
  }
}

/** Whether this is the owner of an administrator's phone, which only the role `admin` reaches, whatever policies grant others. */
const isAdministrator = (affected: RightTarget): boolean =>
  typeof affected !== 'string' && affected.realm === ADMINISTRATOR_REALM

/** Policies do not restrict a key for `validate`, which only logs users in, nor a user's view of their own tokens. */
const isExempt = (caller: Caller, right: OwnerRight): boolean =>
  caller.kind === 'user' ? right === 'tokenlist' : caller.kind === 'service' && caller.role === 'validate'

/** The caller, as policies name it. */
export function actorOf(caller: Caller, from: RequestOrigin): Actor {
  const { address, userAgent, now } = from
  const here = { address, userAgent, now }
  if (caller.kind === 'user') return { scope: 'user', owner: caller.owner, ...here }
  if (caller.kind === 'nobody') return { scope: 'admin', ...here }
  return { scope: 'admin', administrator: auditNameOf(caller), ...here }
}

/** Answers whether the caller's role has this right, apart from policies. */
export const roleAllows = (caller: Caller, right: Right): boolean =>
  caller.kind === 'user' ? 'selfService' in RIGHTS[right] : requireRole(caller, RIGHTS[right].roles).ok

/** From where and when a credential was sent; empty without a credential. */
export const requestOriginOf = (credential: Credential): RequestOrigin =>
  credential.kind === 'none' ? { address: '', userAgent: '', now: instant(0) } : credential.from

/** Identifies the caller in the deployment as it is now. Refuses: `authorization_missing`, `authorization_undecodable`. */
export async function identified(
  ports: Lookup,
  credential: Credential,
): Promise<Outcome<{ readonly caller: Caller; readonly snapshot: Snapshot }>> {
  if (credential.kind === 'none') return refuse({ reason: 'authorization_missing' })
  const [snapshot, holds] = await Promise.all([
    readDeployment(ports, credential.kind === 'key' ? credential.hash : undefined),
    credential.kind === 'user' ? stillHolds(ports, credential) : done(undefined),
  ])
  if (!snapshot.ok) return snapshot
  if (!holds.ok) return holds
  const caller = identifyCaller(credential, snapshot.value)
  return caller.ok ? done({ caller: caller.value, snapshot: snapshot.value }) : caller
}

/** Answers whether the phone that approved a user's sign-in is still the user's: its token is enrolled, active and not revoked, and
 *  has the same owner and key. After a bypass code, which no phone approved: whether the user still exists. */
async function stillHolds(
  { tokens, subjects }: Pick<Ports, 'tokens' | 'subjects'>,
  { owner, serial, generation }: SignedInUser,
): Promise<Outcome<void>> {
  if (serial === '') {
    const known = await subjects.find({ candidates: [owner] })
    if (!known.ok) return known
    return known.value.people.some((person) => isSameOwner(person, owner)) ? done(undefined) : refuse(VOID)
  }
  const found = await tokens.record(serial)
  if (!found.ok) return found
  const token = found.value
  const isTheirs = token !== undefined && isSameOwner(token.owner, owner)
  const fit = isTheirs && token.active && !token.revoked && token.state === 'enrolled'
  return fit && token.phoneKey !== undefined && (await generationOf(token.phoneKey)) === generation
    ? done(undefined)
    : refuse(VOID)
}

/** The digest by which an API token names the phone that approved. Another phone has another digest. */
export const generationOf = async (phoneKey: string): Promise<string> => (await digest(phoneKey)).slice(0, 32)
