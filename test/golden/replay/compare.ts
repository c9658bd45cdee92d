import { formFault, isMoment } from './value-forms.ts'
import { inRecordedOrder, noncesOf } from './order.ts'
import { isUnder, parsePattern, type Path, type PathPattern } from './path.ts'
import { isObject, type Json } from './recording.ts'
import type { Translation } from './translation.ts'

/** A place where the live answer differs from the recorded one. Undefined stands for an absent value. */
export interface Difference {
  readonly path: Path
  readonly expected: Json | undefined
  readonly got: Json | undefined
}

type Check = 'any' | 'text' | 'integer' | 'number'

/** Values that are not compared, in any file. */
const IGNORED: readonly { readonly path: string; readonly check: Check; readonly reason: string }[] = [
  {
    path: 'json.signature',
    check: 'any',
    reason: 'Nod omits it; no client verifies it (docs/protocol.md, "Envelope")',
  },
  { path: 'json.time', check: 'number', reason: 'the time of the answer' },
  { path: 'json.version', check: 'text', reason: 'free text (docs/protocol.md, "Envelope")' },
  {
    path: 'json.versionnumber',
    check: 'text',
    reason: 'the version of the server itself (docs/protocol.md, "Envelope")',
  },
  { path: 'json.detail.threadid', check: 'integer', reason: 'any integer will do (docs/protocol.md, "Envelope")' },
  { path: 'json.result.value.tokens[*].id', check: 'integer', reason: "a row number of the server's own" },
]
const ignored = IGNORED.map((entry) => ({ ...entry, pattern: parsePattern(entry.path) }))

const fitsCheck = (check: Check, value: Json | undefined): boolean => {
  if (check === 'any') return true
  if (check === 'text') return typeof value === 'string'
  return typeof value === 'number' && (check === 'number' || Number.isInteger(value))
}

export interface Comparison {
  readonly translation: Translation
  readonly volatile: readonly PathPattern[]
}

/** PEM may be broken into lines of any length. */
const withoutLineBreaks = (text: string): string => (text.startsWith('-----BEGIN ') ? text.replaceAll(/\s/g, '') : text)

const SHOWN_TO_PEOPLE: ReadonlySet<Path[number]> = new Set(['message', 'messages'])
const ONE_OF_A_FEW: ReadonlySet<Path[number]> = new Set(['presence_answer', 'display_code', 'require_presence'])

/** The key of a value; elements of a list have the list's. */
const keyOf = (path: Path): string => String(path.findLast((step) => typeof step === 'string') ?? '')

export function compare(
  comparison: Comparison,
  recorded: Json | undefined,
  live: Json | undefined,
  path: Path,
): Difference[] {
  const skip = ignored.find((entry) => isUnder(path, entry.pattern))
  if (skip) return fitsCheck(skip.check, live) ? [] : [{ path, expected: skip.check, got: live }]
  if (Array.isArray(recorded) && Array.isArray(live) && recorded.length === live.length) {
    const order = inRecordedOrder(comparison.translation, recorded, live)
    const partners = order ?? live
    return [
      ...(order ? [{ path: [...path, 'order'], expected: noncesOf(order), got: noncesOf(live) }] : []),
      ...recorded.flatMap((item, index) => compare(comparison, item, partners[index], [...path, index])),
    ]
  }
  if (isObject(recorded) && isObject(live)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(live)])
    return [...keys].flatMap((key) => compareMember(comparison, recorded, live, path, key))
  }
  return compareLeaf(comparison, recorded, live, path)
}

type Values = Readonly<Record<string, Json>>

function compareMember(comparison: Comparison, recorded: Values, live: Values, path: Path, key: string): Difference[] {
  const here = [...path, key]
  // Values that are not compared may be missing in the recording: errors have no version number there.
  if (recorded[key] === undefined && ignored.some((entry) => isUnder(here, entry.pattern))) return []
  return compare(comparison, recorded[key], live[key], here)
}

function compareLeaf(
  comparison: Comparison,
  recorded: Json | undefined,
  live: Json | undefined,
  path: Path,
): Difference[] {
  const isVolatile = comparison.volatile.some((pattern) => isUnder(path, pattern))
  if (typeof recorded === 'string' && typeof live === 'string')
    return compareText(comparison, recorded, live, path, isVolatile)
  if (isVolatile && recorded !== undefined) return formDifference(recorded, live, path)
  if (JSON.stringify(recorded) === JSON.stringify(live)) return []
  return [{ path, expected: recorded === undefined ? recorded : comparison.translation.json(recorded), got: live }]
}

function compareText(
  comparison: Comparison,
  recorded: string,
  live: string,
  path: Path,
  isVolatile: boolean,
): Difference[] {
  const { translation } = comparison
  const key = keyOf(path)
  const isKnown = translation.knows(recorded)
  if (isVolatile && (!isKnown || ONE_OF_A_FEW.has(key))) return formDifference(recorded, live, path)
  const expected = SHOWN_TO_PEOPLE.has(key) ? translation.message(recorded) : translation.text(recorded)
  // A value from an earlier answer has to be the same here, and well-formed.
  if (withoutLineBreaks(expected) === withoutLineBreaks(live))
    return isKnown ? formDifference(recorded, live, path) : []
  // The recordings do not list every date as volatile: when a token was assigned, for example.
  if (isMoment(recorded) && !isKnown) return formDifference(recorded, live, path)
  return [{ path, expected, got: live }]
}

function formDifference(recorded: Json, live: Json | undefined, path: Path): Difference[] {
  const fault = formFault(keyOf(path), recorded, live)
  return fault === undefined ? [] : [{ path, expected: fault, got: live }]
}
