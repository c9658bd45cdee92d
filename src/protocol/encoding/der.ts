import type { Bytes } from '../../vocabulary.ts'

// The part of DER (X.690) that public keys and ECDSA signatures need. Each value has one encoding; the other encodings
// of BER are not accepted.

export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const SEQUENCE = 0x30

/** An element's content, and the offset after it. */
interface Element {
  readonly content: Bytes
  readonly end: number
}

/** Reads the element of a tag at this offset. Undefined if there is none, if its length is not in shortest form, or if
 *  it exceeds the bytes. */
export function readElement(bytes: Bytes, at: number, tag: number): Element | undefined {
  const first = bytes[at + 1]
  if (bytes[at] !== tag || first === undefined) return undefined
  let length = first
  let start = at + 2
  if (first >= 0x80) {
    const digits = first - 0x80
    // Two bytes give lengths up to 65,535, far beyond any accepted key.
    if (digits < 1 || digits > 2) return undefined
    length = 0
    for (const digit of bytes.subarray(start, start + digits)) length = (length << 8) | digit
    start += digits
    if (length < (digits === 1 ? 0x80 : 0x100)) return undefined
  }
  const end = start + length
  return end > bytes.length ? undefined : { content: bytes.slice(start, end), end }
}

/** Reads the content of an element that fills all bytes. Undefined if anything else is there. */
export function soleElement(bytes: Bytes, tag: number): Bytes | undefined {
  const element = readElement(bytes, 0, tag)
  return element?.end === bytes.length ? element.content : undefined
}

/** Whether an INTEGER's content is positive and in shortest form: a leading zero byte only keeps the number positive. */
export function isPositiveInteger(content: Bytes): boolean {
  const [first, second] = content
  if (first === undefined || first >= 0x80) return false
  return first > 0 || (second !== undefined && second >= 0x80)
}

/** Encodes the joined parts as the content of one element. */
export function encodeElement(tag: number, ...parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > 0xffff) throw new RangeError('an element of more than 65,535 bytes')
  const head = [tag]
  if (length < 0x80) head.push(length)
  else if (length < 0x100) head.push(0x81, length)
  else head.push(0x82, length >>> 8, length & 0xff)
  const bytes = new Uint8Array(head.length + length)
  bytes.set(head)
  let at = head.length
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
