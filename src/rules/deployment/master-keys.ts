import type { ConfiguredKeyIds, MasterKeyId, MasterKeyRecord, MasterKeyState } from '../../vocabulary/master-keys.ts'

/** Returns what is wrong with the configured keys, as one sentence that names the variable and the next step; undefined if they
 *  open everything that this database may hold. A key that was ever current is needed until nothing is sealed with it any more. */
export function masterKeyFault(state: MasterKeyState, { key, previous }: ConfiguredKeyIds): string | undefined {
  const { current } = state
  if (current === undefined) return undefined
  const isConfigured = (id: MasterKeyId): boolean => id === key || id === previous
  const needed = state.keys.filter((one) => one.id !== current && isNeeded(one) && !isConfigured(one.id))
  const [missing] = needed
  if (!isConfigured(current) && missing !== undefined)
    return (
      `MASTER_KEY: this database is half rotated from the key ${missing.id} to the key ${current}, and neither is configured; ` +
      `set MASTER_KEY to ${current} and MASTER_KEY_PREVIOUS to ${missing.id}`
    )
  if (!isConfigured(current))
    return (
      `MASTER_KEY: this database is sealed with the key ${current}, and the configured one is ${key}; set MASTER_KEY to ${current}, ` +
      `or set MASTER_KEY_PREVIOUS to it while you change to ${key}`
    )
  if (missing === undefined) return undefined
  if (key === current)
    return (
      `MASTER_KEY_PREVIOUS: values may still be sealed with the key ${missing.id}, which is not configured; ` +
      `set MASTER_KEY_PREVIOUS to it until \`npm run nod -- rotate\` says that it may go`
    )
  return (
    `MASTER_KEY: the rotation from the key ${missing.id} to the key ${current} has not ended; set MASTER_KEY to ${current} and ` +
    `MASTER_KEY_PREVIOUS to ${missing.id}, end it with \`npm run nod -- rotate\`, and change to ${key} then`
  )
}

/** Whether something may be sealed with the key. */
export const isNeeded = (key: MasterKeyRecord): boolean =>
  key.currentSince !== undefined && key.unusedSince === undefined

/** The keys whose identifiers are not accepted any more: somebody else knows them, and another one is current. */
export const distrustedKeys = ({ current, keys }: MasterKeyState): ReadonlySet<MasterKeyId> =>
  new Set(keys.flatMap(({ id, compromisedAt }) => (id !== current && compromisedAt !== undefined ? [id] : [])))
