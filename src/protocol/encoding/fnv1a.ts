/** A number of 32 bits for a text: the same for the same one, and hardly ever for another (FNV-1a). It hides nothing. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
