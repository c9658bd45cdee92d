import type { Bytes } from '../../vocabulary.ts'

// RFC 4648 section 6. Every signature on the phone's side of the wire is spelled in it, and so is the nonce.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]))

/** How many letters the last group of eight may hold: those that a whole number of bytes makes. */
const LETTERS_OF_LAST_GROUP: ReadonlySet<number> = new Set([0, 2, 4, 5, 7])

/** The bytes in base32, padded with `=` to a multiple of eight, as the app writes and expects signatures. */
export function encodeBase32(bytes: Uint8Array): string {
  const text = encodeBase32Unpadded(bytes)
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/** The bytes in base32 without padding, as a nonce is written. */
export function encodeBase32Unpadded(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((held >>> bits) & 31)
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31)
}

/** The bytes that exactly this text spells, or undefined.
 *  Refuses lower case, missing or surplus padding and set bits behind the last byte: with them one signature would
 *  have several spellings, and whatever compares the text (a digest of an answer, a cache of polls) could be passed
 *  twice with the same signature. The app writes the one form that is accepted here. */
export function decodeBase32(text: string): Bytes | undefined {
  if (text.length % 8 !== 0) return undefined
  const letters = text.replace(/={1,6}$/, '')
  if (text.length - letters.length >= 8 || !LETTERS_OF_LAST_GROUP.has(letters.length % 8)) return undefined
  const bytes = new Uint8Array(Math.floor((letters.length * 5) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (const letter of letters) {
    const value = VALUES.get(letter)
    if (value === undefined) return undefined
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >>> bits
    }
    held &= (1 << bits) - 1
  }
  return held === 0 ? bytes : undefined
}
