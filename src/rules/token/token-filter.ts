/** Which tokens a list is of: what was asked, decided against the realms and types there are. */
import type { Owner } from '../../vocabulary.ts'
import { RESOLVER, TOKEN_TYPES } from '../../vocabulary.ts'
import type { TokenFilter, TokenInfo, TokenCriteria } from '../../vocabulary/tokens.ts'
import { TOKEN_INFO } from '../../vocabulary/tokens.ts'
import { wildcardMatcher } from '../deployment/wildcard.ts'

const STATES = ['clientwait', 'enrolled'] as const

/** The filter that the wish comes to; `undefined` where no token can be meant. `owner` is whom `user` names; `within` are
 *  the realms whose users' tokens the list may show, if it may not show all. */
export function tokenFilter(
  wish: TokenCriteria,
  owner: Owner | undefined,
  realms: ReadonlySet<string>,
  within?: readonly string[],
): TokenFilter | undefined {
  const { userId, container = '', assigned, active, description, info } = wish
  const types = anyOf(wish.types, anyOf(wish.type && [wish.type], TOKEN_TYPES))
  const states = anyOf(wish.state && [wish.state], STATES)
  const resolved = wish.resolver === undefined || wildcardMatcher(wish.resolver)(RESOLVER)
  const login = owner?.login ?? userId
  const named = realmsOf(wish, owner, within === undefined ? realms : new Set(within)) ?? within
  // What has a realm has an owner, and only that has a resolver.
  const owned = login !== undefined || named !== undefined || wish.resolver !== undefined
  if (types.length === 0 || states.length === 0 || named?.length === 0) return undefined
  if (!resolved || container !== '' || (owned && assigned === false)) return undefined
  if (userId !== undefined && userId !== login) return undefined
  const serial = serialOf(wish.serial)
  if (serial === 'none') return undefined
  const texts = [
    ...(serial.pattern === undefined ? [] : [{ text: 'serial' as const, pattern: serial.pattern }]),
    ...(description === undefined ? [] : [{ text: 'description' as const, pattern: description }]),
    ...(info === undefined ? [] : [{ ...entryOf(info.key), pattern: info.pattern }]),
  ]
  return {
    serials: serial.serials ?? wish.serials,
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

/** An entry of a token's info: Nod's own, or a note. */
function entryOf(key: string): { readonly text: TokenInfo } | { readonly note: string } {
  const text = TOKEN_INFO.find((known) => known === key)
  return text === undefined ? { note: key } : { text }
}

/** Those that one of the patterns means; without patterns, all. */
function anyOf<Name extends string>(
  patterns: readonly string[] | '' | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (!patterns) return all
  const tests = patterns.map((pattern) => wildcardMatcher(pattern.toLowerCase()))
  return all.filter((name) => tests.some((test) => test(name)))
}

/** The realms an owner may be of; undefined where it does not matter. */
function realmsOf(
  wish: TokenCriteria,
  owner: Owner | undefined,
  all: ReadonlySet<string>,
): readonly string[] | undefined {
  if (wish.realms === undefined && owner === undefined) return undefined
  const named = anyOf(wish.realms, owner === undefined ? [...all] : [owner.realm])
  return owner === undefined && named.length === all.size ? undefined : named
}

/** How a serial is looked for. Those that begin with a text stand together in the list; others have to be searched for. */
function serialOf(
  pattern: string | undefined,
): 'none' | { readonly serials?: readonly string[]; readonly beginning?: string; readonly pattern?: string } {
  if (pattern === undefined) return {}
  // No serial has another character, or more of them.
  if (!/^[0-9A-Za-z_*-]*$/.test(pattern) || pattern.replaceAll('*', '').length > 40) return 'none'
  if (!pattern.includes('*')) return { serials: [pattern] }
  const [beginning = '', ...rest] = pattern.split(/\*+/)
  if (rest.join('') === '') return beginning === '' ? {} : { beginning }
  return { pattern, ...(beginning === '' ? {} : { beginning }) }
}
