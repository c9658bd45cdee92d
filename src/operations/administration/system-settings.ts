import { withChange } from '../../rules/deployment/audited-change.ts'
import type { Limits, Ports, Snapshot } from '../../ports/ports.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { checkSystemSetting } from '../../rules/deployment/system-settings.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { faultsOfWriting } from './combined-settings.ts'

/** Saves system settings, all of those sent or none. They apply from the next login on. Returns which of them are new.
 *  Refuses: as `authorize`; `parameter_invalid`: an unknown setting, an invalid value, or one that a policy's profile rules
 *  out. */
export async function saveSettings(
  ports: Ports,
  credential: Credential,
  source: Source,
  params: Parameters,
): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>> {
  const change = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'configwrite',
    'POST /system/setConfig',
    Object.keys(params).join(', '),
  )
  if (!change.ok) return change
  const checked = Object.entries(params).map(([key, value]) => ({ key, value: checkSystemSetting(key, text(value)) }))
  const invalid = checked.find(({ value }) => !value.ok)
  if (invalid?.value.ok === false) return invalid.value
  const entries = checked.flatMap(({ key, value }) => (value.ok ? [[key, value.value] as const] : []))
  const { snapshot } = change.value
  const settings = { ...snapshot.settings, ...Object.fromEntries(entries) }
  const allowed = checkProfile(ports, snapshot, settings, Object.keys(params).join(', '))
  if (!allowed.ok) return allowed
  if (entries.length === 0) return done({})
  const after = Object.fromEntries(entries)
  const before = Object.fromEntries(Object.entries(snapshot.settings).filter(([key]) => Object.hasOwn(after, key)))
  return ports.settings.save(after, withChange(change.value.entry, before, after))
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Checks the settings against the profiles that policies ask for. `name`: the setting that changes.
 *  Refuses: `parameter_invalid`. */
function checkProfile(
  ports: { readonly limits: Limits },
  snapshot: Snapshot,
  settings: Snapshot['settings'],
  name: string,
): Outcome<void> {
  const [fault] = faultsOfWriting(ports, snapshot, { settings }, [])
  return fault === undefined ? done(undefined) : refuse({ reason: 'parameter_invalid', name, why: fault.why })
}

/** Resets a setting to its default. Returns whether it was set.
 *  Refuses: as `authorize`; `parameter_invalid` if a policy's profile rules the default out. */
export async function deleteSetting(
  ports: Ports,
  credential: Credential,
  source: Source,
  key: string,
): Promise<Outcome<boolean>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'configdelete', 'DELETE /system/<key>', key)
  if (!change.ok) return change
  const { [key]: value, ...rest } = change.value.snapshot.settings
  const allowed = checkProfile(ports, change.value.snapshot, rest, key)
  const before = value === undefined ? undefined : { [key]: value }
  return allowed.ok ? ports.settings.delete(key, withChange(change.value.entry, before, undefined)) : allowed
}

/** Lists the settings that are set; the others have their defaults. Refuses: as `authorize`. */
export async function listSettings(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<Readonly<Record<string, string>>>> {
  const authorized = await authorize(ports, credential, 'configread')
  return authorized.ok ? done(authorized.value.snapshot.settings) : authorized
}
