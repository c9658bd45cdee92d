/** Users. Nod has no directory: a user exists because a token or an administrator has named them. */
import type { Ports } from '../../ports/ports.ts'
import type { UserRequest, UserListRequest } from '../../protocol/administration/user-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { wildcardMatcher } from '../../rules/deployment/wildcard.ts'
import { type Person, RESOLVER, type Source } from '../../vocabulary.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { authorizeUserChange } from '../access/authorize-owner-change.ts'
import { checkNewUser } from '../access/new-user.ts'

/** Lists a page of users by realm and login, of the realms that the caller may read.
 *  Refuses: as `authorizeOwnerRight`; `too_many_to_search`, `parameter_invalid`, `storage_unavailable`. */
export async function listUsers(
  ports: Ports,
  credential: Credential,
  request: UserListRequest,
): Promise<Outcome<readonly Person[]>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'userlist')
  if (!authorized.ok) return authorized
  const visible = authorized.value.visibleRealms()
  if (!visible.ok) return visible
  const { realm = '*', resolver = '*', texts, matchesNobody, page, pageSize } = request
  const matches = wildcardMatcher(realm.toLowerCase())
  const realms = [...(visible.value ?? authorized.value.snapshot.realms)].filter(matches)
  if (matchesNobody || realms.length === 0 || !wildcardMatcher(resolver)(RESOLVER)) return done([])
  return ports.users.list({ realms, texts, offset: (page - 1) * pageSize, limit: pageSize })
}

/** Stores a user with these names; names that are not sent are emptied.
 *  Refuses: as `authorizeUserChange`; `realm_unknown`, `storage_unavailable`. */
export async function saveUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  user: UserRequest,
): Promise<Outcome<void>> {
  const change = await authorizeUserChange(ports, credential, source, 'adduser', 'POST /user/', user)
  if (!change.ok) return change
  const { owner, entry, snapshot } = change.value
  const known = await checkNewUser(ports, user, snapshot)
  if (!known.ok) return known
  const { givenName = '', surname = '', email = '' } = user.names
  return ports.users.save({ ...owner, givenName, surname, email }, entry)
}

/** Changes the names that are sent; the others stay. Refuses: as `authorizeUserChange`; `user_not_in_realm`, `storage_unavailable`. */
export async function changeUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  user: UserRequest,
): Promise<Outcome<void>> {
  const change = await authorizeUserChange(ports, credential, source, 'updateuser', 'PUT /user/', user)
  if (!change.ok) return change
  const { owner, entry } = change.value
  const changed = await ports.users.change(owner, user.names, entry)
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'user_not_in_realm' })
}

/** Deletes a user; tokens keep their owner's name. Refuses: as `authorizeUserChange`; `user_not_in_realm`, `storage_unavailable`. */
export async function deleteUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  user: Omit<UserRequest, 'names'>,
): Promise<Outcome<void>> {
  const change = await authorizeUserChange(
    ports,
    credential,
    source,
    'deleteuser',
    'DELETE /user/<resolver>/<user>',
    user,
  )
  if (!change.ok) return change
  const { owner, entry } = change.value
  const deleted = await ports.users.delete(owner, entry)
  if (!deleted.ok) return deleted
  return deleted.value ? done(undefined) : refuse({ reason: 'user_not_in_realm' })
}
