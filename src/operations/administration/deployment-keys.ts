/** The keys that sign API tokens, and those that sign prompts. */
import { decodeBase64, sha256 } from '../../bytes.ts'
import type { ApiTokenKey } from '../../ports/api-token-keys.ts'
import type { Ports } from '../../ports/ports.ts'
import type { ListedSigningKey } from '../../ports/signing-keys.ts'
import { spkiFromPkcs1 } from '../../protocol/encoding/phone-keys.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { reportKeyRotation } from './report-key-rotation.ts'

/** Lists the keys that sign API tokens, or signed some that may still be valid; the newest first. Refuses: as `authorize`. */
export async function listApiTokenKeys(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly Pick<ApiTokenKey, 'id' | 'createdAt' | 'retiredAt' | 'tokensValidUntil'>[]>> {
  const authorized = await authorize(ports, credential, 'keys_read')
  return authorized.ok ? done([...authorized.value.snapshot.apiTokenKeys.values()]) : authorized
}

/** Makes a new key sign API tokens, and answers its id. Those of earlier keys stay valid until they expire, unless the keys are
 *  `compromised`: then everybody has to sign in again. Refuses: as `authorizeDeploymentChange`; `storage_unavailable`. */
export async function rotateApiTokenKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  compromised: boolean,
): Promise<Outcome<string>> {
  const action = 'POST /deployment/keys/api-token/rotate'
  const change = await authorizeDeploymentChange(ports, credential, source, 'keys_write', action)
  if (!change.ok) return change
  const key = await ports.credentials.newApiTokenKey()
  const info = `${key.id}${compromised ? ', the keys before are compromised' : ''}`
  const rotated = await ports.apiTokenKeys.rotate(key, compromised, { ...change.value.entry, info })
  if (!rotated.ok) return rotated
  reportKeyRotation(ports, change.value.entry, 'api_token', key.id)
  return done(key.id)
}

/** Lists the signing keys with the number of tokens that have each; `isCurrent`: new tokens get it; `fingerprint`: SHA-256 of the
 *  public key (SPKI), by which a receipt's server key is recognized. Refuses: as `authorize`. */
export async function listSigningKeys(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly (ListedSigningKey & { readonly isCurrent: boolean; readonly fingerprint: string })[]>> {
  const authorized = await authorize(ports, credential, 'keys_read')
  if (!authorized.ok) return authorized
  const current = ports.signing.currentIn(authorized.value.snapshot)
  const keys = await ports.signingKeys.list()
  if (!keys.ok) return keys
  const described = keys.value.map(async (key) => {
    const fingerprint = await sha256(spkiFromPkcs1(decodeBase64(key.publicKey) ?? new Uint8Array()))
    return { ...key, isCurrent: key.id === current, fingerprint }
  })
  return done(await Promise.all(described))
}

/** Generates a signing key, which new tokens get from now on, and answers its id. Phones keep the key they were enrolled with. Of
 *  concurrent requests one generates the key, and all answer it.
 *  Refuses: as `authorizeDeploymentChange`; `storage_unavailable`. */
export async function rotateSigningKey(ports: Ports, credential: Credential, source: Source): Promise<Outcome<string>> {
  const action = 'POST /deployment/keys/signing/rotate'
  const change = await authorizeDeploymentChange(ports, credential, source, 'keys_write', action)
  if (!change.ok) return change
  const key = await ports.signing.generateNext(change.value.snapshot)
  const added = await ports.signingKeys.add(key, { ...change.value.entry, info: key.id })
  if (!added.ok) return added
  if (added.value) {
    reportKeyRotation(ports, change.value.entry, 'signing', key.id)
    return done(key.id)
  }
  const fresh = await ports.deployment.reload()
  return fresh.ok ? ports.signing.current() : fresh
}

/** Deletes a signing key that no token has and new tokens do not get.
 *  Refuses: as `authorizeDeploymentChange`; `entry_unknown`, `signing_key_in_use`; `storage_unavailable`. */
export async function deleteSigningKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  id: string,
): Promise<Outcome<void>> {
  const action = 'DELETE /deployment/keys/signing/<id>'
  const change = await authorizeDeploymentChange(ports, credential, source, 'keys_write', action, id)
  if (!change.ok) return change
  if (ports.signing.currentIn(change.value.snapshot) === id)
    return refuse({ reason: 'signing_key_in_use', key: id, isCurrent: true })
  const deleted = await ports.signingKeys.delete(id, change.value.entry)
  if (!deleted.ok) return deleted
  if (deleted.value === 'deleted') return done(undefined)
  return deleted.value === 'unknown'
    ? refuse({ reason: 'entry_unknown', entry: 'signing key', name: id })
    : refuse({ reason: 'signing_key_in_use', key: id, isCurrent: false })
}
