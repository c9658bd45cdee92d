/** The actions about signing in to the console and the API. */
import { type ValueCheck, type ActionDefinition, oneOf, wholeNumber } from './values.ts'

const loginMode: ValueCheck = (value) =>
  value === 'userstore'
    ? 'Nod keeps no passwords of a directory: without the action no user signs in'
    : oneOf('privacyIDEA', 'disable')(value)

const MONTH = 2_678_400

export const SESSIONS: Readonly<Record<string, ActionDefinition>> = {
  login_mode: {
    type: 'str',
    description: 'How users sign in: `privacyIDEA` by PIN and phone, `disable` not at all.',
    check: loginMode,
  },
  jwt_validity: {
    type: 'int',
    description: 'Seconds an API token holds; an hour unless said, a quarter of one where a user signs in.',
    check: wholeNumber(1, MONTH),
  },
  logout_time: {
    type: 'int',
    description: 'Seconds without a hand on it after which the console signs out.',
    check: wholeNumber(1, MONTH),
    default: '120',
  },
}
