/** The comparators of conditions: `equals`, `matches`, `<` and the others. Source: docs/protocol.md, "Matching". */
import { parseDuration, parseTimestamp } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import { compilePattern, matchesPattern } from './pattern.ts'

/** Compares the actual value with the one in the condition. Undefined where the actual value is not of a kind that this
 *  comparator compares. */
export type Compare = (actual: unknown, now: Instant) => boolean | undefined
type ReadComparison = { readonly compare: Compare } | { readonly fault: string }

/** Longer than any name or header that somebody wants to compare. */
const LONGEST = 2_000

/** The actual value as text; undefined where it has none or is too long. Switches are written as in Python. */
function textOf(actual: unknown): string | undefined {
  if (typeof actual === 'boolean') return actual ? 'True' : 'False'
  const text = typeof actual === 'number' ? String(actual) : actual
  return typeof text === 'string' && text.length <= LONGEST ? text : undefined
}

const onText =
  (test: (actual: string) => boolean | undefined): Compare =>
  (actual) => {
    const text = textOf(actual)
    return text === undefined ? undefined : test(text)
  }

const onNumber =
  (test: (actual: number, expected: number) => boolean) =>
  (value: string): ReadComparison => {
    const expected = parseWhole(value)
    if (expected === undefined) return { fault: `'${value}' is not a whole number` }
    return {
      compare: onText((text) => {
        const actual = parseWhole(text)
        return actual === undefined ? undefined : test(actual, expected)
      }),
    }
  }

const onDate =
  (test: (actual: number, expected: number) => boolean) =>
  (value: string): ReadComparison => {
    const expected = parseTimestamp(value)
    if (expected === undefined) return { fault: `'${value}' is not a date such as 2026-11-24T08:00+01:00` }
    return {
      compare: onText((text) => {
        const actual = parseTimestamp(text)
        return actual === undefined ? undefined : test(actual, expected)
      }),
    }
  }

/** Comparators that `!` in front negates. */
const NEGATABLE: Readonly<Record<string, (value: string) => ReadComparison>> = {
  equals: (value) => ({ compare: onText((actual) => actual === value) }),
  contains: (value) => ({ compare: (actual) => (Array.isArray(actual) ? actual.includes(value) : undefined) }),
  matches: (value) => {
    const compiled = compilePattern(value, false)
    return 'fault' in compiled ? compiled : { compare: onText((actual) => matchesPattern(compiled.pattern, actual)) }
  },
  in: (value) => {
    const entries = new Set(listEntries(value))
    return { compare: onText((actual) => entries.has(actual)) }
  },
  string_contains: (value) => ({ compare: onText((actual) => actual.toLowerCase().includes(value.toLowerCase())) }),
  date_within_last: (value) => {
    const duration = parseDuration(value)
    if (duration === undefined) return { fault: `'${value}' is no span such as 1y, 7d, 6h or 15m` }
    return {
      compare: (actual, now) =>
        onText((text) => {
          const date = parseTimestamp(text)
          return date === undefined ? undefined : now - date < duration * 1000
        })(actual, now),
    }
  },
}

const OTHERS: Readonly<Record<string, (value: string) => ReadComparison>> = {
  '<': onNumber((actual, expected) => actual < expected),
  '>': onNumber((actual, expected) => actual > expected),
  date_before: onDate((actual, expected) => actual < expected),
  date_after: onDate((actual, expected) => actual > expected),
}

/** The names of all comparators, negations included. */
export const COMPARATORS: readonly string[] = [
  ...Object.keys(NEGATABLE).flatMap((name) => [name, `!${name}`]),
  ...Object.keys(OTHERS),
]

/** Prepares a comparison, or says what is wrong with the comparator or the value. */
export function readComparison(comparator: string, value: string): ReadComparison {
  const isNegated = comparator.startsWith('!')
  const name = isNegated ? comparator.slice(1) : comparator
  const table = isNegated || Object.hasOwn(NEGATABLE, name) ? NEGATABLE : OTHERS
  const make = Object.hasOwn(table, name) ? table[name] : undefined
  if (make === undefined) return { fault: `'${comparator}' compares nothing; there are ${COMPARATORS.join(' ')}` }
  const comparison = make(value)
  if (!isNegated || 'fault' in comparison) return comparison
  return {
    compare: (actual, now) => {
      const result = comparison.compare(actual, now)
      return result === undefined ? undefined : !result
    },
  }
}

const parseWhole = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined)

/** The entries of a comma-separated list. An entry may be in double quotes; a backslash takes the next character as it is. */
function listEntries(text: string): readonly string[] {
  const entries = text.matchAll(/\s*("(?:[^"\\]|\\.)*"|(?:[^,\\]|\\.)*)\s*(?:,|$)/gs)
  return Array.from(entries, ([, entry = '']) =>
    (/^".*"$/s.test(entry) ? entry.slice(1, -1) : entry.trim()).replaceAll(/\\(.)/gs, '$1'),
  ).filter((entry) => entry !== '')
}
