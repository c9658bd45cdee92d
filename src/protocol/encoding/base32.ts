import type { Bytes } from '../../vocabulary.ts'

// RFC 4648, section 6. The phone's signatures, the server's signatures and the nonce are in base32.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]))

/** Letters that the last group of eight can have: those that encode whole bytes. */
const LETTERS_OF_LAST_GROUP: ReadonlySet<number> = new Set([0, 2, 4, 5, 7])

/** Encodes bytes in base32, padded with `=` to a multiple of eight, as the app does for signatures. */
export function encodeBase32(bytes: Uint8Array): string {
  const text = encodeBase32Unpadded(bytes)
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/** Encodes bytes in base32 without padding, as a nonce is written. */
export function encodeBase32Unpadded(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((buffer >>> bits) & 31)
    }
    buffer &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET.charAt((buffer << (5 - bits)) & 31)
}

/** Decodes base32 in its one canonical form, or returns undefined. Lower case, missing or surplus padding and bits
 *  after the last byte are not accepted. Otherwise one signature would have several spellings, and a check that
 *  compares the text (the digest of an answer, a cache of polls) could be passed twice with it. The app writes the
 *  canonical form. */
export function decodeBase32(text: string): Bytes | undefined {
  if (text.length % 8 !== 0) return undefined
  const letters = text.replace(/={1,6}$/, '')
  if (text.length - letters.length >= 8 || !LETTERS_OF_LAST_GROUP.has(letters.length % 8)) return undefined
  const bytes = new Uint8Array(Math.floor((letters.length * 5) / 8))
  let buffer = 0
  let bits = 0
  let at = 0
  for (const letter of letters) {
    const value = VALUES.get(letter)
    if (value === undefined) return undefined
    buffer = (buffer << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = buffer >>> bits
    }
    buffer &= (1 << bits) - 1
  }
  return buffer === 0 ? bytes : undefined
}
