/** A policy's lists of names and of clients. They are read once, so that matching is a look-up. */
import { type AddressBlock, contains, parseAddressBlock } from '../deployment/addresses.ts'
import { compilePattern, matchesPattern, type Pattern } from './pattern.ts'

export interface NameList {
  readonly matchesAll: boolean
  readonly included: ReadonlySet<string>
  readonly patterns: readonly Pattern[]
  readonly excluded: ReadonlySet<string>
}

export interface ClientList {
  readonly included: readonly AddressBlock[]
  readonly excluded: readonly AddressBlock[]
}

/** Reads a list of exact names, `*`, regular expressions, and exclusions of exact names (`!x` or `-x`). With `anyCase` upper and
 *  lower case are the same. */
export function readNameList(entries: readonly string[], anyCase: boolean): NameList {
  const { included, excluded } = split(entries)
  const fold = (name: string): string => (anyCase ? name.toLowerCase() : name)
  const patterns = included.filter(isPattern).flatMap((entry) => {
    const compiled = compilePattern(entry, anyCase)
    return 'pattern' in compiled ? [compiled.pattern] : []
  })
  return {
    matchesAll: included.includes('*'),
    included: new Set(included.map(fold)),
    patterns,
    excluded: new Set(excluded.map(fold)),
  }
}

/** Whether the list matches a name. An exclusion takes precedence; a list of exclusions only matches nobody. A name for a list
 *  read with `anyCase` is in lower case. */
export function matchesNameList({ matchesAll, included, patterns, excluded }: NameList, name: string): boolean {
  if (excluded.has(name)) return false
  return matchesAll || included.has(name) || patterns.some((pattern) => matchesPattern(pattern, name))
}

/** Reads a list of addresses, blocks (`10.0.0.0/8`), and exclusions (`!x` or `-x`). Any other entry matches nobody. */
export function readClientList(entries: readonly string[]): ClientList {
  const { included, excluded } = split(entries)
  return { included: blocks(included), excluded: blocks(excluded) }
}

export function matchesClientList(clients: ClientList, address: AddressBlock): boolean {
  const isInside = (block: AddressBlock): boolean => contains(block, address)
  return !clients.excluded.some(isInside) && clients.included.some(isInside)
}

/** What is wrong with an entry of a list of names, or undefined if nothing is. */
export function nameFault(entry: string): string | undefined {
  const name = withoutSign(entry)
  if (name === '') return `'${entry}' names nobody`
  if (isExclusion(entry) && (name === '*' || isPattern(name)))
    return `'${entry}' would exclude who is called exactly so; an exclusion is no pattern`
  if (!isPattern(name)) return undefined
  const compiled = compilePattern(name, false)
  return 'fault' in compiled ? `'${entry}': ${compiled.fault}` : undefined
}

/** The exact names of a list, included or excluded. */
export const literalNames = (entries: readonly string[]): readonly string[] =>
  entries.map(withoutSign).filter((name) => !isPattern(name))

/** What is wrong with an entry of a list of clients, or undefined if nothing is. */
export function clientFault(entry: string): string | undefined {
  if (parseAddressBlock(withoutSign(entry)) !== undefined) return undefined
  return `'${entry}' is neither an IP address nor a block such as 10.0.0.0/8`
}

/** A full stop alone makes no pattern: `ada.lovelace` is one login. As a pattern it would match `adaxlovelace` too. */
const isPattern = (entry: string): boolean => /[*+?()[\]{}|^$\\]/.test(entry) && entry !== '*'

const isExclusion = (entry: string): boolean => entry.startsWith('!') || entry.startsWith('-')
const withoutSign = (entry: string): string => (isExclusion(entry) ? entry.slice(1).trim() : entry)

function split(entries: readonly string[]): { included: readonly string[]; excluded: readonly string[] } {
  return {
    included: entries.filter((entry) => !isExclusion(entry)),
    excluded: entries.filter(isExclusion).map(withoutSign),
  }
}

function blocks(entries: readonly string[]): readonly AddressBlock[] {
  return entries.map(parseAddressBlock).filter((block) => block !== undefined)
}
