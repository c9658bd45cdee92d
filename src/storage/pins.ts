/** PINs, each sealed for its token. */
import type { Pins } from '../ports/pins.ts'
import { done } from '../refusal.ts'
import type { Random } from '../vocabulary.ts'
import { type Log, storageUnavailable } from './run-query.ts'
import type { Resealer } from './reseal.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'
import { passwordHash } from './password-hash.ts'

const identity = (serial: string): string => sealedIdentity('tokens', serial)

const UNREADABLE = 'pin_unreadable'

export function pins(sealer: Sealer, random: Random, log: Log, resealer: Resealer): Pins {
  const hash = passwordHash(sealer, random, log)
  return {
    seal: (serial, pin) => hash.seal(identity(serial), pin),
    sealImported: (serial, pin) =>
      typeof pin === 'string' ? hash.sealPending(identity(serial), pin) : hash.sealForeign(identity(serial), pin),
    async copy(from, to, sealed) {
      const copied = await hash.copy(identity(from), identity(to), sealed)
      if (copied !== undefined) return done(copied)
      log(UNREADABLE, { serial: from, ...sealer.faultOf(sealed) })
      return storageUnavailable()
    },
    open: (serial, sealed, readAgain) =>
      hash.open(identity(serial), sealed, readAgain, { event: UNREADABLE, fields: { serial } }),
    reseal: (serial, sealed, key) => resealer.reseal('tokens', { name: serial, sealed }, key),
    matches: (opened, pin) => hash.matches(opened, pin),
  }
}
