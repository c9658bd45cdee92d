/** The policy of a restricted login: the person who answers on the phone has to see the login screen. No clock, no storage.
 *  Source: docs/protocol.md, "Ring budget"; decision 0044. */
import { seconds, type TokenType } from '../../vocabulary.ts'
import type { Restriction } from '../../vocabulary/push-firewall.ts'
import { AUTHENTICATION_ACTIONS } from '../policy/actions/authentication.ts'
import { codeToPhoneSupport } from './app-support.ts'
import type { AuthenticationPolicy } from './authentication-policy.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'

/** Returns the policy for a login by a phone that is not rung: a tap becomes code to phone if the app can show a code. Number matching
 *  stays. A login with `push_wait`, which shows nothing, stays as it is, and so does one by an app that shows no code. `app`: the app as
 *  it named itself. */
export function restrictedPolicy(
  policy: AuthenticationPolicy,
  type: TokenType,
  app: string | undefined,
): AuthenticationPolicy {
  if (!canAskForCode(policy, type) || codeToPhoneSupport(app) !== 'able') return policy
  // The text that policy sets is not used: it is about a tap.
  return { ...policy, mode: 'code_to_phone', challengeText: DEFAULT_TEXTS[policy.language].enterCode }
}

/** The fewest digits of a code that signs a user in to Nod itself. */
const LEAST_DIGITS = 6

/** Returns the policy for a login that only the phone's code approves; undefined for a type of token that has no such mode. */
export function codePolicy(policy: AuthenticationPolicy, type: TokenType): AuthenticationPolicy | undefined {
  if (!AUTHENTICATION_ACTIONS.actions.push_code_to_phone.apps.includes(type)) return undefined
  const { presence: _, ...rest } = policy
  const challengeText =
    policy.mode === 'code_to_phone' ? policy.challengeText : DEFAULT_TEXTS[policy.language].enterCode
  const codeDigits = Math.max(LEAST_DIGITS, policy.codeDigits)
  return { ...rest, mode: 'code_to_phone', challengeText, codeDigits, pushWait: seconds(0) }
}

/** Whether a login that is not rung is delivered all the same: its phone may not poll, so nothing else would find it, and a tap alone
 *  does not approve it. Its user would be locked out by whoever uses up the budget. `policy`: as `restrictedPolicy` answers it. */
export const isDeliveredUnrung = (
  { mode, polling }: Pick<AuthenticationPolicy, 'mode' | 'polling'>,
  why: Restriction,
  tokenPolls: boolean | undefined,
): boolean => ['over_budget', 'pin_known'].includes(why) && mode !== 'standard' && !mayPoll({ polling }, tokenPolls)

/** Whether the phone may poll. `tokenPolls`: as the token itself says; undefined: nothing. */
export const mayPoll = ({ polling }: Pick<AuthenticationPolicy, 'polling'>, tokenPolls: boolean | undefined): boolean =>
  polling !== 'deny' && (polling !== 'token' || tokenPolls !== false)

/** Whether a login that a tap would approve could ask for a code instead, if the phone's app shows one. */
export const canAskForCode = ({ mode, pushWait }: AuthenticationPolicy, type: TokenType): boolean =>
  mode === 'standard' && pushWait === 0 && AUTHENTICATION_ACTIONS.actions.push_code_to_phone.apps.includes(type)
