/** What an action of a policy is declared with: everything Nod knows about it stands in its declaration. */
import type { TokenType } from '../../../vocabulary.ts'
import { oneOf, type ValueCheck, wholeNumber } from './values.ts'

/** `all`: one action, under this name, about every app. A list: each of these apps has an action of its own, named after it,
 *  such as `push_wait` and `edupush_wait`. */
export type Apps = 'all' | readonly TokenType[]

/** How the values of several matching policies become one. `first`: that of the lowest priority number; two different ones
 *  there are a conflict. `words`: the words of all values. `every`: all values. `largest`: the largest number. */
type Combination = 'first' | 'words' | 'every' | 'largest'

/** One action. `Value` is what `readActions` makes of it. */
export interface Action<Value = unknown> {
  /** As `GET /policy/defs` calls it: `bool` takes no value, `int` a whole number, `str` a text. */
  readonly type: 'bool' | 'int' | 'str'
  readonly apps: Apps
  readonly description: string
  /** The heading privacyIDEA shows it under. An action of one app is shown under the app's name. */
  readonly group?: string | undefined
  readonly check?: ValueCheck
  readonly combination: Combination
  /** What applies where no policy sets the action, as an administrator would write it. */
  readonly default?: string | Readonly<Record<TokenType, string>>
  /** The value read. Values kept by an older version may fail the check: what cannot be read is `undefined`. */
  readonly read: (values: readonly (string | true)[]) => Value | undefined
  /** What `readActions` answers where no policy sets the action. */
  readonly unset: (app: TokenType) => Value
}

/** What `readActions` makes of an action. */
export type ValueOf<Declared> = Declared extends Action<infer Value> ? Value : never

interface Declaration {
  readonly apps: Apps
  readonly description: string
  readonly group?: string
}

type Text = Declaration & { readonly check?: ValueCheck }
type Default<Value> = { readonly default: Value }

/** A switch: on where the deciding policy names it. */
export const flag = (declaration: Declaration): Action<boolean> => ({
  ...declaration,
  type: 'bool',
  combination: 'first',
  read: ([value]) => value === true,
  unset: () => false,
})

export function integer(declaration: Declaration & Range & Default<number>): Action<number>
export function integer(declaration: Declaration & Range): Action<number | undefined>
export function integer({
  least,
  most,
  default: otherwise,
  ...declaration
}: Declaration & Range & Partial<Default<number>>): Action<number | undefined> {
  return {
    ...declaration,
    ...(otherwise === undefined ? {} : { default: String(otherwise) }),
    type: 'int',
    check: wholeNumber(least, most),
    combination: 'first',
    read: ([value]) => numberFrom(value),
    unset: () => otherwise,
  }
}

/** Both included. */
interface Range {
  readonly least: number
  readonly most: number
}

/** A number of which the largest counts, whatever the priorities are. */
export const largestInteger = (declaration: Declaration & Range): Action<number | undefined> => ({
  ...integer(declaration),
  combination: 'largest',
  read: (values) => {
    const numbers = values.map(numberFrom).filter((number) => number !== undefined)
    return numbers.length === 0 ? undefined : Math.max(...numbers)
  },
})

export function choice<const Value extends string>(
  declaration: Declaration & { readonly values: readonly Value[] } & Default<NoInfer<Value>>,
): Action<Value>
export function choice<const Value extends string>(
  declaration: Declaration & { readonly values: readonly Value[] },
): Action<Value | undefined>
/** One of the values. */
export function choice<const Value extends string>({
  values,
  ...declaration
}: Declaration & { readonly values: readonly Value[] } & Partial<Default<Value>>): Action<Value | undefined> {
  return {
    ...declaration,
    type: 'str',
    check: oneOf(...values),
    combination: 'first',
    read: ([value]) => values.find((one) => one === value),
    unset: () => declaration.default,
  }
}

export function text(declaration: Text & Default<string | Readonly<Record<TokenType, string>>>): Action<string>
export function text(declaration: Text): Action<string | undefined>
/** A text that `check` accepts. A default may differ from app to app. */
export function text(
  declaration: Text & Partial<Default<string | Readonly<Record<TokenType, string>>>>,
): Action<string | undefined> {
  const { default: otherwise } = declaration
  return {
    ...declaration,
    type: 'str',
    combination: 'first',
    read: ([value]) => (typeof value === 'string' ? value : undefined),
    unset: (app) => (typeof otherwise === 'object' ? otherwise[app] : otherwise),
  }
}

/** A text whose default is in the language of the login: where no policy sets it, undefined is read. `default`: the English one. */
export const translatedText = (declaration: Text & Default<string>): Action<string | undefined> => ({
  ...text(declaration),
  unset: () => undefined,
})

/** The text as `parse` reads it. */
export const parsedText = <Value>(
  declaration: Text & { readonly parse: (value: string) => Value | undefined },
): Action<Value | undefined> => {
  const { parse, ...rest } = declaration
  return {
    ...rest,
    type: 'str',
    combination: 'first',
    read: ([value]) => (typeof value === 'string' ? parse(value) : undefined),
    unset: () => undefined,
  }
}

/** Words separated by spaces: those of all matching policies, each once, in alphabetical order. */
export const words = (declaration: Text): Action<readonly string[]> => ({
  ...declaration,
  type: 'str',
  combination: 'words',
  read: (values) => values.filter((value) => typeof value === 'string'),
  unset: () => [],
})

/** Texts: one of each matching policy. */
export const everyText = (declaration: Text): Action<readonly string[]> => ({
  ...words(declaration),
  combination: 'every',
})

function numberFrom(value: string | true | undefined): number | undefined {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** Actions of one scope that are read together. */
export interface ActionGroup<Actions extends Readonly<Record<string, Action>> = Readonly<Record<string, Action>>> {
  readonly scope: string
  readonly actions: Actions
}

export const actionGroup = <const Actions extends Readonly<Record<string, Action>>>(
  scope: string,
  actions: Actions,
): ActionGroup<Actions> => ({ scope, actions })
