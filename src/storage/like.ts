/** The longest pattern D1 takes, in bytes. */
const PATTERN_BYTES = 50

/** The pattern for `LIKE ? ESCAPE '\'` of a text in which `*` matches any text; undefined when D1 does not take it. */
export function likePattern(text: string): string | undefined {
  const pattern = text.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll(/\*+/g, '%')
  return new TextEncoder().encode(pattern).length > PATTERN_BYTES ? undefined : pattern
}

/** The pattern for `GLOB ?`, which compares with case; undefined when D1 does not take it. */
export function globPattern(text: string): string | undefined {
  const pattern = text.replaceAll(/[[?]/g, '[$&]').replaceAll(/\*+/g, '*')
  return new TextEncoder().encode(pattern).length > PATTERN_BYTES ? undefined : pattern
}
