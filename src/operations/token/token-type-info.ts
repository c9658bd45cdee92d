import type { TokenType } from '../../vocabulary.ts'
import { allDefinitions } from '../administration/policy-definitions.ts'

export interface TokenTypeInfo {
  readonly type: string
  readonly title: string
  readonly description: string
  /** By scope, then by action. */
  readonly policy: ReturnType<typeof allDefinitions>
}

const TITLES: Readonly<Record<TokenType, string>> = { push: 'Push token', edupush: 'Push token of eduMFA' }

/** Describes a token type: the same in every deployment, so anybody may read it. It says nothing of this deployment's policies,
 *  users or Firebase configurations. */
export const tokenTypeInfo = (type: TokenType): TokenTypeInfo => ({
  type,
  title: TITLES[type],
  description: 'Logins are confirmed on a phone: the app is asked, by push or when it polls, and signs the answer.',
  policy: Object.fromEntries(
    Object.entries(allDefinitions()).flatMap(([scope, actions]) => {
      const ofType = Object.entries(actions).filter(([, { group }]) => group === type.toUpperCase())
      return ofType.length === 0 ? [] : [[scope, Object.fromEntries(ofType)]]
    }),
  ),
})
