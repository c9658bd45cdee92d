/** Canonical JSON (RFC 8785) of what capabilities may contain: booleans, texts, lists, objects. Source: docs/protocol.md, "Capabilities". */
export type Plain = boolean | string | readonly Plain[] | { readonly [name: string]: Plain }

/** Keys sorted by UTF-16 units, as `sort()` does without a comparison; no blanks. */
export function canonical(value: Plain): string {
  if (typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${canonical(entry)}`).join(',')}}`
}

/** Whether there is no number and no null in it, for which the app ignores all capabilities. Source: docs/protocol.md, "Capabilities". */
export const isPlainObject = (value: Readonly<Record<string, unknown>>): value is Record<string, Plain> =>
  Object.values(value).every(isPlain)

function isPlain(value: unknown): value is Plain {
  if (typeof value === 'boolean' || typeof value === 'string') return true
  if (Array.isArray(value)) return value.every(isPlain)
  return typeof value === 'object' && value !== null && Object.values(value).every(isPlain)
}

// Array.isArray does not narrow a readonly array away.
const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value)
