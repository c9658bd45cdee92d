/** The conditions of a policy: `[section, key, comparator, value, active(, handle_missing)]`.
 *  Source: docs/protocol.md, "Matching". */
import type { Instant } from '../../vocabulary.ts'
import { type Compare, readComparison } from './comparators.ts'

/** Looks up the value a condition compares; undefined where there is none of that name. */
export type ConditionLookup = (section: ConditionSection, key: string) => unknown

const TOKEN_KEYS = (
  'serial tokentype description active locked revoked rollout_state failcount maxfail resolver user_id username ' +
  'user_realm realms'
).split(' ')

interface SectionKeys {
  /** Which keys the section has, as text for administrators. */
  readonly keys: string
  /** What is wrong with a key, or undefined if nothing is. */
  readonly fault: (key: string) => string | undefined
}

const listed = (...keys: readonly string[]): SectionKeys => ({
  keys: keys.join(', '),
  fault: (key) => (keys.includes(key) ? undefined : `'${key}' is not known; there are ${keys.join(', ')}`),
})

const formed = (keys: string, form: RegExp): SectionKeys => ({
  keys,
  fault: (key) => (form.test(key) ? undefined : `'${key}' is not known; there are ${keys}`),
})

/** The sections and their keys. Headers that carry credentials are left out: who may write policies must not learn them by
 *  comparing. */
export const CONDITION_SECTIONS = {
  userinfo: listed('username', 'userid', 'givenname', 'surname', 'email'),
  token: listed(...TOKEN_KEYS),
  // A token's info gains keys while the token is in use.
  tokeninfo: formed('what the info of a token has', /./),
  'HTTP Request header': formed(
    'the headers of a request but Authorization, PI-Authorization and Cookie',
    /^(?!(?:(?:pi-)?authorization|cookie)$)[\w-]+$/i,
  ),
  'HTTP Environment': formed(
    'REMOTE_ADDR and HTTP_<header>',
    /^(?:REMOTE_ADDR|HTTP_(?!(?:(?:PI_)?AUTHORIZATION|COOKIE)$)[A-Z0-9_]+)$/,
  ),
  'Request Data': listed('user', 'realm'),
} as const
export type ConditionSection = keyof typeof CONDITION_SECTIONS

export const MISSING_DATA_HANDLING = ['raise_error', 'condition_is_true', 'condition_is_false'] as const
type MissingDataHandling = (typeof MISSING_DATA_HANDLING)[number]

/** Sections of privacyIDEA that Nod does not have. */
const OF_CONTAINERS: readonly string[] = ['container', 'container_info']
/** Characters of a key or value. */
const LONGEST = 500

export interface Condition {
  readonly section: ConditionSection
  readonly key: string
  readonly compare: Compare
  /** What applies where there is no value to compare. */
  readonly missingData: MissingDataHandling
  /** The condition as text, for an administrator who asks why it is not met. */
  readonly text: string
}

/** Reads the active conditions of a policy, or says what is wrong with one. Inactive conditions are not looked at. */
export function readConditions(
  list: readonly unknown[],
): { readonly conditions: readonly Condition[] } | { readonly fault: string } {
  const conditions: Condition[] = []
  for (const entry of list) {
    const read = readCondition(entry)
    if ('fault' in read) return read
    if (read.condition !== undefined) conditions.push(read.condition)
  }
  return { conditions }
}

function readCondition(entry: unknown): { readonly condition: Condition | undefined } | { readonly fault: string } {
  if (!Array.isArray(entry) || entry.length < 5 || entry.length > 6)
    return { fault: 'a condition is [section, key, comparator, value, active] and, if need be, handle_missing' }
  const [section, key, comparator, value, active, handleMissing] = entry as readonly unknown[]
  if (typeof active !== 'boolean') return { fault: 'whether a condition is active is true or false' }
  if (!active) return { condition: undefined }
  const missingData = handleMissing ?? 'raise_error'
  if (!isText(section) || !isText(key) || !isText(comparator) || !isText(value))
    return { fault: `section, key, comparator and value are texts of 1 to ${LONGEST} characters` }
  if (OF_CONTAINERS.includes(section)) return { fault: `'${section}': Nod has no containers` }
  if (!isSection(section)) return { fault: `there is no section '${section}'` }
  if (!isMissingDataHandling(missingData))
    return { fault: `what is missing is one of ${MISSING_DATA_HANDLING.join(', ')}` }
  const keyFault = CONDITION_SECTIONS[section].fault(key)
  if (keyFault !== undefined) return { fault: `${section}: ${keyFault}` }
  if (/^!?contains$/.test(comparator) && !(section === 'token' && key === 'realms'))
    return { fault: `${comparator} compares lists, and of these there is token 'realms'` }
  const comparison = readComparison(comparator, value)
  if ('fault' in comparison) return { fault: `${section} '${key}': ${comparison.fault}` }
  const text = `${section} '${key}' ${comparator} '${value}'`
  return { condition: { section, key, compare: comparison.compare, missingData, text } }
}

/** Whether the condition is met. `unknown`: there is no value, or none that can be compared, and the condition makes that an
 *  error. */
export function isMet(
  { section, key, compare, missingData }: Condition,
  lookup: ConditionLookup,
  now: Instant,
): boolean | 'unknown' {
  const actual = lookup(section, key)
  const result = actual === undefined || actual === null ? undefined : compare(actual, now)
  if (result !== undefined) return result
  return missingData === 'raise_error' ? 'unknown' : missingData === 'condition_is_true'
}

/** Whether the condition is about the token, so that it may differ from one token of an owner to the next. */
export const concernsToken = ({ section }: Condition): boolean => section === 'token' || section === 'tokeninfo'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST
const isSection = (name: string): name is ConditionSection => Object.hasOwn(CONDITION_SECTIONS, name)
const isMissingDataHandling = (value: unknown): value is MissingDataHandling =>
  MISSING_DATA_HANDLING.some((name) => name === value)
