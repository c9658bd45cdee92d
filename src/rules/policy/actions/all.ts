/** The actions of policies that Nod carries out, and the ones of privacyIDEA it knows but does not carry out yet. */
import {
  clientModeList,
  type ActionDefinition,
  httpUrl,
  oneOf,
  phoneText,
  firstFactor,
  presenceOptionList,
  wholeNumber,
} from './values.ts'
import { LOGINS } from './login.ts'
import { AUTHORIZATION } from './authorization.ts'
import { BRANDS, forEveryType } from './apps.ts'
import { ENROLLMENT_LIMITS } from './enrollment-limits.ts'
import { HARDENING, TOKEN } from './hardening.ts'
import { ADMIN_RIGHTS, USER_RIGHTS } from './rights.ts'
import { SESSIONS } from './sessions.ts'
import { WITHOUT_TOKEN } from './without-token.ts'

const push = { group: 'PUSH' } as const
const challenge = { group: 'Challenge' } as const
const label = { group: 'Token' } as const

/** A year: long past anything sensible, and far from where sums of times lose their precision. */
const MINUTES_OF_A_YEAR = 525_600

const ENROLLMENT: Readonly<Record<string, ActionDefinition>> = {
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
    check: wholeNumber(1, MINUTES_OF_A_YEAR),
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
    default: BRANDS.push,
  },
  appimageurl: {
    type: 'str',
    ...label,
    description: 'The URL of an image the app shows with the token.',
    check: httpUrl,
  },
}

const AUTHENTICATION: Readonly<Record<string, ActionDefinition>> = {
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
    default: BRANDS.push,
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
    check: wholeNumber(0, 120),
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
    check: presenceOptionList,
  },
  push_presence_num_options: {
    type: 'int',
    ...push,
    description: 'How many options the phone shows.',
    check: wholeNumber(2, 10),
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
    check: wholeNumber(2, 8),
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
    check: firstFactor,
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
    check: clientModeList,
    default: 'interactive webauthn poll',
  },
  ...WITHOUT_TOKEN,
}

/** By scope, then by action. A scope that is not here is unknown, and one that is empty is known. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, ActionDefinition>>>> = {
  enrollment: { ...forEveryType(ENROLLMENT), ...ENROLLMENT_LIMITS },
  authentication: { ...forEveryType(AUTHENTICATION), ...LOGINS },
  authorization: AUTHORIZATION,
  admin: ADMIN_RIGHTS,
  user: USER_RIGHTS,
  webui: SESSIONS,
  token: TOKEN,
  hardening: HARDENING,
}

export const SCOPES: readonly string[] = Object.keys(ACTIONS)
