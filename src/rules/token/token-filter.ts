/** The filter of a token list: its criteria, resolved against the realms and types that exist. */
import { type Owner, RESOLVER, TOKEN_TYPES } from '../../vocabulary.ts'
import { TOKEN_INFO, type TokenCriteria, type TokenFilter, type TokenInfo } from '../../vocabulary/tokens.ts'
import { wildcardMatcher } from '../deployment/wildcard.ts'

const STATES = ['clientwait', 'enrolled'] as const

/** Resolves the criteria into a filter; undefined when no token can match. `owner` is the user the criteria name; `visibleRealms` are
 *  the only realms whose tokens the list may show, undefined if it may show all. */
export function tokenFilter(
  criteria: TokenCriteria,
  owner: Owner | undefined,
  realms: ReadonlySet<string>,
  visibleRealms?: readonly string[],
): TokenFilter | undefined {
  const { userId, container = '', assigned, active, description, info } = criteria
  const types = anyOf(criteria.types, anyOf(criteria.type && [criteria.type], TOKEN_TYPES))
  const states = anyOf(criteria.state && [criteria.state], STATES)
  const resolved = criteria.resolver === undefined || wildcardMatcher(criteria.resolver)(RESOLVER)
  const login = owner?.login ?? userId
  const named =
    realmsOf(criteria, owner, visibleRealms === undefined ? realms : new Set(visibleRealms)) ?? visibleRealms
  // Only a token with an owner has a realm and a resolver.
  const owned = login !== undefined || named !== undefined || criteria.resolver !== undefined
  if (types.length === 0 || states.length === 0 || named?.length === 0) return undefined
  if (!resolved || container !== '' || (owned && assigned === false)) return undefined
  if (userId !== undefined && userId !== login) return undefined
  const serial = serialOf(criteria.serial)
  if (serial === 'none') return undefined
  const texts = [
    ...(serial.pattern === undefined ? [] : [{ text: 'serial' as const, pattern: serial.pattern }]),
    ...(description === undefined ? [] : [{ text: 'description' as const, pattern: description }]),
    ...(info === undefined ? [] : [{ ...entryOf(info.key), pattern: info.pattern }]),
  ]
  return {
    serials: serial.serials ?? criteria.serials,
    beginning: serial.beginning,
    login,
    realms: named ?? (login === undefined ? undefined : [...realms]),
    types: types.length === TOKEN_TYPES.length ? undefined : types,
    assigned: owned ? true : assigned,
    active,
    state: states.length === STATES.length ? undefined : states[0],
    texts: texts.length === 0 ? undefined : texts,
  }
}

/** An info entry by its key: one of Nod's own, or one of administrators. */
function entryOf(key: string): { readonly text: TokenInfo } | { readonly note: string } {
  const text = TOKEN_INFO.find((known) => known === key)
  return text === undefined ? { note: key } : { text }
}

/** The names that match one of the patterns; without patterns, all. */
function anyOf<Name extends string>(
  patterns: readonly string[] | '' | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (!patterns) return all
  const tests = patterns.map((pattern) => wildcardMatcher(pattern.toLowerCase()))
  return all.filter((name) => tests.some((test) => test(name)))
}

/** The realms the owner may be in; undefined when any will do. */
function realmsOf(
  criteria: TokenCriteria,
  owner: Owner | undefined,
  all: ReadonlySet<string>,
): readonly string[] | undefined {
  if (criteria.realms === undefined && owner === undefined) return undefined
  const named = anyOf(criteria.realms, owner === undefined ? [...all] : [owner.realm])
  return owner === undefined && named.length === all.size ? undefined : named
}

/** How to look for a serial. Serials with the same beginning are adjacent in the list; other patterns have to be searched for. */
function serialOf(
  pattern: string | undefined,
): 'none' | { readonly serials?: readonly string[]; readonly beginning?: string; readonly pattern?: string } {
  if (pattern === undefined) return {}
  // No serial has other characters, or more of them.
  if (!/^[0-9A-Za-z_*-]*$/.test(pattern) || pattern.replaceAll('*', '').length > 40) return 'none'
  if (!pattern.includes('*')) return { serials: [pattern] }
  const [beginning = '', ...rest] = pattern.split(/\*+/)
  if (rest.join('') === '') return beginning === '' ? {} : { beginning }
  return { pattern, ...(beginning === '' ? {} : { beginning }) }
}
