/** What a policy's lists of names and clients mean, made ready once so that matching is a look-up. */
import { type AddressBlock, parseAddressBlock, contains } from '../deployment/addresses.ts'
import { matchesPattern, type Pattern, compilePattern } from './pattern.ts'

/** A list of names made ready. */
export interface NameList {
  readonly matchesAll: boolean
  readonly included: ReadonlySet<string>
  readonly patterns: readonly Pattern[]
  readonly excluded: ReadonlySet<string>
}

/** A list of clients made ready. */
export interface ClientList {
  readonly included: readonly AddressBlock[]
  readonly excluded: readonly AddressBlock[]
}

/** Exact names, `*`, regular expressions, and exclusions `!x` or `-x` of exact names; `anyCase`: case is of no account. */
export function readNameList(entries: readonly string[], anyCase: boolean): NameList {
  const { named, excluded } = split(entries)
  const fold = (name: string): string => (anyCase ? name.toLowerCase() : name)
  const patterns = named.filter(isPattern).flatMap((entry) => {
    const read = compilePattern(entry, anyCase)
    return 'pattern' in read ? [read.pattern] : []
  })
  return {
    matchesAll: named.includes('*'),
    included: new Set(named.map(fold)),
    patterns,
    excluded: new Set(excluded.map(fold)),
  }
}

/** An exclusion wins over everything; a list of nothing but exclusions matches nobody. `name` comes folded where case is of no account. */
export function matchesNameList(
  { matchesAll: all, included: named, patterns, excluded }: NameList,
  name: string,
): boolean {
  if (excluded.has(name)) return false
  return all || named.has(name) || patterns.some((pattern) => matchesPattern(pattern, name))
}

/** Addresses, blocks of them (`10.0.0.0/8`), and exclusions `!x` or `-x`. An entry that is none of these matches nobody. */
export function readClientList(entries: readonly string[]): ClientList {
  const { named, excluded } = split(entries)
  return { included: blocks(named), excluded: blocks(excluded) }
}

export function matchesClientList(clients: ClientList, address: AddressBlock): boolean {
  const holds = (block: AddressBlock): boolean => contains(block, address)
  return !clients.excluded.some(holds) && clients.included.some(holds)
}

/** What keeps a name out of a policy's list, or undefined if nothing does. */
export function nameFault(entry: string): string | undefined {
  const name = bare(entry)
  if (name === '') return `'${entry}' names nobody`
  if (name === '*' && !excludes(entry)) return undefined
  if (!isPattern(name)) return undefined
  if (excludes(entry)) return `'${entry}' would exclude who is called exactly so; an exclusion is no pattern`
  const read = compilePattern(name, false)
  return 'fault' in read ? `'${entry}': ${read.fault}` : undefined
}

/** Names that stand in the list as such, excluded or not. */
export const literalNames = (entries: readonly string[]): readonly string[] =>
  entries.map(bare).filter((name) => !isPattern(name))

/** What keeps an entry out of a policy's list of clients, or undefined if nothing does. */
export function clientFault(entry: string): string | undefined {
  if (parseAddressBlock(bare(entry)) !== undefined) return undefined
  return `'${entry}' is neither an IP address nor a block such as 10.0.0.0/8`
}

/** A full stop alone makes no pattern: `ada.lovelace` is a name, and read otherwise it would be `adaxlovelace` too. */
const isPattern = (entry: string): boolean => /[*+?()[\]{}|^$\\]/.test(entry) && entry !== '*'

const excludes = (entry: string): boolean => entry.startsWith('!') || entry.startsWith('-')
const bare = (entry: string): string => (excludes(entry) ? entry.slice(1).trim() : entry)

function split(entries: readonly string[]): { named: readonly string[]; excluded: readonly string[] } {
  return { named: entries.filter((entry) => !excludes(entry)), excluded: entries.filter(excludes).map(bare) }
}

function blocks(entries: readonly string[]): readonly AddressBlock[] {
  return entries.map(parseAddressBlock).filter((block) => block !== undefined)
}
