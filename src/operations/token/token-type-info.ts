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

/** What there is to say of tokens of a type, whoever asks: nothing of it is this deployment's own. Its policies, users and Firebase
 *  configurations stay out; what is told stands in the source, so no credential is asked for. */
export const tokenTypeInfo = (type: TokenType): TokenTypeInfo => ({
  type,
  title: TITLES[type],
  description: 'Logins are confirmed on a phone: the app is asked, by push or when it polls, and signs the answer.',
  policy: Object.fromEntries(
    Object.entries(allDefinitions()).flatMap(([scope, actions]) => {
      const about = Object.entries(actions).filter(([, { group }]) => group === type.toUpperCase())
      return about.length === 0 ? [] : [[scope, Object.fromEntries(about)]]
    }),
  ),
})
