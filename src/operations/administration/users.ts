/** Users: there is no directory, so a user is whom a token or an administrator has named. */
import type { UserRecord } from '../../ports/users.ts'
import type { Ports } from '../../ports/ports.ts'
import type { UserRequest, UserListRequest } from '../../protocol/administration/user-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { wildcardMatcher } from '../../rules/deployment/wildcard.ts'
import type { Source } from '../../vocabulary.ts'
import { RESOLVER } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { authorizeUserChange } from '../access/authorize-owner-change.ts'
import { authorizeOwnerRight } from '../access/identify.ts'

/** A page of users, by realm and login, of the realms that the caller's right reaches. Refuses: who may not; `too_many_to_search`; `storage_unavailable`. */
export async function listUsers(
  ports: Ports,
  credential: Credential,
  asked: UserListRequest,
): Promise<Outcome<readonly UserRecord[]>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'userlist')
  if (!authorized.ok) return authorized
  const within = authorized.value.visibleRealms()
  if (!within.ok) return within
  const { realm = '*', resolver = '*', texts, nobody, page, pageSize } = asked
  const meant = wildcardMatcher(realm.toLowerCase())
  const realms = [...(within.value ?? authorized.value.snapshot.realms)].filter(meant)
  if (nobody || realms.length === 0 || !wildcardMatcher(resolver)(RESOLVER)) return done([])
  return ports.users.list({ realms, texts, offset: (page - 1) * pageSize, limit: pageSize })
}

/** The user exists, with these names and no others. Refuses: who may not. */
export async function saveUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  person: UserRequest,
): Promise<Outcome<void>> {
  const acting = await authorizeUserChange(ports, credential, source, 'adduser', 'POST /user/', person)
  if (!acting.ok) return acting
  const { owner, entry } = acting.value
  const { givenName = '', surname = '', email = '' } = person.names
  return ports.users.save({ ...owner, givenName, surname, email }, entry)
}

/** The user has the names that were sent; the others stay. Refuses: who may not; `user_not_in_realm`. */
export async function changeUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  person: UserRequest,
): Promise<Outcome<void>> {
  const acting = await authorizeUserChange(ports, credential, source, 'updateuser', 'PUT /user/', person)
  if (!acting.ok) return acting
  const { owner, entry } = acting.value
  const changed = await ports.users.change(owner, person.names, entry)
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'user_not_in_realm' })
}

/** The user is gone; tokens keep their owner's name. Refuses: who may not; `user_not_in_realm`. */
export async function deleteUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  given: Omit<UserRequest, 'names'>,
): Promise<Outcome<void>> {
  const acting = await authorizeUserChange(
    ports,
    credential,
    source,
    'deleteuser',
    'DELETE /user/<resolver>/<user>',
    given,
  )
  if (!acting.ok) return acting
  const { owner, entry } = acting.value
  const deleted = await ports.users.delete(owner, entry)
  if (!deleted.ok) return deleted
  return deleted.value ? done(undefined) : refuse({ reason: 'user_not_in_realm' })
}
