import type { Ports } from '../../ports/ports.ts'
import { encodeBase64Url } from '../../bytes.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Role, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { digest } from '../access/digest.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Every service key begins with this, and nothing else does, so a header shows what it holds. */
export const KEY_PREFIX = 'nod_'

/** Adds a service key and answers it this once; only its hash is stored.
 *  Refuses: as `authorizeDeploymentChange`; `name_taken`, `storage_unavailable`. */
export async function addServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  { name, role }: { readonly name: string; readonly role: Role },
): Promise<Outcome<string>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'apikey_write', 'POST /apikey', name)
  if (!change.ok) return change
  const key = `${KEY_PREFIX}${encodeBase64Url(ports.random(32))}`
  const added = await ports.serviceKeys.add(
    { name, role, hash: await digest(key), createdAt: ports.now() },
    change.value.entry,
  )
  if (!added.ok) return added
  return added.value ? done(key) : refuse({ reason: 'name_taken', name })
}

/** Revokes a service key and withdraws the logins it opened.
 *  Refuses: as `authorizeDeploymentChange`; `entry_unknown`; `storage_unavailable`, also when the key is revoked but a login could not
 *  be withdrawn: then the request has to be repeated. */
export async function deleteServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'apikey_write',
    'DELETE /apikey/<name>',
    name,
  )
  if (!change.ok) return change
  const hash = await ports.serviceKeys.revoke(name, change.value.entry)
  if (!hash.ok) return hash
  const revoked = hash.value
  if (revoked === undefined) return refuse({ reason: 'entry_unknown', entry: 'service key', name })
  const withdrawn = await Promise.all(
    ports.transactions.all().map((shard) => shard.withdrawByKey({ keyHash: revoked })),
  )
  // Finalizing a login does not look up the key that opened it, so the shards have to withdraw its logins.
  return withdrawn.find(({ ok }) => !ok) ?? ports.serviceKeys.forget(revoked)
}

interface ListedKey {
  readonly name: string
  readonly role: Role
  readonly createdAt: number
}

/** Lists the service keys, without their hashes. Refuses: as `authorize`. */
export async function listServiceKeys(ports: Ports, credential: Credential): Promise<Outcome<readonly ListedKey[]>> {
  const authorized = await authorize(ports, credential, 'apikey_read')
  if (!authorized.ok) return authorized
  return done(
    [...authorized.value.snapshot.serviceKeys.values()].map(({ name, role, createdAt }) => ({ name, role, createdAt })),
  )
}
