import type { Bytes } from '../../vocabulary.ts'

// As much of DER (X.690) as public keys and ECDSA signatures need. Strict: what has two spellings in BER has one here.

export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const SEQUENCE = 0x30

/** One element: what it holds, and where the next begins. */
interface Element {
  readonly content: Bytes
  readonly end: number
}

/** The element of that tag that begins at `at`; undefined if there is none, if its length is not in shortest form, or
 *  if it does not end within the bytes. */
export function readElement(bytes: Bytes, at: number, tag: number): Element | undefined {
  const first = bytes[at + 1]
  if (bytes[at] !== tag || first === undefined) return undefined
  let length = first
  let start = at + 2
  if (first >= 0x80) {
    const digits = first - 0x80
    // two bytes of length reach 65,535: far beyond any key that is accepted
    if (digits < 1 || digits > 2) return undefined
    length = 0
    for (const digit of bytes.subarray(start, start + digits)) length = (length << 8) | digit
    start += digits
    if (length < (digits === 1 ? 0x80 : 0x100)) return undefined
  }
  const end = start + length
  return end > bytes.length ? undefined : { content: bytes.slice(start, end), end }
}

/** The content of the one element of that tag that fills the bytes; undefined if anything else is there. */
export function soleElement(bytes: Bytes, tag: number): Bytes | undefined {
  const element = readElement(bytes, 0, tag)
  return element?.end === bytes.length ? element.content : undefined
}

/** Whether an INTEGER's content is greater than zero and in shortest form: a zero byte leads only to keep it positive. */
export function isPositiveInteger(content: Bytes): boolean {
  const [first, second] = content
  if (first === undefined || first >= 0x80) return false
  return first > 0 || (second !== undefined && second >= 0x80)
}

/** The parts, one behind the other, as the content of one element. */
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
