/** The actions of the scope enrollment: what a new token is, and how many there may be. */
import { actionGroup, choice, flag, integer, largestInteger, text, words } from './action.ts'
import { BRANDS } from './apps.ts'
import { httpUrl, phoneText, tokenTypeList } from './values.ts'

const BOTH = ['push', 'edupush'] as const
const PUSH = ['push'] as const

/** A year: longer than anybody needs, and short enough that sums of times stay exact. */
const MINUTES_OF_A_YEAR = 525_600

/** Read into `EnrollmentPolicy`. */
export const ENROLLMENT_ACTIONS = actionGroup('enrollment', {
  push_firebase_configuration: text({
    apps: BOTH,
    description: 'The Firebase configuration that reaches new tokens, or `poll only`.',
  }),
  push_registration_url: text({
    apps: BOTH,
    description: 'The URL phones register at, answer to and poll.',
    check: httpUrl,
  }),
  push_ttl: integer({
    apps: BOTH,
    description: 'Minutes a phone has to register.',
    least: 1,
    most: MINUTES_OF_A_YEAR,
    default: 10,
  }),
  push_ssl_verify: choice({
    apps: BOTH,
    description: 'Whether the phone checks the certificate while it registers.',
    values: ['0', '1'],
    default: '1',
  }),
  push_use_pia_scheme: flag({
    apps: PUSH,
    description: 'The QR code holds a pia:// instead of an otpauth:// URI.',
  }),
  push_force_app_pin: flag({
    apps: 'all',
    group: 'PUSH',
    description: 'The app has to be locked for this token.',
  }),
  push_app_force_unlock: choice({
    apps: PUSH,
    description: 'How the app has to be unlocked for this token.',
    values: ['any', 'biometric', 'pin'],
  }),
  tokenlabel: text({
    apps: 'all',
    group: 'Token',
    description: 'The label of a new token. Tags: {serial} {user} {realm} {givenname} {surname}.',
    default: '{serial}',
  }),
  tokenissuer: text({
    apps: 'all',
    group: 'Token',
    description: 'The issuer of a new token. Tags as in tokenlabel.',
    default: BRANDS,
  }),
  appimageurl: text({
    apps: 'all',
    group: 'Token',
    description: 'The URL of an image the app shows with the token.',
    check: httpUrl,
  }),
})

const LIMIT = { least: 0, most: 1_000_000 } as const
const WAITING = 'Tokens that wait for their phone count as active.'

/** Read into `TokenLimit`s. */
export const LIMIT_ACTIONS = actionGroup('enrollment', {
  max_token_per_user: largestInteger({
    ...LIMIT,
    apps: 'all',
    group: 'Limits',
    description: 'Tokens a user may have. Of several policies the largest number counts.',
  }),
  push_max_token_per_user: largestInteger({
    ...LIMIT,
    apps: BOTH,
    description: 'Tokens of this type a user may have.',
  }),
  max_active_token_per_user: largestInteger({
    ...LIMIT,
    apps: 'all',
    group: 'Limits',
    description: `Active tokens a user may have. ${WAITING}`,
  }),
  push_max_active_token_per_user: largestInteger({
    ...LIMIT,
    apps: BOTH,
    description: `Active tokens of this type a user may have. ${WAITING}`,
  }),
  max_token_per_realm: largestInteger({
    ...LIMIT,
    apps: 'all',
    group: 'Limits',
    description: 'Tokens the users of a realm may have together.',
  }),
})

/** Read when a phone comes to log a user in, for bypass codes, and when a phone shows a notice. */
export const NOTICE_ACTIONS = actionGroup('enrollment', {
  new_phone_notice: choice({
    apps: 'all',
    group: 'Token',
    description:
      'Whether users are told on their phones that another phone was enrolled, enrolled again, enabled or assigned for them, or a ' +
      'bypass code issued or used. "Not me" undoes it.',
    values: ['on', 'off'],
    default: 'on',
  }),
  new_phone_notice_contact: text({
    apps: 'all',
    group: 'Token',
    description: 'What such a notice says at its end: whom to call, such as `Helpdesk: +49 30 1234`.',
    check: phoneText(100),
  }),
})

/** Read while a token is enrolled. */
export const NEW_TOKEN_ACTIONS = actionGroup('enrollment', {
  require_description: words({
    apps: 'all',
    group: 'Token',
    description: 'Token types that are only enrolled with a description. Separated by spaces.',
    check: tokenTypeList,
  }),
  otp_pin_random: integer({
    apps: 'all',
    group: 'PIN',
    description: 'A new token gets a random PIN of this many digits. It is shown once, with the QR code.',
    least: 4,
    most: 32,
  }),
  encrypt_pin: flag({
    apps: 'all',
    group: 'PIN',
    description: 'Without effect: Nod always stores PINs hashed, salted and encrypted.',
  }),
})
