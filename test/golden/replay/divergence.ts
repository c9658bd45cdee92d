import type { Difference } from './compare.ts'
import { isUnder, matches, parsePattern } from './path.ts'
import { isObject, type Json } from './recording.ts'
import type { Mode } from './run.ts'

/** Where Nod answers otherwise on purpose: what such an entry says, and whether it explains a difference. */

/** Nothing stands there. */
export const ABSENT = Symbol('absent')
/** All that stands there and below is Nod's own. */
export const ANYTHING = Symbol('own')
/** A whole number, which may be the recorded one by chance. */
export const ANY_INTEGER = Symbol('integer')
/** A literal, a pattern for text, some members of an object, or nothing at all. */
export type Expected = Json | RegExp | Containing | typeof ABSENT | typeof ANYTHING | typeof ANY_INTEGER

/** An object that has these members, or a list that has these entries by position, whatever else is in it. */
export class Containing {
  readonly members: Readonly<Record<string, Expected>>

  constructor(members: Readonly<Record<string, Expected>>) {
    this.members = members
  }
}

export interface Application {
  /** Name of the golden file, or `*` for all. */
  readonly file: string
  /** Labels of exchanges, or `*` for all. */
  readonly exchanges: readonly string[] | '*'
  /** Path in the exchange (`status`, `json.detail…`, `fcm[*]…`, `request`) → what Nod answers there instead. */
  readonly nodAnswers: Readonly<Record<string, Expected>>
  /** Only in this replay; otherwise in both. */
  readonly mode?: Mode
  /** Whether it differs is left to chance: a push that nobody waits for comes with this exchange or with the next, a row
   *  number may be the recorded one. */
  readonly mayBeAlike?: true
  /** The server signs no users in: the exchange is the administrator's, in the user's name. */
  readonly asAdministrator?: true
}

export interface Divergence {
  readonly id: string
  readonly reason: string
  readonly applications: readonly Application[]
}

/** An exchange that a later part of the work will make right. */
export interface NotYet {
  readonly file: string
  readonly exchanges: readonly string[]
  readonly reason: string
}

/** Where a difference was found. */
export interface Place {
  readonly file: string
  readonly label: string
  readonly mode: Mode
}

export const appliesAt = (application: Application, { file, label, mode }: Place): boolean =>
  (application.file === '*' || application.file === file) &&
  (application.exchanges === '*' || application.exchanges.includes(label)) &&
  (application.mode === undefined || application.mode === mode)

/** Member order does not matter in JSON, so it does not here. */
function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key]) ?? null]),
  )
}

function isAsExpected(expected: Expected, got: Json | undefined): boolean {
  if (expected === ABSENT) return got === undefined
  if (expected === ANYTHING) return true
  if (expected === ANY_INTEGER) return Number.isInteger(got)
  if (expected instanceof Containing) {
    const found = Array.isArray(got) ? Object.fromEntries(got.entries()) : got
    return (
      isObject(found) && Object.entries(expected.members).every(([key, member]) => isAsExpected(member, found[key]))
    )
  }
  if (expected instanceof RegExp) return typeof got === 'string' && expected.test(got)
  return JSON.stringify(sorted(expected)) === JSON.stringify(sorted(got))
}

/** A path of an application that a difference lies at, and whether Nod answers there what the application says. */
export interface ListedPath {
  readonly pattern: string
  readonly isAsExpected: boolean
}

export const listedPathsAt = (application: Application, { path, got }: Difference): ListedPath[] =>
  Object.entries(application.nodAnswers)
    .filter(([pattern, expected]) => (expected === ANYTHING ? isUnder : matches)(path, parsePattern(pattern)))
    .map(([pattern, expected]) => ({ pattern, isAsExpected: isAsExpected(expected, got) }))
