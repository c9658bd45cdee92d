/** What the policies make of a login by one type of token: fixed for a transaction when it is opened. */
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import { type Language, type Mode, type Seconds, seconds, type TokenType } from '../../vocabulary.ts'
import { AUTHENTICATION_ACTIONS } from '../policy/actions/authentication.ts'
import { ENROLLMENT_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { only, readActions } from '../policy/read-actions.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'
import { type PresenceKind, presencePool } from './presence.ts'
import { profileApplies } from './profile.ts'
import type { SystemSettings } from '../deployment/system-settings.ts'
import { unescapeCommas } from './texts.ts'

type Polling = 'allow' | 'deny' | 'token'

/** What policies make of one token's part in a login, fixed when it opens. */
export interface AuthenticationPolicy {
  readonly mode: Mode
  /** Of the texts that no policy sets. */
  readonly language: Language
  /** Present exactly in mode `presence`. */
  readonly presence?: { readonly kind: PresenceKind; readonly pool: readonly string[]; readonly count: number }
  readonly codeDigits: number
  /** What the phone says above the code. */
  readonly codeMessage: string
  readonly title: string
  /** Templates, their tags not filled in. */
  readonly question: string
  readonly challengeText: string
  readonly header?: string
  readonly footer?: string
  readonly sslVerify: boolean
  /** What policy says now; absent where none does. */
  readonly registrationUrl?: string
  /** How long `/validate/check` waits for the phone; 0 = it does not. */
  readonly pushWait: Seconds
  readonly polling: Polling
  /** Where the first factor comes from. */
  readonly pinSource: 'token' | 'none'
  readonly preferredModes: readonly string[]
  readonly validFor: Seconds
  readonly grace: Seconds
}

/** Everything a login of this owner from here needs to know of its tokens of one type. `mayWait` only for `/validate/check`: nothing else waits, and
 *  where nothing waits `push_wait` must not put out the number matching. Waiting comes before presence, presence before a code.
 *  A profile comes before all of them. Refuses: `policy_conflict`, `profile_contradicted`. Source: docs/protocol.md, "Requests that wait", "Modes" and "Push actions". */
export function authenticationPolicy(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  system: SystemSettings,
  mayWait: boolean,
  language: Language,
): Outcome<AuthenticationPolicy> {
  const found = readActions(set, AUTHENTICATION_ACTIONS, situation, { app: type })
  if (!found.ok) return found
  const enrollment = readActions(set, only(ENROLLMENT_ACTIONS, 'push_registration_url'), situation, { app: type })
  if (!enrollment.ok) return enrollment
  const policy = found.value
  const profile = profileApplies(set, type, situation, system)
  if (!profile.ok) return profile

  const defaults = DEFAULT_TEXTS[language]
  const wait = mayWait && !policy.force_challenge_response ? policy.push_wait : 0
  const mode = modeOf(wait, policy.push_require_presence, profile.value || policy.push_code_to_phone)
  const kind = policy.push_presence_options
  const pool = presencePool(kind, policy.push_presence_custom_options)
  return done({
    mode,
    language,
    ...(mode === 'presence' ? { presence: { kind, pool, count: policy.push_presence_num_options } } : {}),
    codeDigits: policy.push_code_to_phone_digits,
    codeMessage: unescapeCommas(policy.push_code_to_phone_message ?? defaults.codeMessage),
    title: unescapeCommas(policy.push_title_on_mobile),
    question: policy.push_text_on_mobile ?? defaults.question,
    challengeText:
      policy.push_challenge_text ??
      policy.challenge_text ??
      (mode === 'code_to_phone' ? defaults.enterCode : defaults.confirm),
    ...present({ header: policy.challenge_text_header, footer: policy.challenge_text_footer }),
    sslVerify: policy.push_ssl_verify !== '0',
    ...present({ registrationUrl: enrollment.value.push_registration_url }),
    pushWait: seconds(wait),
    polling: policy.push_allow_polling,
    pinSource: policy.otppin === 'none' ? 'none' : 'token',
    preferredModes: policy.preferred_client_mode.split(/\s+/),
    validFor: system.validFor,
    grace: system.grace,
  })
}

/** Each token with the authentication policy of a login by it, which is read once for every kind of token. Tokens that fall short of a
 *  profile are left out if another one does not. Refuses: as `authenticationPolicy`. */
export function policiesForTokens<Token>(
  tokens: readonly Token[],
  groupOf: (token: Token) => string,
  policyOf: (token: Token) => Outcome<AuthenticationPolicy>,
): Outcome<readonly { readonly token: Token; readonly policy: AuthenticationPolicy }[]> {
  const policies = new Map<string, AuthenticationPolicy>()
  let shortfall: Outcome<never> | undefined
  for (const [group, token] of new Map(tokens.map((one) => [groupOf(one), one]))) {
    const policy = policyOf(token)
    if (policy.ok) policies.set(group, policy.value)
    else if (policy.refusal.reason === 'profile_contradicted') shortfall = policy
    else return policy
  }
  if (policies.size === 0 && shortfall !== undefined) return shortfall
  return done(
    tokens.flatMap((token) => {
      const policy = policies.get(groupOf(token))
      return policy === undefined ? [] : [{ token, policy }]
    }),
  )
}

/** How long a login waits whose phones have these settings: as long as one of them may; but not at all if one of them
 *  needs something shown at the login first. `edupush_wait` must not put out the number matching of push. */
export const pushWaitOf = (all: readonly AuthenticationPolicy[]): Seconds =>
  seconds(all.every(({ mode }) => mode === 'standard') ? Math.max(0, ...all.map(({ pushWait }) => pushWait)) : 0)

/** Whether a phone may poll for its prompts; `tokenAllows` is what its token says, which counts where policy leaves it to the token.
 *  Refuses: `policy_conflict`. Source: docs/protocol.md, "Phone poll", golden 09-poll-policies. */
export function isPollingAllowed(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  tokenAllows: boolean | undefined,
): Outcome<boolean> {
  const found = readActions(set, only(AUTHENTICATION_ACTIONS, 'push_allow_polling'), situation, { app: type })
  if (!found.ok) return found
  const { push_allow_polling: polling } = found.value
  return done(polling === 'token' ? tokenAllows !== false : polling === 'allow')
}

function modeOf(wait: number, presence: boolean, code: boolean): Mode {
  if (wait > 0) return 'standard'
  if (presence) return 'presence'
  return code ? 'code_to_phone' : 'standard'
}
