/** Realms: made by being named, or by an administrator; and the resolver, which nobody makes. */
import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

/** What a user without a realm is read as, until an administrator says otherwise. */
const FIRST_REALM = 'defrealm'

interface Realms {
  readonly realms: ReadonlySet<string>
  readonly defaultRealm: string
}

/** Refuses: who may not. */
export async function listRealms(ports: Ports, credential: Credential): Promise<Outcome<Realms>> {
  const authorized = await authorize(ports, credential, 'resolverread')
  return authorized.ok ? done(authorized.value.snapshot) : authorized
}

/** The realm exists, and stays though nobody is in it. Refuses: who may not. */
export async function addRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'resolverwrite',
    'POST /realm/<realm>',
    realm,
  )
  return acting.ok ? ports.realms.add(realm, acting.value.entry) : acting
}

/** The realm is gone. Refuses: who may not; `entry_unknown`; `realm_in_use` while a user or a token is in it, a
 *  policy names it, or it is the default. */
export async function deleteRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'resolverdelete',
    'DELETE /realm/<realm>',
    realm,
  )
  if (!acting.ok) return acting
  const deleted = await ports.realms.delete(realm, acting.value.entry)
  if (!deleted.ok) return deleted
  if (deleted.value) return done(undefined)
  return acting.value.snapshot.realms.has(realm)
    ? refuse({ reason: 'realm_in_use', realm })
    : refuse({ reason: 'entry_unknown', what: 'realm', name: realm })
}

/** Users named without a realm are of this one. Refuses: who may not. */
export async function setDefaultRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configwrite',
    'POST /defaultrealm/<realm>',
    realm,
  )
  return acting.ok ? ports.realms.setDefault(realm, acting.value.entry) : acting
}

/** Users named without a realm are of the first one there was: there always is one. Refuses: who may not. */
export async function clearDefaultRealm(ports: Ports, credential: Credential, source: Source): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configdelete',
    'DELETE /defaultrealm',
    FIRST_REALM,
  )
  return acting.ok ? ports.realms.setDefault(FIRST_REALM, acting.value.entry) : acting
}

/** There is one resolver, and no other can be made. Refuses: who may not; everybody else with `no_directory`. */
export async function changeResolver(
  ports: Ports,
  credential: Credential,
  right: 'resolverwrite' | 'resolverdelete',
): Promise<Outcome<never>> {
  const authorized = await authorize(ports, credential, right)
  return authorized.ok ? refuse({ reason: 'no_directory' }) : authorized
}
