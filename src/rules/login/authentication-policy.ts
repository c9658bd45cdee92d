/** How a login by one type of token works: mode, texts, wait and validity. Fixed when the login opens. */
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import { type Language, type Mode, type Seconds, seconds, type TokenType } from '../../vocabulary.ts'
import type { PushFirewall } from '../../vocabulary/push-firewall.ts'
import { AUTHENTICATION_ACTIONS } from '../policy/actions/authentication.ts'
import { ENROLLMENT_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { only, readActions } from '../policy/read-actions.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'
import { type PresenceKind, presencePool } from './presence.ts'
import { profileApplies } from './profile.ts'
import { pushFirewall } from './push-firewall.ts'
import type { SystemSettings } from '../deployment/system-settings.ts'
import { unescapeCommas } from './texts.ts'

type Polling = 'allow' | 'deny' | 'token'

/** How one token takes part in a login; fixed when the login opens. */
export interface AuthenticationPolicy {
  /** The name of the policy whose profile the login has to meet. */
  readonly profile?: string
  readonly mode: Mode
  /** Of the texts that no policy sets. */
  readonly language: Language
  /** Present only in mode `presence`. */
  readonly presence?: { readonly kind: PresenceKind; readonly pool: readonly string[]; readonly count: number }
  readonly codeDigits: number
  /** The text that the phone shows above the code. */
  readonly codeMessage: string
  readonly title: string
  /** Templates with tags. */
  readonly question: string
  readonly challengeText: string
  readonly header?: string
  readonly footer?: string
  readonly sslVerify: boolean
  /** Absent if no policy sets it: the URL of the token counts. */
  readonly registrationUrl?: string
  /** How long `/validate/check` waits for the phone; 0: not at all. */
  readonly pushWait: Seconds
  readonly polling: Polling
  /** Absent where it is off. */
  readonly firewall?: PushFirewall
  /** What the PIN is compared with: that of the token, the user's password in the directory, or nothing (the entry must be empty). */
  readonly pinSource: 'token' | 'none' | 'userstore'
  readonly preferredModes: readonly string[]
  readonly validFor: Seconds
  readonly grace: Seconds
}

/** Reads the policies for a login by one type of token. `mayWait`: only `/validate/check` can wait for the phone;
 *  elsewhere `push_wait` must not switch off number matching. The profile decides the mode first, then a wait, then
 *  presence, then code to phone.
 *  Refuses: `policy_conflict`, `condition_unknown`, `profile_contradicted`.
 *  Source: docs/protocol.md, "Requests that wait", "Modes" and "Push actions". */
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
  const firewall = pushFirewall(set, situation)
  if (!firewall.ok) return firewall

  const defaults = DEFAULT_TEXTS[language]
  const wait = mayWait && !policy.force_challenge_response ? policy.push_wait : 0
  const mode = modeOf(wait, policy.push_require_presence, profile.value !== undefined || policy.push_code_to_phone)
  const kind = policy.push_presence_options
  const pool = presencePool(kind, policy.push_presence_custom_options)
  return done({
    ...present({ profile: profile.value }),
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
    ...present({ firewall: firewall.value }),
    pinSource: policy.otppin === 'none' || policy.otppin === 'userstore' ? policy.otppin : 'token',
    preferredModes: policy.preferred_client_mode.split(/\s+/),
    validFor: system.validFor,
    grace: system.grace,
  })
}

/** Reads the authentication policy of each token, once for every group. Tokens that contradict a profile are left out if
 *  another one does not. Refuses: as `authenticationPolicy`. */
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

/** Returns how long a login waits for its phones: the longest of their waits. It does not wait if one of them needs
 *  something shown at the login first: `edupush_wait` must not switch off number matching of push. */
export const pushWaitOf = (all: readonly AuthenticationPolicy[]): Seconds =>
  seconds(all.every(({ mode }) => mode === 'standard') ? Math.max(0, ...all.map(({ pushWait }) => pushWait)) : 0)

/** Answers whether a phone may poll for its prompts. `tokenAllows`: the setting of its token, which decides if the policy
 *  leaves it to the token. Refuses: `policy_conflict`, `condition_unknown`. Source: docs/protocol.md, "Phone poll";
 *  golden 09-poll-policies. */
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
