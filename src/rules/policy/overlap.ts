/** Whether two policies can apply to the same login, and whether a third one always applies where both do. What cannot be told from
 *  the policies alone, as with regular expressions and conditions, is answered to the safe side. */
import { type Policy, RESOLVER } from '../../vocabulary.ts'
import { type AddressBlock, contains } from '../deployment/addresses.ts'
import { readConditions } from './conditions.ts'
import { matchesNameList, readClientList, readNameList } from './name-and-client-lists.ts'
import { readTimeWindows } from './time-windows.ts'

/** The fields of a policy that say for whom, from where and when it applies. */
type Restrictions = Pick<
  Policy,
  'realm' | 'user' | 'resolver' | 'client' | 'userAgents' | 'time' | 'conditions' | 'userCaseInsensitive'
>

/** The policy for the same users, whatever request is theirs. For comparing policies about different requests: a login and an
 *  enrollment come from different places. */
export const forAnyRequest = (policy: Policy): Policy => ({
  ...policy,
  client: [],
  userAgents: [],
  time: '',
  conditions: [],
})

/** Whether a login can be one that both apply to. */
export const canOverlap = (one: Restrictions, other: Restrictions): boolean =>
  isOfResolver(one) &&
  isOfResolver(other) &&
  canShareName(realms(one), realms(other)) &&
  canShareName(users(one), users(other)) &&
  canShareName(agents(one), agents(other)) &&
  sharedBlocks(one.client, other.client).length > 0 &&
  canShareTime(one.time, other.time)

/** Whether the policy applies to every login that both of the pair apply to. */
export const coversBoth = (policy: Restrictions, one: Restrictions, other: Restrictions): boolean =>
  isOfResolver(policy) &&
  hasSharedNames(realms(policy), realms(one), realms(other)) &&
  hasSharedNames(users(policy), users(one), users(other)) &&
  hasSharedNames(agents(policy), agents(one), agents(other)) &&
  hasSharedBlocks(policy.client, one.client, other.client) &&
  (policy.time === '' || policy.time === one.time || policy.time === other.time) &&
  isUnconditional(policy)

interface Names {
  readonly entries: readonly string[]
  /** Upper and lower case are the same. */
  readonly anyCase: boolean
}

const realms = ({ realm }: Restrictions): Names => ({ entries: realm, anyCase: true })
const users = ({ user, userCaseInsensitive }: Restrictions): Names => ({ entries: user, anyCase: userCaseInsensitive })
const agents = ({ userAgents }: Restrictions): Names => ({ entries: userAgents, anyCase: true })

const isOfResolver = ({ resolver }: Restrictions): boolean =>
  resolver.length === 0 || matchesNameList(readNameList(resolver, false), RESOLVER)

function isUnconditional({ conditions }: Restrictions): boolean {
  const read = readConditions(conditions)
  return 'conditions' in read && read.conditions.length === 0
}

/** The only names that the list can match; undefined if it has no such end. */
function finiteNames({ entries, anyCase }: Names): Names | undefined {
  if (entries.length === 0) return undefined
  const { matchesAll, patterns, included } = readNameList(entries, false)
  return matchesAll || patterns.length > 0 ? undefined : { entries: [...included], anyCase }
}

/** Whether the list can match this name, or a spelling of it. */
function canMatch({ entries, anyCase }: Names, name: string, inAnyCase: boolean): boolean {
  if (entries.length === 0) return true
  const { matchesAll, included, patterns, excluded } = readNameList(entries, true)
  const lower = name.toLowerCase()
  if (!matchesNameList({ matchesAll, included, patterns, excluded: new Set() }, lower)) return false
  if (anyCase) return !excluded.has(lower)
  // An exclusion of `ada` does not exclude `Ada`.
  return inAnyCase || !readNameList(entries, false).excluded.has(name)
}

/** Whether the list matches this name in every spelling that counts as the same. */
function alwaysMatches({ entries, anyCase }: Names, name: string, inAnyCase: boolean): boolean {
  if (entries.length === 0) return true
  if (anyCase) return matchesNameList(readNameList(entries, true), name.toLowerCase())
  const list = readNameList(entries, false)
  return inAnyCase ? list.matchesAll && list.excluded.size === 0 : matchesNameList(list, name)
}

/** The names that both lists can match; undefined if they have no end. */
function sharedNames(one: Names, other: Names): Names | undefined {
  const finite = finiteNames(one) ?? finiteNames(other)
  return finite && { ...finite, entries: finite.entries.filter((name) => isShared(name, finite, one, other)) }
}

const isShared = (name: string, { anyCase }: Names, one: Names, other: Names): boolean =>
  canMatch(one, name, anyCase) && canMatch(other, name, anyCase)

const canShareName = (one: Names, other: Names): boolean => sharedNames(one, other)?.entries.length !== 0

function hasSharedNames(list: Names, one: Names, other: Names): boolean {
  if (list.entries.length === 0) return true
  const shared = sharedNames(one, other)
  if (shared !== undefined) return shared.entries.every((name) => alwaysMatches(list, name, shared.anyCase))
  const { matchesAll, excluded } = readNameList(list.entries, false)
  return matchesAll && excluded.size === 0
}

/** Every address. */
const ANYWHERE = ['0.0.0.0/0', '::/0'] as const

/** The blocks of addresses that both lists match. */
function sharedBlocks(one: readonly string[], other: readonly string[]): readonly AddressBlock[] {
  const [first, second] = [one, other].map((client) => readClientList(client.length === 0 ? ANYWHERE : client))
  const excluded = [...(first?.excluded ?? []), ...(second?.excluded ?? [])]
  return (first?.included ?? [])
    .flatMap((block) => (second?.included ?? []).flatMap((another) => smallerOf(block, another) ?? []))
    .filter((block) => !excluded.some((outside) => includes(outside, block)))
}

function hasSharedBlocks(client: readonly string[], one: readonly string[], other: readonly string[]): boolean {
  if (client.length === 0) return true
  const { included, excluded } = readClientList(client)
  return sharedBlocks(one, other).every(
    (block) =>
      included.some((inside) => includes(inside, block)) &&
      !excluded.some((outside) => smallerOf(outside, block) !== undefined),
  )
}

const includes = (block: AddressBlock, part: AddressBlock): boolean =>
  block.prefix <= part.prefix && contains(block, part)

/** What two blocks have in common: the smaller one, or nothing. */
function smallerOf(one: AddressBlock, other: AddressBlock): AddressBlock | undefined {
  if (includes(one, other)) return other
  return includes(other, one) ? one : undefined
}

function canShareTime(one: string, other: string): boolean {
  if (one === '' || other === '') return true
  const [first, second] = [readTimeWindows(one), readTimeWindows(other)]
  if ('fault' in first || 'fault' in second) return true
  return first.windows.some((window) =>
    second.windows.some(
      (another) =>
        window.firstDay <= another.lastDay &&
        another.firstDay <= window.lastDay &&
        window.firstMinute <= another.lastMinute &&
        another.firstMinute <= window.lastMinute,
    ),
  )
}
