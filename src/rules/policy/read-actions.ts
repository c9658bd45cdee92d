/** What the policies set in a situation, read into values. */
import { done, type Outcome } from '../../refusal.ts'
import type { TokenType } from '../../vocabulary.ts'
import type { Action, ActionGroup, ValueOf } from './actions/action.ts'
import { nameOfAction } from './actions/apps.ts'
import { allValues, isActionUsed, type PolicySet, singleValue, type Situation, unionOfWords } from './policy-set.ts'

type Actions = Readonly<Record<string, Action>>
type Values<Declared extends Actions> = { readonly [Name in keyof Declared]: ValueOf<Declared[Name]> }

interface Options<Declared extends Actions> {
  /** Whose actions are read: `edupush_wait` is read as `push_wait` for eduMFA's app. */
  readonly app?: TokenType
  /** What applies where no policy sets an action, before its default. */
  readonly fallback?: { readonly [Name in keyof Declared]?: ValueOf<Declared[Name]> | undefined }
}

const NO_VALUES = done<readonly (string | true)[]>([])

/** Reads the actions of a group, by the names they are declared with. An action that the app does not have is as one that no
 *  policy sets. Refuses: `policy_conflict`, `condition_unknown`: the first in the group's order. */
export function readActions<Declared extends Actions>(
  set: PolicySet,
  { scope, actions }: ActionGroup<Declared>,
  situation: Situation,
  { app = 'push', fallback = {} }: Options<Declared> = {},
): Outcome<Values<Declared>> {
  const values: { [name: string]: unknown } = {}
  for (const [declared, action] of Object.entries(actions)) {
    const name = nameOfAction(app, declared, action)
    const isSet = name !== undefined && isActionUsed(set, scope, name)
    const found = isSet ? valuesOf(set, scope, name, action, situation) : NO_VALUES
    if (!found.ok) return found
    const value = found.value.length === 0 ? fallback[declared] : action.read(found.value)
    values[declared] = value ?? action.unset(app)
  }
  return done(values as Values<Declared>)
}

/** The group with these of its actions. */
export const only = <Declared extends Actions, Name extends keyof Declared & string>(
  { scope, actions }: ActionGroup<Declared>,
  ...names: readonly Name[]
): ActionGroup<Pick<Declared, Name>> => ({
  scope,
  actions: Object.fromEntries(names.map((name) => [name, actions[name]])) as Pick<Declared, Name>,
})

function valuesOf(
  set: PolicySet,
  scope: string,
  name: string,
  { combination }: Action,
  situation: Situation,
): Outcome<readonly (string | true)[]> {
  if (combination === 'words') return unionOfWords(set, scope, name, situation)
  if (combination !== 'first') return allValues(set, scope, name, situation)
  const found = singleValue(set, scope, name, situation)
  if (!found.ok) return found
  return done(found.value === undefined ? [] : [found.value])
}
