/** Spelling of bytes, for the simulated peers alone: nothing here is shared with the server under test. */

/** Bytes that Web Crypto takes: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))

/** Upper case, padded with `=` (docs/protocol.md, "Key encodings"). */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32.charAt((held >>> bits) & 31)
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) text += BASE32.charAt((held << (5 - bits)) & 31)
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/** Undefined for anything but upper-case base32; padding may be missing. */
export function fromBase32(text: string): Bytes | undefined {
  const letters = text.replace(/=+$/, '')
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const letter of letters) {
    const value = BASE32.indexOf(letter)
    if (value < 0) return undefined
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >>> bits) & 255)
      held &= (1 << bits) - 1
    }
  }
  return new Uint8Array(bytes)
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Undefined for anything but standard base64, padded. */
export function fromBase64(text: string): Bytes | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}
