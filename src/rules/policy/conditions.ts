/** Conditions of a policy: what they may ask about, and what they come to. `[section, key, comparator, value, active(, handle_missing)]`.
 *  Source: docs/protocol.md, "Matching". */
import type { Instant } from '../../vocabulary.ts'
import { type Compare, readComparison } from './comparators.ts'

/** What is known here and now in a section; undefined: nothing of that name, or no such thing at all. */
export type ConditionLookup = (section: ConditionSection, key: string) => unknown

const TOKEN_KEYS = (
  'serial tokentype description active locked revoked rollout_state failcount maxfail resolver user_id username ' +
  'user_realm realms'
).split(' ')

interface SectionKeys {
  /** Which keys it has, for whoever writes a policy. */
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

/** What a section has in Nod. One that is not here is known to privacyIDEA, not to Nod. What a caller proves itself with is
 *  for no policy to read. */
export const CONDITION_SECTIONS = {
  userinfo: listed('username', 'userid', 'givenname', 'surname', 'email'),
  token: listed(...TOKEN_KEYS),
  // What a token tells of itself grows while it lives.
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
const WITHOUT_COUNTERPART: readonly string[] = ['container', 'container_info']
/** Longest key or value. */
const LONGEST = 500

export interface Condition {
  readonly section: ConditionSection
  readonly key: string
  readonly compare: Compare
  readonly missingData: (typeof MISSING_DATA_HANDLING)[number]
  /** As the policy has it, for whoever asks why it was not met. */
  readonly text: string
}

/** The active conditions of a policy made ready, or what in one is unfit. What is not active is kept, and not looked at. */
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
  const [section, key, comparator, value, active, given] = entry as readonly unknown[]
  if (typeof active !== 'boolean') return { fault: 'whether a condition is active is true or false' }
  if (!active) return { condition: undefined }
  const missing = given ?? 'raise_error'
  if (!isText(section) || !isText(key) || !isText(comparator) || !isText(value))
    return { fault: `section, key, comparator and value are texts of 1 to ${LONGEST} characters` }
  if (WITHOUT_COUNTERPART.includes(section)) return { fault: `'${section}': Nod has no containers` }
  if (!isSection(section)) return { fault: `there is no section '${section}'` }
  if (!isMissing(missing)) return { fault: `what is missing is one of ${MISSING_DATA_HANDLING.join(', ')}` }
  const unknown = CONDITION_SECTIONS[section].fault(key)
  if (unknown !== undefined) return { fault: `${section}: ${unknown}` }
  if (/^!?contains$/.test(comparator) && !(section === 'token' && key === 'realms'))
    return { fault: `${comparator} compares lists, and of these there is token 'realms'` }
  const made = readComparison(comparator, value)
  if ('fault' in made) return { fault: `${section} '${key}': ${made.fault}` }
  const text = `${section} '${key}' ${comparator} '${value}'`
  return { condition: { section, key, compare: made.compare, missingData: missing, text } }
}

/** Whether it is met; `unknown` where what it compares is not known, or cannot be compared, and that is to be an error. */
export function isMet(
  { section, key, compare, missingData: missing }: Condition,
  known: ConditionLookup,
  now: Instant,
): boolean | 'unknown' {
  const left = known(section, key)
  const met = left === undefined || left === null ? undefined : compare(left, now)
  if (met !== undefined) return met
  return missing === 'raise_error' ? 'unknown' : missing === 'condition_is_true'
}

/** Whether policies ask about the token that is concerned. */
export const concernsToken = ({ section }: Condition): boolean => section === 'token' || section === 'tokeninfo'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST
const isSection = (name: string): name is ConditionSection => Object.hasOwn(CONDITION_SECTIONS, name)
const isMissing = (value: unknown): value is (typeof MISSING_DATA_HANDLING)[number] =>
  MISSING_DATA_HANDLING.some((name) => name === value)
