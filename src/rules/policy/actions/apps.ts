/** How policies speak of a type of token. Both types have the same settings, each under its own actions, so that one
 *  deployment can serve both apps and treat them differently. Source: docs/protocol.md, "eduMFA". */
import { done, type Outcome } from '../../../refusal.ts'
import { TOKEN_TYPES, type TokenType } from '../../../vocabulary.ts'
import { type PolicySet, singleValues, type Situation } from '../policy-set.ts'

/** What stands for a type in titles and issuers where nothing else is said. */
export const BRANDS: Readonly<Record<TokenType, string>> = { push: 'privacyIDEA', edupush: 'eduMFA' }

/** The actions of push that every type has, under a name of its own. */
const SHARED = [
  'push_firebase_configuration',
  'push_registration_url',
  'push_ttl',
  'push_ssl_verify',
  'push_text_on_mobile',
  'push_title_on_mobile',
  'push_wait',
  'push_allow_polling',
] as const
type Shared = (typeof SHARED)[number]

/** About the lock of an app, whichever it is. */
const COMMON = 'push_force_app_pin'

const isShared = (action: string): action is Shared => SHARED.some((name) => name === action)

/** What an action of push is called for this type: `push_wait` is `edupush_wait`. */
export const actionNameFor = (type: TokenType, action: Shared): string => (type === 'push' ? action : `edu${action}`)

/** The same of any action: those about no type keep their name, and of those of push that the type has none of there is no name. */
export function actionNameOf(type: TokenType, action: string): string | undefined {
  if (isShared(action)) return actionNameFor(type, action)
  return type === 'push' || action === COMMON || !action.startsWith('push_') ? action : undefined
}

/** `singles` for a type of token, by the names that push has: what the type does not have is absent, as if no policy said it. */
export function appValues<const Action extends string>(
  set: PolicySet,
  scope: string,
  actions: readonly Action[],
  type: TokenType,
  situation: Situation,
): Outcome<{ readonly [Name in Action]?: string | true }> {
  const names = new Map(actions.map((action) => [actionNameOf(type, action), action]))
  const found = singleValues(
    set,
    scope,
    [...names.keys()].filter((name) => name !== undefined),
    situation,
  )
  if (!found.ok) return found
  const renamed: { [Name in Action]?: string | true } = {}
  for (const [name, value] of Object.entries(found.value)) {
    const action = names.get(name)
    if (action !== undefined && value !== undefined) renamed[action] = value
  }
  return done(renamed)
}

/** The definitions of push's actions, and those of every other type's, which differ in name, group and brand alone. */
export function forEveryType<Defined extends { readonly group?: string; readonly default?: string }>(
  definitions: Readonly<Record<string, Defined>>,
): Readonly<Record<string, Defined>> {
  const derived = TOKEN_TYPES.filter((type) => type !== 'push').flatMap((type) =>
    SHARED.flatMap((action) => {
      const definition = Object.hasOwn(definitions, action) ? definitions[action] : undefined
      if (definition === undefined) return []
      const brand = definition.default === BRANDS.push ? { default: BRANDS[type] } : {}
      return [[actionNameFor(type, action), { ...definition, ...brand, group: type.toUpperCase() }] as const]
    }),
  )
  return { ...definitions, ...Object.fromEntries(derived) }
}
