/** PINs, sealed for the token they belong to. */
import type { Pins } from '../ports/ports.ts'
import type { Random } from '../vocabulary.ts'
import type { Sealer } from './seal.ts'
import { passwordHash } from './password-hash.ts'

const identity = (serial: string): string => `pin:${serial}`

export function pins(sealer: Sealer, random: Random): Pins {
  const stretched = passwordHash(sealer, random)
  return {
    seal: (serial, pin) => stretched.seal(identity(serial), pin),
    copy: (from, to, sealed) => stretched.copy(identity(from), identity(to), sealed),
    matches: (serial, sealed, pin) => stretched.matches(identity(serial), sealed, pin),
  }
}
