/** Bytes as text and text as bytes. */
import type { Bytes } from '../vocabulary.ts'

/** Web Crypto wants bytes that are not shared; the encoder's own type does not promise that. */
export const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))

export function toBase64(bytes: Bytes): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

export const toBase64url = (bytes: Bytes): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

/** `undefined` when the text is not base64url. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}
