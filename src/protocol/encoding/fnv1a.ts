/** Hashes a text to 32 bits by FNV-1a. Fast, and not secret: equal texts have equal hashes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
