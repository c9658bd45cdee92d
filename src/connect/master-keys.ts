import type { IdentifierKeys } from '../protocol/encoding/identifiers.ts'
import { distrustedKeys } from '../rules/deployment/master-keys.ts'
import { type DerivedKeys, deriveKeys } from '../storage/derived-keys.ts'
import { type KeyRing, keyRing } from '../storage/key-ring.ts'
import type { Bytes, Instant } from '../vocabulary.ts'
import type { MasterKeyState } from '../vocabulary/master-keys.ts'

interface ConfiguredKeys {
  readonly masterKey: Bytes
  readonly previousMasterKey?: Bytes
}

/** Derives the keys of this isolate from the configured master keys. */
export async function deriveKeyRing(
  { masterKey, previousMasterKey }: ConfiguredKeys,
  now: () => Instant,
): Promise<KeyRing> {
  const key = await deriveKeys(masterKey)
  return keyRing(previousMasterKey === undefined ? [key] : [key, await deriveKeys(previousMasterKey)], now)
}

const identifierKeysOf = ({ identifierMac, identifierMask }: DerivedKeys): IdentifierKeys => ({
  mac: identifierMac,
  mask: identifierMask,
})

/** The keys of identifiers: the current ones, and those that are accepted. A key that somebody else knows is accepted until another
 *  is current. */
export function identifierKeyRing(ring: KeyRing) {
  let known: { readonly state: MasterKeyState | undefined; readonly accepted: readonly IdentifierKeys[] } | undefined
  return {
    current: () => identifierKeysOf(ring.current()),
    /** The same list as long as D1 knows the same keys. */
    accepted() {
      const state = ring.state()
      if (known !== undefined && known.state === state) return known.accepted
      const distrusted = state && distrustedKeys(state)
      const accepted = ring.all.filter(({ id }) => distrusted?.has(id) !== true).map(identifierKeysOf)
      known = { state, accepted }
      return accepted
    },
  }
}
