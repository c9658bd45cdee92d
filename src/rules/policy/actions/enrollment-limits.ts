/** The actions about how many tokens there may be, and what a new one has to have. */
import { TOKEN_TYPES } from '../../../vocabulary.ts'
import { type ActionDefinition, tokenTypeList, wholeNumber } from './values.ts'

const limit = { group: 'Limits', type: 'int', check: wholeNumber(0, 1_000_000) } as const
const waiting = 'Tokens that wait for their phone count as active.'

const ofType = (type: string): Readonly<Record<string, ActionDefinition>> => ({
  [`${type}_max_token_per_user`]: {
    ...limit,
    group: type.toUpperCase(),
    description: `Tokens of type ${type} a user may have.`,
  },
  [`${type}_max_active_token_per_user`]: {
    ...limit,
    group: type.toUpperCase(),
    description: `Active tokens of type ${type} a user may have. ${waiting}`,
  },
})

export const ENROLLMENT_LIMITS: Readonly<Record<string, ActionDefinition>> = {
  max_token_per_user: {
    ...limit,
    description: 'Tokens a user may have. Of several policies the largest number counts.',
  },
  max_active_token_per_user: { ...limit, description: `Active tokens a user may have. ${waiting}` },
  max_token_per_realm: { ...limit, description: 'Tokens the users of a realm may have together.' },
  ...Object.assign({}, ...TOKEN_TYPES.map(ofType)),
  require_description: {
    type: 'str',
    group: 'Token',
    isUnion: true,
    description: 'Types of tokens that are enrolled with a description only, separated by blanks.',
    check: tokenTypeList,
  },
  otp_pin_random: {
    type: 'int',
    group: 'PIN',
    description: 'A new token gets a random PIN of so many digits, which is told once, with its QR code.',
    check: wholeNumber(4, 32),
  },
  encrypt_pin: {
    type: 'bool',
    group: 'PIN',
    description: 'Without effect: Nod keeps PINs stretched, salted and sealed, which is more.',
  },
}
