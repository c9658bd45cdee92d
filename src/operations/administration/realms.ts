/** Realms, and the one resolver. A realm exists once an administrator has added it, until an administrator deletes it. */
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange, type DeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { requireRealms } from '../access/new-user.ts'

/** The default realm until an administrator sets another. */
const FIRST_REALM = 'defrealm'

interface Realms {
  readonly realms: ReadonlySet<string>
  readonly defaultRealm: string
}

/** Lists the realms. Refuses: as `authorize`. */
export async function listRealms(ports: Ports, credential: Credential): Promise<Outcome<Realms>> {
  const authorized = await authorize(ports, credential, 'resolverread')
  return authorized.ok ? done(authorized.value.snapshot) : authorized
}

/** Adds a realm, which stays even without users. Refuses: as `authorizeDeploymentChange`; `storage_unavailable`. */
export async function addRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'resolverwrite',
    'POST /realm/<realm>',
    realm,
  )
  return change.ok ? ports.realms.add(realm, change.value.entry) : change
}

/** Deletes a realm. Refuses: as `authorizeDeploymentChange`; `entry_unknown`; `realm_in_use` while a user or a token is in it, a policy
 *  names it, or it is the default; `storage_unavailable`. */
export async function deleteRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'resolverdelete',
    'DELETE /realm/<realm>',
    realm,
  )
  if (!change.ok) return change
  const deleted = await ports.realms.delete(realm, change.value.entry)
  if (!deleted.ok) return deleted
  if (deleted.value) return done(undefined)
  return change.value.snapshot.realms.has(realm)
    ? refuse({ reason: 'realm_in_use', realm })
    : refuse({ reason: 'entry_unknown', entry: 'realm', name: realm })
}

/** Makes this realm the default: users without a realm are read as being in it.
 *  Refuses: as `authorizeDeploymentChange`; `realm_unknown`, `storage_unavailable`. */
export async function setDefaultRealm(
  ports: Ports,
  credential: Credential,
  source: Source,
  realm: string,
): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configwrite',
    'POST /defaultrealm/<realm>',
    realm,
  )
  if (!change.ok) return change
  const known = requireRealms([realm], change.value.snapshot)
  return known.ok ? ports.realms.setDefault(realm, defaultRealmEntry(change.value, realm)) : known
}

/** Makes `defrealm` the default again: there always is a default realm. Refuses: as `setDefaultRealm`. */
export async function clearDefaultRealm(ports: Ports, credential: Credential, source: Source): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configdelete',
    'DELETE /defaultrealm',
    FIRST_REALM,
  )
  return change.ok ? ports.realms.setDefault(FIRST_REALM, defaultRealmEntry(change.value, FIRST_REALM)) : change
}

const defaultRealmEntry = ({ entry, snapshot }: DeploymentChange, realm: string) =>
  withChange(entry, { default: snapshot.defaultRealm }, { default: realm })

/** Always refuses: there is one resolver, and it cannot be changed. Refuses: as `authorize`; `no_directory`. */
export async function changeResolver(
  ports: Ports,
  credential: Credential,
  right: 'resolverwrite' | 'resolverdelete',
): Promise<Outcome<never>> {
  const authorized = await authorize(ports, credential, right)
  return authorized.ok ? refuse({ reason: 'no_directory' }) : authorized
}
