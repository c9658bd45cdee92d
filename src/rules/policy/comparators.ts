/** How a condition of a policy compares what is known with what it asks for. Source: docs/protocol.md, "Matching". */
import { parseDuration, parseTimestamp } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import { matchesPattern, compilePattern } from './pattern.ts'

/** Whether it compares; undefined where what is known is not of the kind that can be compared. */
export type Compare = (known: unknown, now: Instant) => boolean | undefined
type ReadComparison = { readonly compare: Compare } | { readonly fault: string }

/** Longer than any name or header that is meant to be compared. */
const LONGEST = 2_000

/** How texts, numbers and switches are written where they are compared as text. */
function textOf(known: unknown): string | undefined {
  if (typeof known === 'boolean') return known ? 'True' : 'False'
  const text = typeof known === 'number' ? String(known) : known
  return typeof text === 'string' && text.length <= LONGEST ? text : undefined
}

const onText =
  (test: (known: string) => boolean | undefined): Compare =>
  (known) => {
    const text = textOf(known)
    return text === undefined ? undefined : test(text)
  }

const onNumber =
  (test: (known: number, value: number) => boolean) =>
  (value: string): ReadComparison => {
    const number = whole(value)
    if (number === undefined) return { fault: `'${value}' is not a whole number` }
    return {
      compare: onText((known) => {
        const left = whole(known)
        return left === undefined ? undefined : test(left, number)
      }),
    }
  }

const onDate =
  (test: (known: number, value: number) => boolean) =>
  (value: string): ReadComparison => {
    const date = parseTimestamp(value)
    if (date === undefined) return { fault: `'${value}' is not a date such as 2026-11-24T08:00+01:00` }
    return {
      compare: onText((known) => {
        const left = parseTimestamp(known)
        return left === undefined ? undefined : test(left, date)
      }),
    }
  }

const PLAIN: Readonly<Record<string, (value: string) => ReadComparison>> = {
  equals: (value) => ({ compare: onText((known) => known === value) }),
  contains: (value) => ({ compare: (known) => (Array.isArray(known) ? known.includes(value) : undefined) }),
  matches: (value) => {
    const read = compilePattern(value, false)
    return 'fault' in read ? read : { compare: onText((known) => matchesPattern(read.pattern, known)) }
  },
  in: (value) => {
    const values = new Set(listed(value))
    return { compare: onText((known) => values.has(known)) }
  },
  string_contains: (value) => ({ compare: onText((known) => known.toLowerCase().includes(value.toLowerCase())) }),
  date_within_last: (value) => {
    const span = parseDuration(value)
    if (span === undefined) return { fault: `'${value}' is no span such as 1y, 7d, 6h or 15m` }
    return {
      compare: (known, now) =>
        onText((text) => {
          const date = parseTimestamp(text)
          return date === undefined ? undefined : now - date < span * 1000
        })(known, now),
    }
  },
}

const OTHERS: Readonly<Record<string, (value: string) => ReadComparison>> = {
  '<': onNumber((known, value) => known < value),
  '>': onNumber((known, value) => known > value),
  date_before: onDate((known, value) => known < value),
  date_after: onDate((known, value) => known > value),
}

/** What stands for a comparison: those that have one, and their opposites with `!`. */
export const COMPARATORS: readonly string[] = [
  ...Object.keys(PLAIN).flatMap((name) => [name, `!${name}`]),
  ...Object.keys(OTHERS),
]

/** The comparison made ready, or what keeps it from being one. */
export function readComparison(comparator: string, value: string): ReadComparison {
  const isNegated = comparator.startsWith('!')
  const name = isNegated ? comparator.slice(1) : comparator
  const table = isNegated || Object.hasOwn(PLAIN, name) ? PLAIN : OTHERS
  const make = Object.hasOwn(table, name) ? table[name] : undefined
  if (make === undefined) return { fault: `'${comparator}' compares nothing; there are ${COMPARATORS.join(' ')}` }
  const made = make(value)
  if (!isNegated || 'fault' in made) return made
  return {
    compare: (known, now) => {
      const found = made.compare(known, now)
      return found === undefined ? undefined : !found
    },
  }
}

const whole = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined)

/** Values between commas, each maybe in double quotes, in which a backslash keeps what follows it. */
function listed(text: string): readonly string[] {
  const entries = text.matchAll(/\s*("(?:[^"\\]|\\.)*"|(?:[^,\\]|\\.)*)\s*(?:,|$)/gs)
  return Array.from(entries, ([, entry = '']) =>
    (/^".*"$/s.test(entry) ? entry.slice(1, -1) : entry.trim()).replaceAll(/\\(.)/gs, '$1'),
  ).filter((entry) => entry !== '')
}
