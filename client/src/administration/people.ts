/** Users, realms and administrators. */
import { call, type ParametersOf, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import type { Outcome } from '../outcome.ts'
import { repeatable, type RepeatableOptions } from '../repeatable.ts'

export type User = ValueOf<'GET /user'>[number]
export type UserFilter = ParametersOf<'GET /user'>
export type Realms = ValueOf<'GET /realm'>
export type Administrator = ValueOf<'GET /administrator'>[number]

/** Lists users, a page of them. */
export const listUsers = (
  nod: Nod,
  filter: UserFilter = {},
  options?: CallOptions,
): Promise<Outcome<readonly User[]>> => call(nod, 'GET /user', filter, options)

/** Yields every page of the users that the filter finds. */
export async function* userPages(
  nod: Nod,
  filter: UserFilter = {},
  options?: CallOptions,
): AsyncGenerator<Outcome<readonly User[]>, void, undefined> {
  const pagesize = Number(filter.pagesize ?? 500)
  for (let page = 1; ; page += 1) {
    const users = await listUsers(nod, { ...filter, pagesize, page }, options)
    if (!users.ok || users.value.length > 0 || page === 1) yield users
    if (!users.ok || users.value.length < pagesize) return
  }
}

/** Adds a user, or replaces their attributes. The value is the user's id. */
export const addUser = (nod: Nod, user: ParametersOf<'POST /user'>, options?: CallOptions): Promise<Outcome<string>> =>
  call(nod, 'POST /user', user, options)

/** Changes attributes of a user; those that are left out stay. */
export const changeUser = (
  nod: Nod,
  user: ParametersOf<'PUT /user'>,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'PUT /user', user, options)

/** Deletes a user. Their tokens stay theirs. */
export const deleteUser = (
  nod: Nod,
  { user, realm }: { readonly user: string; readonly realm?: string | undefined },
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'DELETE /user/{resolver}/{user}', { resolver: 'nod', user, realm }, options)

/** Lists the realms by their names. */
export const listRealms = (nod: Nod, options?: CallOptions): Promise<Outcome<Realms>> =>
  call(nod, 'GET /realm', {}, options)

/** Creates a realm. */
export const createRealm = (
  nod: Nod,
  realm: string,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /realm/{realm}'>>> => call(nod, 'POST /realm/{realm}', { realm }, options)

/** Deletes a realm that has no users and no tokens, and that no policy names. */
export const deleteRealm = (nod: Nod, realm: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /realm/{realm}', { realm }, options)

/** Sets the realm of users that are named without one. */
export const setDefaultRealm = (nod: Nod, realm: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /defaultrealm/{realm}', { realm }, options)

/** Lists the administrators. */
export const listAdministrators = (nod: Nod, options?: CallOptions): Promise<Outcome<readonly Administrator[]>> =>
  call(nod, 'GET /administrator', {}, options)

/** Adds an administrator. */
export const addAdministrator = (
  nod: Nod,
  administrator: ParametersOf<'POST /administrator'>,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'POST /administrator', administrator, options)

/** Deletes an administrator. Their API tokens are void at once. */
export const deleteAdministrator = (nod: Nod, login: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /administrator/{login}', { login }, options)

/** Lets an administrator sign in again. */
export const enableAdministrator = (nod: Nod, login: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /administrator/enable/{login}', { login }, options)

/** Lets an administrator sign in no more. Their API tokens are void at once. */
export const disableAdministrator = (nod: Nod, login: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /administrator/disable/{login}', { login }, options)

/** Says whether an administrator needs a phone to sign in. */
export const requirePhone = (
  nod: Nod,
  login: string,
  required: boolean,
  options?: CallOptions,
): Promise<Outcome<number>> =>
  call(nod, 'POST /administrator/phone-required/{login}', { login, required: required ? 1 : 0 }, options)

/** Changes the caller's own password. */
export const changeOwnPassword = (
  nod: Nod,
  { password, newPassword }: { readonly password: string; readonly newPassword: string },
  options?: CallOptions,
): Promise<Outcome<boolean>> =>
  call(nod, 'POST /administrator/password', { password, new_password: newPassword }, options)

export type NewInvitation = ValueOf<'POST /invitation'>

/** Invites a user to enroll a phone, by a page that needs no account. The answer holds the secret. A request that got no answer may be sent
 *  again with the same `idempotencyKey`: it answers the invitation that was made. */
export const inviteUser = (
  nod: Nod,
  invitation: ParametersOf<'POST /invitation'>,
  options: RepeatableOptions = {},
): Promise<Outcome<NewInvitation>> => call(nod, 'POST /invitation', invitation, repeatable(options))
