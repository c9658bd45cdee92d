import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeBase64Url } from '../../bytes.ts'
import type { ServiceKey } from '../../ports/service-keys.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { addSeconds, type Instant, type Role, type Seconds, type Source } from '../../vocabulary.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { digest } from '../access/digest.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { reportKeyRotation } from './report-key-rotation.ts'

/** Every service key begins with this, and nothing else does, so a header shows what it holds. */
export const KEY_PREFIX = 'nod_'

const newSecret = (ports: Ports): string => `${KEY_PREFIX}${encodeBase64Url(ports.random(32))}`

/** A secret that is shown this once, and when it ends. */
export interface ShownSecret {
  readonly key: string
  readonly validUntil?: Instant
}

/** Adds a service key, valid for `expiresIn` seconds or without end, and answers it this once; only its hash is stored.
 *  Refuses: as `authorizeDeploymentChange`; `name_taken`, `storage_unavailable`. */
export async function addServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  { name, role, expiresIn }: { readonly name: string; readonly role: Role; readonly expiresIn?: Seconds | undefined },
): Promise<Outcome<ShownSecret>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'apikey_write', 'POST /apikey', name)
  if (!change.ok) return change
  const key = newSecret(ports)
  const now = ports.now()
  const end = present({ validUntil: expiresIn && addSeconds(now, expiresIn) })
  const added = await ports.serviceKeys.add(
    { name, role, hash: await digest(key), createdAt: now, ...end },
    withChange(change.value.entry, undefined, present({ role, validUntil: end.validUntil })),
  )
  if (!added.ok) return added
  return added.value ? done({ key, ...end }) : refuse({ reason: 'name_taken', name })
}

/** Gives a service key another secret, and answers it this once. The secrets before stay valid for `overlap` seconds, or until their
 *  own end. Without `expiresIn` the new secret is valid for as long as the one before was at first. Logins that are open stay the
 *  key's own, whichever secret opened them.
 *  Refuses: as `authorizeDeploymentChange`; `entry_unknown`, `storage_unavailable`. */
export async function rotateServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  rotation: { readonly name: string; readonly overlap: Seconds; readonly expiresIn?: Seconds | undefined },
): Promise<Outcome<ShownSecret & { readonly previousUntil: Instant }>> {
  const { name, overlap, expiresIn } = rotation
  const action = 'POST /apikey/<name>/rotate'
  const info = `${name}: the secret before ends ${overlap === 0 ? 'now' : `after ${overlap} seconds`}`
  const change = await authorizeDeploymentChange(ports, credential, source, 'apikey_write', action, info)
  if (!change.ok) return change
  const { entry } = change.value
  const key = newSecret(ports)
  const hash = await digest(key)
  const previousUntil = addSeconds(entry.at, overlap)
  const validUntil = expiresIn && addSeconds(entry.at, expiresIn)
  const rotated = await ports.serviceKeys.rotate(name, { hash, validUntil, previousUntil }, entry)
  if (!rotated.ok) return rotated
  if (rotated.value === undefined) return refuse({ reason: 'entry_unknown', entry: 'service key', name })
  reportKeyRotation(ports, entry, 'service', name)
  const { ended, validUntil: end } = rotated.value
  if (ended.length > 0) await handOver(ports, ended, hash)
  return done({ key, previousUntil, ...present({ validUntil: end }) })
}

/** Gives the open logins of secrets that have ended to the new one: finalizing does not look up a key, so the shards have to know.
 *  What a shard did not hear is only logged, because the new secret is already stored and has to be answered. Its logins can be
 *  finalized with the new secret all the same, and for at most seven minutes with the old one. */
async function handOver(ports: Ports, from: readonly string[], to: string): Promise<void> {
  const told = await Promise.all(ports.transactions.all().map((shard) => shard.rekey({ from, to })))
  const failed = told.filter(({ ok }) => !ok).length
  if (failed > 0) ports.log('service_key_rotation_incomplete', { shards: failed })
}

/** Revokes a service key with all its secrets, and withdraws the logins they opened.
 *  Refuses: as `authorizeDeploymentChange`; `entry_unknown`; `storage_unavailable`, also when the key is revoked but a login could not
 *  be withdrawn: then the request has to be repeated. */
export async function deleteServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const action = 'DELETE /apikey/<name>'
  const change = await authorizeDeploymentChange(ports, credential, source, 'apikey_write', action, name)
  if (!change.ok) return change
  const known = [...change.value.snapshot.serviceKeys.values()].find((key) => key.name === name)
  const before = known && { role: known.role }
  const revoked = await ports.serviceKeys.revoke(name, withChange(change.value.entry, before, undefined))
  if (!revoked.ok) return revoked
  if (revoked.value.length === 0) return refuse({ reason: 'entry_unknown', entry: 'service key', name })
  const withdrawn = await Promise.all(
    ports.transactions.all().flatMap((shard) => revoked.value.map((keyHash) => shard.withdrawByKey({ keyHash }))),
  )
  // Finalizing a login does not look up the key that opened it, so the shards have to withdraw its logins.
  return withdrawn.find(({ ok }) => !ok) ?? ports.serviceKeys.forget(name)
}

/** A service key with its secrets, the newest first. */
interface ListedKey extends Pick<ServiceKey, 'name' | 'role' | 'createdAt' | 'rotatedAt'> {
  readonly secrets: readonly Pick<ServiceKey, 'validUntil' | 'lastUsedAt'>[]
}

/** Lists the service keys, without their hashes. Refuses: as `authorize`. */
export async function listServiceKeys(ports: Ports, credential: Credential): Promise<Outcome<readonly ListedKey[]>> {
  const authorized = await authorize(ports, credential, 'apikey_read')
  if (!authorized.ok) return authorized
  const all = [...authorized.value.snapshot.serviceKeys.values()]
  const newest = all.filter(({ hash, hashes }) => hash === hashes[0])
  return done(newest.map((key) => ({ ...key, secrets: all.filter(({ name }) => name === key.name) })))
}
