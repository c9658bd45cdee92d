import type { Ports, Snapshot } from '../ports/ports.ts'
import { encodeBase64Url } from '../protocol/base64.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { Outcome } from '../refusal.ts'
import { done, outcomeOf, refuse } from '../refusal.ts'
import { timesFault } from '../rules/profile.ts'
import { checkSystemSetting, readSystemSettings } from '../rules/system-settings.ts'
import type { Role, Source } from '../vocabulary.ts'
import { digest } from './digest.ts'
import type { Credential } from './identify.ts'
import { authorize } from './identify.ts'
import { act } from './policies.ts'

/** The settings hold from the next login on: all of those sent, or none.
 *  Refuses: who may not; a key or value Nod does not take. */
export async function saveSettings(
  ports: Ports,
  credential: Credential,
  source: Source,
  params: Parameters,
): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>> {
  const acting = await act(
    ports,
    credential,
    source,
    'configwrite',
    'POST /system/setConfig',
    Object.keys(params).join(', '),
  )
  if (!acting.ok) return acting
  const checked = Object.entries(params).map(([key, value]) => ({ key, value: checkSystemSetting(key, text(value)) }))
  const unfit = checked.find(({ value }) => !value.ok)
  if (unfit?.value.ok === false) return unfit.value
  const entries = checked.flatMap(({ key, value }) => (value.ok ? [[key, value.value] as const] : []))
  const { snapshot } = acting.value
  const fitting = fits(
    snapshot,
    { ...snapshot.settings, ...Object.fromEntries(entries) },
    Object.keys(params).join(', '),
  )
  if (!fitting.ok) return fitting
  const saved: Record<string, 'insert' | 'update'> = {}
  for (const [key, value] of entries) {
    const one = await ports.catalogue.saveSetting(key, value, acting.value.deed)
    if (!one.ok) return one
    saved[key] = one.value
  }
  return done(saved)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Whether the deployment may have these settings. Refuses: `parameter_invalid`, if a policy's profile rules them out. */
function fits({ policies }: Snapshot, entries: Snapshot['settings'], name: string): Outcome<void> {
  const why = timesFault(policies, readSystemSettings(entries))
  return why === undefined ? done(undefined) : refuse({ reason: 'parameter_invalid', name, why })
}

/** The setting has its default again; whether it was set. Refuses: who may not; a default that does not fit. */
export async function deleteSetting(
  ports: Ports,
  credential: Credential,
  source: Source,
  key: string,
): Promise<Outcome<boolean>> {
  const acting = await act(ports, credential, source, 'configdelete', 'DELETE /system/<key>', key)
  if (!acting.ok) return acting
  const { [key]: _, ...rest } = acting.value.snapshot.settings
  const fitting = fits(acting.value.snapshot, rest, key)
  return fitting.ok ? ports.catalogue.deleteSetting(key, acting.value.deed) : fitting
}

/** What is set, and only that. Refuses: who may not. */
export async function settings(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<Readonly<Record<string, string>>>> {
  const authorized = await authorize(ports, credential, 'configread')
  return authorized.ok ? done(authorized.value.snapshot.settings) : authorized
}

/** A service's key, told this once: only its hash is kept. Refuses: who may not; `name_taken`. */
export async function addServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  { name, role }: { readonly name: string; readonly role: Role },
): Promise<Outcome<string>> {
  const acting = await act(ports, credential, source, 'apikey_write', 'POST /apikey', name)
  if (!acting.ok) return acting
  const key = `${KEY_PREFIX}${encodeBase64Url(ports.random(32))}`
  const added = await ports.catalogue.addServiceKey(
    { name, role, hash: await digest(key), createdAt: ports.now() },
    acting.value.deed,
  )
  if (!added.ok) return added
  return added.value ? done(key) : refuse({ reason: 'name_taken', name })
}

/** What a service key begins with: nothing else does, so a header or a path shows which it holds. */
export const KEY_PREFIX = 'nod_'

/** The key is void, and what it opened is withdrawn. Refuses: who may not; `entry_unknown`; `storage_unavailable`, also when
 *  the key is void and something it opened could not be withdrawn: to be asked for again. */
export async function deleteServiceKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const acting = await act(ports, credential, source, 'apikey_write', 'DELETE /apikey/<name>', name)
  if (!acting.ok) return acting
  const hash = await ports.catalogue.revokeServiceKey(name, acting.value.deed)
  if (!hash.ok) return hash
  const revoked = hash.value
  if (revoked === undefined) return refuse({ reason: 'entry_unknown', what: 'service key', name })
  const withdrawn = await outcomeOf(Promise.all(ports.transactions.all().map((shard) => shard.withdrawKey(revoked))))
  // Nothing of a login is looked up when it is used: only the shard keeps what the key opened from going on.
  return withdrawn.ok ? ports.catalogue.forgetServiceKey(revoked) : withdrawn
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
