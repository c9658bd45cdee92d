/** What D1 takes as a LIKE pattern, in bytes. */
const LIMIT = 50

/** A text in which `*` stands for anything, as a pattern for `LIKE ? ESCAPE '\'`; undefined where D1 does not take it. */
export function likePattern(text: string): string | undefined {
  const pattern = text.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll(/\*+/g, '%')
  return new TextEncoder().encode(pattern).length > LIMIT ? undefined : pattern
}

/** The same for `GLOB ?`, which tells upper and lower case apart. */
export function globPattern(text: string): string | undefined {
  const pattern = text.replaceAll(/[[?]/g, '[$&]').replaceAll(/\*+/g, '*')
  return new TextEncoder().encode(pattern).length > LIMIT ? undefined : pattern
}
