/** PINs, each sealed for its token. */
import type { Pins } from '../ports/ports.ts'
import type { Random } from '../vocabulary.ts'
import type { Sealer } from './seal.ts'
import { passwordHash } from './password-hash.ts'

const identity = (serial: string): string => `pin:${serial}`

export function pins(sealer: Sealer, random: Random): Pins {
  const hash = passwordHash(sealer, random)
  return {
    seal: (serial, pin) => hash.seal(identity(serial), pin),
    copy: (from, to, sealed) => hash.copy(identity(from), identity(to), sealed),
    matches: (serial, sealed, pin) => hash.matches(identity(serial), sealed, pin),
  }
}
