/** The configured master keys, and which of them is current. */
import type { Instant } from '../vocabulary.ts'
import type { MasterKeyState } from '../vocabulary/master-keys.ts'
import type { DerivedKeys } from './derived-keys.ts'

export interface KeyRing {
  /** `MASTER_KEY`, then `MASTER_KEY_PREVIOUS`: each of them opens and verifies. */
  readonly all: readonly [DerivedKeys, ...DerivedKeys[]]
  find(id: string): DerivedKeys | undefined
  /** Returns the key that seals values and makes identifiers: the one that D1 says is current. Other isolates and objects may not
   *  have a newer one yet. */
  current(): DerivedKeys
  /** Whether values are sealed in the form that names the key. */
  namesKeys(): boolean
  /** Sets which keys D1 knows and which one is current. */
  adopt(state: MasterKeyState): void
  /** Returns what `adopt` was last given; undefined before that. */
  state(): MasterKeyState | undefined
}

export function keyRing(all: KeyRing['all'], now: () => Instant): KeyRing {
  let state: MasterKeyState | undefined
  const find = (id: string): DerivedKeys | undefined => all.find((keys) => keys.id === id)
  return {
    all,
    find,
    // Until D1 was read the key before is the safe one: everybody has it.
    current: () => (state?.current === undefined ? undefined : find(state.current)) ?? all.at(-1) ?? all[0],
    namesKeys() {
      const since = state?.keys.find(({ id }) => id === state?.current)?.currentSince
      return since !== undefined && now() >= since
    },
    adopt(read) {
      state = read
    },
    state: () => state,
  }
}
