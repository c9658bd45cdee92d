import type { Difference } from './compare.ts'
import { isUnder, matches, parsePattern } from './path.ts'
import { isObject, type Json } from './recording.ts'
import type { Mode } from './run.ts'

/** A divergence: where Nod answers differently on purpose, and whether that explains a difference. */

/** The value is absent. */
export const ABSENT = Symbol('absent')
/** Any value, with everything in it. */
export const ANYTHING = Symbol('own')
/** Any whole number. */
export const ANY_INTEGER = Symbol('integer')
/** A literal, a pattern for text, some members of an object, or one of the symbols above. */
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
  /** Path in the exchange (`status`, `json.detail…`, `fcm[*]…`, `request`) → Nod's value there. */
  readonly nodAnswers: Readonly<Record<string, Expected>>
  /** Applies in this mode only; without it, in both. */
  readonly mode?: Mode
  /** The values may be the recorded ones by chance: a push that nobody waits for arrives with this exchange or with the
   *  next, and a row number may be the same. */
  readonly mayBeAlike?: true
  /** The request is sent with the administrator's token, in the user's name: Nod gives users no token by password. */
  readonly asAdministrator?: true
}

export interface Divergence {
  readonly id: string
  /** How its rows in docs/divergences.md begin: the first column and its bar, and more where several rows have the same. */
  readonly rows: readonly string[]
  readonly reason: string
  readonly applications: readonly Application[]
}

/** The exchange and mode in which a difference was found. */
export interface Place {
  readonly file: string
  readonly label: string
  readonly mode: Mode
}

export const appliesAt = (application: Application, { file, label, mode }: Place): boolean =>
  (application.file === '*' || application.file === file) &&
  (application.exchanges === '*' || application.exchanges.includes(label)) &&
  (application.mode === undefined || application.mode === mode)

/** The value with its members sorted: their order has no meaning in JSON. */
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

/** A path of an application that covers a difference, and whether Nod's value there is the listed one. */
export interface ListedPath {
  readonly pattern: string
  readonly isAsExpected: boolean
}

export const listedPathsAt = (application: Application, { path, got }: Difference): ListedPath[] =>
  Object.entries(application.nodAnswers)
    .filter(([pattern, expected]) => (expected === ANYTHING ? isUnder : matches)(path, parsePattern(pattern)))
    .map(([pattern, expected]) => ({ pattern, isAsExpected: isAsExpected(expected, got) }))
