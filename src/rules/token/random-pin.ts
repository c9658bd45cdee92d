/** PINs and digits from random bytes, each character equally likely. */
import type { Random } from '../../vocabulary.ts'

/** Letters and digits that nobody mistakes for one another when a PIN is read out. */
const LETTERS = '23456789abcdefghjkmnpqrstuvwxyz'
/** The largest multiple of their number that a byte holds. Larger bytes are drawn again, or some letters were more likely. */
const LETTER_BYTES = 248
/** Forty bits: with ten attempts before the lock that is enough, and short enough to read out. */
const LENGTH = 8

/** A random PIN for a token whose user has not chosen one. */
export function randomPin(random: Random): string {
  let pin = ''
  // A source of random bytes does not fail to give eight letters in 64 draws by chance.
  for (let draws = 0; draws < 64 && pin.length < LENGTH; draws++)
    for (const byte of random(LENGTH))
      if (byte < LETTER_BYTES && pin.length < LENGTH) pin += LETTERS.charAt(byte % LETTERS.length)
  if (pin.length < LENGTH) throw new Error('the source of random bytes is stuck')
  return pin
}

/** Random decimal digits, leading zeros included. */
export function randomDigits(count: number, random: Random): string {
  let digits = ''
  while (digits.length < count) {
    const [byte = 255] = random(1)
    // 250 is the largest multiple of ten that a byte holds.
    if (byte < 250) digits += String(byte % 10)
  }
  return digits
}
