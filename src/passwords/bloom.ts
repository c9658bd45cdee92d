/** A Bloom filter of texts: every text that was added is found, and few others are. */

/** Bits that are set for each text. */
const HASHES = 8

/** The bits of a text, by two hashes (Kirsch and Mitzenmacher: Less Hashing, Same Performance). */
const bitsOf = (text: string, size: number): readonly number[] => {
  const first = hash(text)
  const second = hash(text, 0x01000193) | 1
  return Array.from({ length: HASHES }, (_, index) => ((first + Math.imul(index, second)) >>> 0) % size)
}

/** Hashes a text to 32 bits: FNV-1a from this start, with the last step of MurmurHash3, so that every bit of the text reaches every bit
 *  of the hash. */
export function hash(text: string, start = 0x811c9dc5): number {
  let value = start
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** Returns a filter of these texts. `bytes`: its size. */
export function makeFilter(texts: Iterable<string>, bytes: number): Uint8Array {
  const filter = new Uint8Array(bytes)
  for (const text of texts)
    for (const bit of bitsOf(text, bytes * 8)) filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7))
  return filter
}

/** Whether the text was added to the filter. True for a few texts that were not. */
export const isInFilter = (filter: Uint8Array, text: string): boolean =>
  bitsOf(text, filter.length * 8).every((bit) => ((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0)
