/** The actions of policies that Nod carries out, and the ones of privacyIDEA it knows but does not carry out yet. */
import {
  clientModes,
  type Definition,
  httpUrl,
  oneOf,
  phoneText,
  pinSource,
  presenceOptions,
  whole,
} from './action-values.ts'
import { BRAND, forEveryType } from './dialect.ts'
import { WITHOUT_TOKEN } from './without-token-definitions.ts'

const push = { group: 'PUSH' } as const
const challenge = { group: 'Challenge' } as const
const label = { group: 'Token' } as const

/** A year: long past anything sensible, and far from where sums of times lose their precision. */
const MINUTES_OF_A_YEAR = 525_600

const ENROLLMENT: Readonly<Record<string, Definition>> = {
  push_firebase_configuration: {
    type: 'str',
    ...push,
    description: 'The Firebase configuration new tokens are reached by, or `poll only`.',
  },
  push_registration_url: {
    type: 'str',
    ...push,
    description: 'The URL phones register at, answer to and poll.',
    check: httpUrl,
  },
  push_ttl: {
    type: 'int',
    ...push,
    description: 'Minutes a phone has to register.',
    check: whole(1, MINUTES_OF_A_YEAR),
    default: '10',
  },
  push_ssl_verify: {
    type: 'str',
    ...push,
    description: 'Whether the phone checks the certificate while it registers.',
    check: oneOf('0', '1'),
    default: '1',
  },
  push_use_pia_scheme: {
    type: 'bool',
    ...push,
    description: 'The QR code holds a pia:// instead of an otpauth:// URI.',
  },
  push_force_app_pin: { type: 'bool', ...push, description: 'The app has to be locked for this token.' },
  push_app_force_unlock: {
    type: 'str',
    ...push,
    description: 'How the app has to be unlocked for this token.',
    check: oneOf('any', 'biometric', 'pin'),
  },
  tokenlabel: {
    type: 'str',
    ...label,
    description: 'The label of a new token. Tags: {serial} {user} {realm} {givenname} {surname}.',
    default: '{serial}',
  },
  tokenissuer: {
    type: 'str',
    ...label,
    description: 'The issuer of a new token. Tags as in tokenlabel.',
    default: BRAND.push,
  },
  appimageurl: {
    type: 'str',
    ...label,
    description: 'The URL of an image the app shows with the token.',
    check: httpUrl,
  },
}

const AUTHENTICATION: Readonly<Record<string, Definition>> = {
  push_text_on_mobile: {
    type: 'str',
    ...push,
    description: 'The question on the phone. Tags such as {serial} and {client_ip}.',
    check: phoneText(500),
    default: 'Do you want to confirm the login?',
  },
  push_title_on_mobile: {
    type: 'str',
    ...push,
    description: 'The title above the question. No tags.',
    check: phoneText(100),
    default: BRAND.push,
  },
  push_ssl_verify: {
    type: 'str',
    ...push,
    description: 'Whether the phone checks the certificate while it answers.',
    check: oneOf('0', '1'),
    default: '1',
  },
  push_challenge_text: {
    type: 'str',
    ...push,
    description: 'What the login page says. A comma is written as backslash comma.',
  },
  push_wait: {
    type: 'int',
    ...push,
    description: 'Seconds /validate/check waits for the phone.',
    check: whole(0, 120),
    default: '0',
  },
  push_allow_polling: {
    type: 'str',
    ...push,
    description: 'Whether phones may poll; `token`: as each token says.',
    check: oneOf('allow', 'deny', 'token'),
    default: 'allow',
  },
  push_require_presence: {
    type: 'bool',
    ...push,
    description: 'The user taps the option the login page shows. Comes before push_code_to_phone.',
  },
  push_presence_options: {
    type: 'str',
    ...push,
    description: 'Which options: A to Z, 00 to 99, or push_presence_custom_options.',
    check: oneOf('ALPHABETIC', 'NUMERIC', 'CUSTOM'),
    default: 'ALPHABETIC',
  },
  push_presence_custom_options: {
    type: 'str',
    ...push,
    description: "Options of one's own, as in 01:02:1A:1B.",
    check: presenceOptions,
  },
  push_presence_num_options: {
    type: 'int',
    ...push,
    description: 'How many options the phone shows.',
    check: whole(2, 10),
    default: '3',
  },
  push_code_to_phone: {
    type: 'bool',
    ...push,
    description: 'The user confirms on the phone and types the code it then shows at the login page.',
  },
  push_code_to_phone_message: {
    type: 'str',
    ...push,
    description: 'What the phone says above the code.',
    default: 'Enter the code to log in',
  },
  push_code_to_phone_digits: {
    type: 'int',
    ...push,
    description: 'How many digits the code has.',
    check: whole(2, 8),
    default: '6',
  },
  push_profile: {
    type: 'str',
    ...push,
    description:
      'Logins have to keep to this profile: `nist-63b4` is a code to phone of 6 digits or more, and nothing less.',
    check: oneOf('nist-63b4'),
  },
  otppin: {
    type: 'str',
    description: 'What is checked before a phone rings: the PIN of the token, or nothing.',
    check: pinSource,
    default: 'tokenpin',
  },
  challenge_text: {
    type: 'str',
    ...challenge,
    description: 'What the login page says where push_challenge_text does not say it.',
  },
  challenge_text_header: { type: 'str', ...challenge, description: 'What stands above the texts of the challenges.' },
  challenge_text_footer: { type: 'str', ...challenge, description: 'What stands below the texts of the challenges.' },
  preferred_client_mode: {
    type: 'str',
    description: 'Client modes in the order they are preferred in.',
    check: clientModes,
    default: 'interactive webauthn poll',
  },
  ...WITHOUT_TOKEN,
}

/** By scope, then by action. A scope that is not here is unknown, and one that is empty is known. */
export const CARRIED_OUT: Readonly<Record<string, Readonly<Record<string, Definition>>>> = {
  enrollment: forEveryType(ENROLLMENT),
  authentication: forEveryType(AUTHENTICATION),
  authorization: {},
  admin: {},
  user: {},
  webui: {},
  token: {},
  hardening: {},
}

export const SCOPES: readonly string[] = Object.keys(CARRIED_OUT)

const TOKEN_DEEDS =
  'enrollPUSH enrollEDUPUSH assign unassign enable disable revoke reset delete setpin setdescription auditlog'

/** By scope: refused when written, since a policy that is kept and not followed protects nobody. Source: contract 12.1 and 12.2. */
export const NOT_YET: Readonly<Record<string, ReadonlySet<string>>> = {
  enrollment: words(
    'push_max_token_per_user push_max_active_token_per_user max_token_per_user max_active_token_per_user',
    'edupush_max_token_per_user edupush_max_active_token_per_user',
    'max_token_per_realm otp_pin_random encrypt_pin require_description',
  ),
  authentication: words(
    'challenge_response force_challenge_response disabled_token_types passOnNoUser passthru',
    'reset_all_user_tokens increase_failcounter_on_challenge client_mode_per_user',
    'set_realm mangle hide_specific_error_message',
  ),
  authorization: words(
    'auth_max_fail auth_max_success last_auth tokentype serial tokeninfo authorized application_tokentype',
    'api_key_required add_user_in_response add_resolver_in_response no_detail_on_success no_detail_on_fail',
  ),
  admin: words(
    TOKEN_DEEDS,
    '* set settokeninfo tokenrealms tokenlist triggerchallenge getchallenges cancelchallenge auditlog_download',
    'policywrite policydelete policyread smsgateway_read smsgateway_write userlist resolverread configread configwrite',
    'configdelete enrollpin otp_pin_minlength otp_pin_maxlength otp_pin_contents',
  ),
  user: words(TOKEN_DEEDS, '* enrollpin otp_pin_minlength otp_pin_maxlength otp_pin_contents'),
  webui: words('login_mode jwt_validity logout_time'),
  token: words('hide_specific_error_message_for_ttype'),
  hardening: words('hide_version hide_auth_error_status'),
}

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')))
}
