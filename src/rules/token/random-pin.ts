import type { Random } from '../../vocabulary.ts'

/** Nobody mistakes one of these for another when it is read out. */
const LETTERS = '23456789abcdefghjkmnpqrstuvwxyz'
/** The largest multiple of their number in a byte: above it, some would come up more often than others. */
const FAIR_BYTES = 248
/** With ten attempts before a lock, forty bits are more than plenty, and can be read out. */
const LENGTH = 8

/** A PIN that nobody chose. */
export function randomPin(random: Random): string {
  let pin = ''
  // 64 draws of 8 bytes without a PIN do not happen by chance.
  for (let draws = 0; draws < 64 && pin.length < LENGTH; draws++)
    for (const byte of random(LENGTH))
      if (byte < FAIR_BYTES && pin.length < LENGTH) pin += LETTERS.charAt(byte % LETTERS.length)
  if (pin.length < LENGTH) throw new Error('the source of random bytes is stuck')
  return pin
}
