/** Conversions between bytes and text. */
import type { Bytes } from './vocabulary.ts'

const encoder = new TextEncoder()

/** Encodes a text as UTF-8. */
export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** Encodes bytes in standard base64 with padding and without line breaks (RFC 4648, section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Encodes bytes in the URL-safe alphabet without padding (RFC 4648, section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
}

/** Decodes base64, or returns undefined. Accepts both alphabets, padding or none, and a space for `+`, because a
 *  phone's key sent in a form without percent-encoding arrives like that. Source: docs/protocol.md, "Key encodings". */
export function decodeBase64(text: string): Bytes | undefined {
  const digits = text
    .replaceAll(/[ -]/g, '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) return undefined
  const binary = atob(digits)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** Encodes bytes in lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte < 16 ? `0${byte.toString(16)}` : byte.toString(16)
  return text
}

/** Compresses a text with gzip. The same text gives the same bytes. */
export const gzip = async (text: string): Promise<Bytes> =>
  new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer())

/** Reads a text that was compressed with gzip. Throws if it is damaged, or longer than `most` bytes: a few kilobytes could fill the
 *  memory otherwise. */
export async function gunzip(content: ReadableStream<Uint8Array<ArrayBuffer>>, most: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of content.pipeThrough(new DecompressionStream('gzip'))) {
    size += chunk.length
    if (size > most) throw new Error(`longer than ${most} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Digests bytes with SHA-256, in lower-case hexadecimal. */
export const sha256 = async (bytes: Bytes): Promise<string> =>
  encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
