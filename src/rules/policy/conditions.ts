/** Conditions of a policy: what they may ask about, and what they come to. `[section, key, comparator, value, active(, handle_missing)]`.
 *  Source: contract 12.4. */
import type { Instant } from '../../vocabulary.ts'
import { type Compare, comparing } from './comparators.ts'

/** What is known here and now in a section; undefined: nothing of that name, or no such thing at all. */
export type Known = (section: Section, key: string) => unknown

const TOKEN_KEYS = (
  'serial tokentype description active locked revoked rollout_state failcount maxfail resolver user_id username ' +
  'user_realm realms'
).split(' ')

interface Keys {
  /** Which keys it has, for whoever writes a policy. */
  readonly keys: string
  /** What is wrong with a key, or undefined if nothing is. */
  readonly fault: (key: string) => string | undefined
}

const listed = (...keys: readonly string[]): Keys => ({
  keys: keys.join(', '),
  fault: (key) => (keys.includes(key) ? undefined : `'${key}' is not known; there are ${keys.join(', ')}`),
})

const formed = (keys: string, form: RegExp): Keys => ({
  keys,
  fault: (key) => (form.test(key) ? undefined : `'${key}' is not known; there are ${keys}`),
})

/** What a section has in Nod. One that is not here is known to privacyIDEA, not to Nod. What a caller proves itself with is
 *  for no policy to read. */
export const SECTIONS = {
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
export type Section = keyof typeof SECTIONS

export const MISSING = ['raise_error', 'condition_is_true', 'condition_is_false'] as const
const WITHOUT_COUNTERPART: readonly string[] = ['container', 'container_info']
/** Longest key or value. */
const LONGEST = 500

export interface Condition {
  readonly section: Section
  readonly key: string
  readonly compare: Compare
  readonly missing: (typeof MISSING)[number]
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
  if (!isMissing(missing)) return { fault: `what is missing is one of ${MISSING.join(', ')}` }
  const unknown = SECTIONS[section].fault(key)
  if (unknown !== undefined) return { fault: `${section}: ${unknown}` }
  if (/^!?contains$/.test(comparator) && !(section === 'token' && key === 'realms'))
    return { fault: `${comparator} compares lists, and of these there is token 'realms'` }
  const made = comparing(comparator, value)
  if ('fault' in made) return { fault: `${section} '${key}': ${made.fault}` }
  const text = `${section} '${key}' ${comparator} '${value}'`
  return { condition: { section, key, compare: made.compare, missing, text } }
}

/** Whether it is met; `unknown` where what it compares is not known, or cannot be compared, and that is to be an error. */
export function isMet({ section, key, compare, missing }: Condition, known: Known, now: Instant): boolean | 'unknown' {
  const left = known(section, key)
  const met = left === undefined || left === null ? undefined : compare(left, now)
  if (met !== undefined) return met
  return missing === 'raise_error' ? 'unknown' : missing === 'condition_is_true'
}

/** Whether policies ask about the token that is concerned. */
export const asksForToken = ({ section }: Condition): boolean => section === 'token' || section === 'tokeninfo'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST
const isSection = (name: string): name is Section => Object.hasOwn(SECTIONS, name)
const isMissing = (value: unknown): value is (typeof MISSING)[number] => MISSING.some((name) => name === value)
