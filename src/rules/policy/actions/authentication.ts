/** The actions of the scope authentication: how a login goes. */
import { DEFAULT_TEXTS } from '../../login/default-texts.ts'
import { actionGroup, choice, flag, integer, text, translatedText, words } from './action.ts'
import { BRANDS } from './apps.ts'
import {
  challengeTemplate,
  clientModeList,
  frameTemplate,
  oneOf,
  phoneTemplate,
  phoneText,
  presenceOptionList,
  serviceNameList,
  tokenTypeList,
  type ValueCheck,
  withHint,
} from './values.ts'

const BOTH = ['push', 'edupush'] as const
const PUSH = ['push'] as const

/** Read into `AuthenticationPolicy` when a login opens. */
export const AUTHENTICATION_ACTIONS = actionGroup('authentication', {
  push_text_on_mobile: translatedText({
    apps: BOTH,
    description: 'The question on the phone. Tags such as {serial} and {client_ip}.',
    check: phoneTemplate(500),
    default: DEFAULT_TEXTS.en.question,
  }),
  push_title_on_mobile: text({
    apps: BOTH,
    description: 'The title above the question. No tags.',
    check: phoneText(100),
    default: BRANDS,
  }),
  push_ssl_verify: choice({
    apps: BOTH,
    description: 'Whether the phone checks the certificate while it answers.',
    values: ['0', '1'],
    default: '1',
  }),
  push_challenge_text: text({
    apps: PUSH,
    description: 'What the login page says. A comma is written as backslash comma.',
    check: challengeTemplate,
  }),
  push_wait: integer({
    apps: BOTH,
    description: 'Seconds /validate/check waits for the phone.',
    least: 0,
    most: 120,
    default: 0,
  }),
  push_allow_polling: choice({
    apps: BOTH,
    description: 'Whether phones may poll; `token`: as each token says.',
    values: ['allow', 'deny', 'token'],
    default: 'allow',
  }),
  push_require_presence: flag({
    apps: PUSH,
    description: 'The user taps the option the login page shows. Takes precedence over push_code_to_phone.',
  }),
  push_presence_options: choice({
    apps: PUSH,
    description: 'Which options: A to Z, 00 to 99, or push_presence_custom_options.',
    values: ['ALPHABETIC', 'NUMERIC', 'CUSTOM'],
    default: 'ALPHABETIC',
  }),
  push_presence_custom_options: text({
    apps: PUSH,
    description: "The deployment's own options, as in 01:02:1A:1B.",
    check: presenceOptionList,
  }),
  push_presence_num_options: integer({
    apps: PUSH,
    description: 'How many options the phone shows.',
    least: 2,
    most: 10,
    default: 3,
  }),
  push_code_to_phone: flag({
    apps: PUSH,
    description: 'The user confirms on the phone and types the code it then shows at the login page.',
  }),
  push_code_to_phone_message: translatedText({
    apps: PUSH,
    description: 'What the phone says above the code.',
    default: DEFAULT_TEXTS.en.codeMessage,
  }),
  push_code_to_phone_digits: integer({
    apps: PUSH,
    description: 'How many digits the code has.',
    least: 2,
    most: 8,
    default: 6,
  }),
  otppin: text({
    apps: 'all',
    description:
      'What is checked before a phone rings: the PIN of the token, the password of the user in the directory (where a verifier is ' +
      'configured, docs/password-check.md), or nothing.',
    check: oneOf('tokenpin', 'userstore', 'none'),
    default: 'tokenpin',
  }),
  force_challenge_response: flag({
    apps: 'all',
    description: 'No login waits for the phone, whatever push_wait says.',
  }),
  challenge_text: text({
    apps: 'all',
    group: 'Challenge',
    description: 'What the login page says where push_challenge_text is not set.',
    check: challengeTemplate,
  }),
  challenge_text_header: text({
    apps: 'all',
    group: 'Challenge',
    description: 'What stands above the texts of the challenges.',
    check: frameTemplate,
  }),
  challenge_text_footer: text({
    apps: 'all',
    group: 'Challenge',
    description: 'What stands below the texts of the challenges.',
    check: frameTemplate,
  }),
  preferred_client_mode: text({
    apps: 'all',
    description: 'Client modes, the preferred one first.',
    check: clientModeList,
    default: 'interactive webauthn poll',
  }),
})

/** Read by `profileApplies`. */
export const PROFILE_ACTIONS = actionGroup('authentication', {
  push_profile: choice({
    apps: 'all',
    group: 'PUSH',
    description:
      'Logins have to meet this profile: `nist-63b4` is a code to phone of 6 digits or more, and nothing less.',
    values: ['nist-63b4'],
  }),
})

/** How failed attempts count; read into `AuthorizationPolicy`. */
export const ATTEMPT_ACTIONS = actionGroup('authentication', {
  reset_all_user_tokens: flag({
    apps: 'all',
    group: 'Failed attempts',
    description: 'A login that succeeds resets the failed attempts of all tokens of its user.',
  }),
  increase_failcounter_on_challenge: flag({
    apps: 'all',
    group: 'Failed attempts',
    description:
      'Ringing a phone counts as a failed attempt. A login that succeeds takes it back. The ring that reaches the limit is counted and refused.',
  }),
  disabled_token_types: words({
    apps: 'all',
    description: 'Tokens of these types take part in no login. Separated by spaces.',
    check: tokenTypeList,
  }),
})

/** Read into `AuthorizationPolicy`. */
export const REPEAT_ACTIONS = actionGroup('authentication', {
  join_repeated_requests: words({
    apps: 'all',
    group: 'Repeated requests',
    description:
      'Names of service keys, separated by spaces: of RADIUS servers that retransmit. A request of such a service that comes again ' +
      'within ten seconds, the same to the last parameter and for the same believed address, joins the login that the first opened, ' +
      'and both hear its outcome. Never where a number or a code is shown.',
    check: serviceNameList,
  }),
})

/** Read before anything is known of the user, or after the login failed. */
export const LOGIN_ACTIONS = actionGroup('authentication', {
  set_realm: text({
    apps: 'all',
    description: 'Users are looked up in this realm instead of their own.',
    check: (value) => (/^[\w.-]+$/.test(value) ? undefined : `'${value}' is not the name of a realm`),
  }),
  hide_specific_error_message: flag({ apps: 'all', description: 'A login that fails does not say why.' }),
  challenge_response: words({
    apps: 'all',
    description: 'Without effect: a login by push is a challenge and its response, whatever is listed here.',
    check: tokenTypeList,
  }),
})

const enrollableType: ValueCheck = withHint('`PUSH`', (value) =>
  value.toUpperCase() === 'PUSH' ? undefined : `'${value}' is no type that Nod enrolls; PUSH is`,
)

/** Which users pass without a token. */
export const PASS_ACTIONS = actionGroup('authentication', {
  passOnNoToken: flag({
    apps: 'all',
    group: 'Users without a token',
    description: 'A known user without any token passes /validate/check, whatever is entered.',
  }),
  passOnNoUser: flag({
    apps: 'all',
    group: 'Users without a token',
    description: 'An unknown user passes /validate/check, whatever is entered.',
  }),
})

/** Read into `EnrollmentOffer`. */
export const LOGIN_ENROLLMENT_ACTIONS = actionGroup('authentication', {
  enroll_via_multichallenge: text({
    apps: 'all',
    group: 'Users without a token',
    description:
      'A user who would pass without a token is shown a QR code to enroll a phone with, and passes once it is enrolled: PUSH.',
    check: enrollableType,
  }),
  enroll_via_multichallenge_text: translatedText({
    apps: 'all',
    group: 'Users without a token',
    description: 'What the login page says beside the QR code.',
    default: DEFAULT_TEXTS.en.scanCode,
  }),
  enroll_via_multichallenge_optional: flag({
    apps: 'all',
    group: 'Users without a token',
    description: 'The user may decline to enroll, and passes all the same.',
  }),
})
