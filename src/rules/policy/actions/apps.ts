/** What an action is called for each app. One deployment serves both apps and may treat them differently, so each has its own
 *  actions: `push_wait` is about privacyIDEA's app, `edupush_wait` about eduMFA's. Source: docs/protocol.md, "eduMFA". */
import { TOKEN_TYPES, type TokenType } from '../../../vocabulary.ts'
import type { Action } from './action.ts'

/** The title and the issuer an app shows where no policy sets them. */
export const BRANDS: Readonly<Record<TokenType, string>> = { push: 'privacyIDEA', edupush: 'eduMFA' }

/** The name of an app's own action, from the name it has for push. */
export const actionNameFor = (app: TokenType, action: string): string => (app === 'push' ? action : `edu${action}`)

/** The name an app's action has; undefined where there is no such action for the app. */
export function nameOfAction(app: TokenType, name: string, { apps }: Pick<Action, 'apps'>): string | undefined {
  if (apps === 'all') return name
  return apps.includes(app) ? actionNameFor(app, name) : undefined
}

/** An action under one of its names. */
export interface NamedAction extends Omit<Action, 'default'> {
  readonly name: string
  readonly default: string | undefined
}

/** The actions under all their names, those of push first. */
export function namedActions(actions: Readonly<Record<string, Action>>): readonly NamedAction[] {
  return TOKEN_TYPES.flatMap((app) =>
    Object.entries(actions).flatMap(([declared, action]) => {
      const name = nameOfAction(app, declared, action)
      // An action of all apps has one name and is listed once.
      if (name === undefined || (action.apps === 'all' && app !== 'push')) return []
      const group = action.apps === 'all' ? action.group : app.toUpperCase()
      return [{ ...action, name, group, default: defaultFor(app, action) }]
    }),
  )
}

/** The default an action has for an app, as an administrator would write it. */
const defaultFor = (app: TokenType, { default: otherwise }: Action): string | undefined =>
  typeof otherwise === 'object' ? otherwise[app] : otherwise
