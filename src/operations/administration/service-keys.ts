import type { Ports } from '../../ports/ports.ts'
import { encodeBase64Url } from '../../bytes.ts'
import type { Outcome } from '../../refusal.ts'
import { done, outcomeOf, refuse } from '../../refusal.ts'
import type { Role, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { digest } from '../access/digest.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

/** What a service key begins with: nothing else does, so a header or a path shows which it holds. */
export const KEY_PREFIX = 'nod_'

/** A service's key, told this once: only its hash is kept. Refuses: who may not; `name_taken`. */
export async function addServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  { name, role }: { readonly name: string; readonly role: Role },
): Promise<Outcome<string>> {
  const acting = await authorizeDeploymentChange(ports, credential, source, 'apikey_write', 'POST /apikey', name)
  if (!acting.ok) return acting
  const key = `${KEY_PREFIX}${encodeBase64Url(ports.random(32))}`
  const added = await ports.serviceKeys.add(
    { name, role, hash: await digest(key), createdAt: ports.now() },
    acting.value.entry,
  )
  if (!added.ok) return added
  return added.value ? done(key) : refuse({ reason: 'name_taken', name })
}

/** The key is void, and what it opened is withdrawn. Refuses: who may not; `entry_unknown`; `storage_unavailable`, also when
 *  the key is void and something it opened could not be withdrawn: to be asked for again. */
export async function deleteServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'apikey_write',
    'DELETE /apikey/<name>',
    name,
  )
  if (!acting.ok) return acting
  const hash = await ports.serviceKeys.revoke(name, acting.value.entry)
  if (!hash.ok) return hash
  const revoked = hash.value
  if (revoked === undefined) return refuse({ reason: 'entry_unknown', what: 'service key', name })
  const withdrawn = await outcomeOf(Promise.all(ports.transactions.all().map((shard) => shard.withdrawKey(revoked))))
  // Nothing of a login is looked up when it is used: only the shard keeps what the key opened from going on.
  return withdrawn.ok ? ports.serviceKeys.forget(revoked) : withdrawn
}

interface ListedKey {
  readonly name: string
  readonly role: Role
  readonly createdAt: number
}

/** The service keys, without what would let anybody in. Refuses: who may not. */
export async function listServiceKeys(ports: Ports, credential: Credential): Promise<Outcome<readonly ListedKey[]>> {
  const authorized = await authorize(ports, credential, 'apikey_read')
  if (!authorized.ok) return authorized
  return done(
    [...authorized.value.snapshot.serviceKeys.values()].map(({ name, role, createdAt }) => ({ name, role, createdAt })),
  )
}
