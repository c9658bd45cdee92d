/** What a policy's lists of names and clients mean, made ready once so that matching is a look-up. */
import { type Block, parseBlock, within } from './addresses.ts'

/** A list of names made ready. Undefined, where one is expected, restricts nothing. */
export interface Names {
  readonly all: boolean
  readonly named: ReadonlySet<string>
  readonly excluded: ReadonlySet<string>
}

/** A list of clients made ready. Undefined, where one is expected, restricts nothing. */
export interface Clients {
  readonly named: readonly Block[]
  readonly excluded: readonly Block[]
}

/** Exact names, `*`, and exclusions `!x` or `-x`; `fold` is applied to each. */
export function readNames(entries: readonly string[], fold: (name: string) => string): Names | undefined {
  if (entries.length === 0) return undefined
  const { named, excluded } = split(entries)
  return { all: named.includes('*'), named: new Set(named.map(fold)), excluded: new Set(excluded.map(fold)) }
}

/** An exclusion wins over everything; a list of nothing but exclusions matches nobody. `name` comes folded. */
export function namesMatch(names: Names, name: string): boolean {
  return !names.excluded.has(name) && (names.all || names.named.has(name))
}

/** Addresses, blocks of them (`10.0.0.0/8`), and exclusions `!x` or `-x`. An entry that is none of these matches nobody. */
export function readClients(entries: readonly string[]): Clients | undefined {
  if (entries.length === 0) return undefined
  const { named, excluded } = split(entries)
  return { named: blocks(named), excluded: blocks(excluded) }
}

export function clientsMatch(clients: Clients, address: Block): boolean {
  const holds = (block: Block): boolean => within(block, address)
  return !clients.excluded.some(holds) && clients.named.some(holds)
}

/** What keeps a name out of a policy's list, or undefined if nothing does. Characters of regular expressions are refused,
 *  since privacyIDEA would read them as such: taken as plain text, the policy would hold for others than was meant. */
export function nameFault(entry: string): string | undefined {
  const name = bare(entry)
  if (name === '') return `'${entry}' names nobody`
  if (name === '*') return undefined
  return /[*+?()[\]{}|^$\\]/.test(name) ? `Nod does not carry out regular expressions as in '${entry}' yet` : undefined
}

/** What keeps an entry out of a policy's list of clients, or undefined if nothing does. */
export function clientFault(entry: string): string | undefined {
  if (parseBlock(bare(entry)) !== undefined) return undefined
  return `'${entry}' is neither an IP address nor a block such as 10.0.0.0/8`
}

const excludes = (entry: string): boolean => entry.startsWith('!') || entry.startsWith('-')
const bare = (entry: string): string => (excludes(entry) ? entry.slice(1).trim() : entry)

function split(entries: readonly string[]): { named: readonly string[]; excluded: readonly string[] } {
  return { named: entries.filter((entry) => !excludes(entry)), excluded: entries.filter(excludes).map(bare) }
}

function blocks(entries: readonly string[]): readonly Block[] {
  return entries.map(parseBlock).filter((block) => block !== undefined)
}
