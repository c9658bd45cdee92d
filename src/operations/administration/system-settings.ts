import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { settingsFault } from '../../rules/login/profile.ts'
import { checkSystemSetting, readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

/** The settings hold from the next login on: all of those sent, or none.
 *  Refuses: who may not; a key or value Nod does not take. */
export async function saveSettings(
  ports: Ports,
  credential: Credential,
  source: Source,
  params: Parameters,
): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>> {
  const acting = await authorizeDeploymentChange(
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
  return entries.length === 0 ? done({}) : ports.settings.save(Object.fromEntries(entries), acting.value.entry)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Whether the deployment may have these settings. Refuses: `parameter_invalid`, if a policy's profile rules them out. */
function fits({ policies }: Snapshot, entries: Snapshot['settings'], name: string): Outcome<void> {
  const why = settingsFault(policies, readSystemSettings(entries))
  return why === undefined ? done(undefined) : refuse({ reason: 'parameter_invalid', name, why })
}

/** The setting has its default again; whether it was set. Refuses: who may not; a default that does not fit. */
export async function deleteSetting(
  ports: Ports,
  credential: Credential,
  source: Source,
  key: string,
): Promise<Outcome<boolean>> {
  const acting = await authorizeDeploymentChange(ports, credential, source, 'configdelete', 'DELETE /system/<key>', key)
  if (!acting.ok) return acting
  const { [key]: _, ...rest } = acting.value.snapshot.settings
  const fitting = fits(acting.value.snapshot, rest, key)
  return fitting.ok ? ports.settings.delete(key, acting.value.entry) : fitting
}

/** What is set, and only that. Refuses: who may not. */
export async function listSettings(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<Readonly<Record<string, string>>>> {
  const authorized = await authorize(ports, credential, 'configread')
  return authorized.ok ? done(authorized.value.snapshot.settings) : authorized
}
