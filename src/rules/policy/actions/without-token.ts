/** The actions about users who have no token yet. */
import { type ActionDefinition, enrollableType } from './values.ts'

const first = { group: 'Users without a token' } as const

export const WITHOUT_TOKEN: Readonly<Record<string, ActionDefinition>> = {
  passOnNoToken: {
    type: 'bool',
    ...first,
    description: 'A known user without any token passes /validate/check, whatever is entered.',
  },
  passOnNoUser: {
    type: 'bool',
    ...first,
    description: 'A user whom nobody knows passes /validate/check, whatever is entered.',
  },
  enroll_via_multichallenge: {
    type: 'str',
    ...first,
    description: 'Who would pass without a token is shown a code to enroll a phone with, and passes once it has: PUSH.',
    check: enrollableType,
  },
  enroll_via_multichallenge_text: {
    type: 'str',
    ...first,
    description: 'What the login page says beside that code.',
    default: 'Please scan the QR code!',
  },
  enroll_via_multichallenge_optional: {
    type: 'bool',
    ...first,
    description: 'The user may decline to enroll, and passes all the same.',
  },
}
