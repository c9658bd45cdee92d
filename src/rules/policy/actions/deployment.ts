/** The actions about no login in particular: signing in to the API and the console, and what answers give away. */
import { actionGroup, flag, integer, text } from './action.ts'
import { oneOf } from './values.ts'

const SECONDS_OF_A_MONTH = 2_678_400

/** Read into `SessionPolicy`. */
export const SESSION_ACTIONS = actionGroup('webui', {
  jwt_validity: integer({
    apps: 'all',
    description: 'Seconds an API token is valid: 3600 by default, 900 where a user signs in.',
    least: 1,
    most: SECONDS_OF_A_MONTH,
  }),
  logout_time: integer({
    apps: 'all',
    description: 'Seconds of inactivity after which the console signs out.',
    least: 1,
    most: SECONDS_OF_A_MONTH,
    default: 120,
  }),
})

export const SIGN_IN_ACTIONS = actionGroup('webui', {
  login_mode: text({
    apps: 'all',
    description:
      'How users sign in: `privacyIDEA` by PIN and phone; `code` by PIN and the code that the phone shows, which opens the page /me/; `disable` not at all.',
    check: (value) =>
      value === 'userstore'
        ? 'Nod keeps no passwords of a directory: without the action no user signs in'
        : oneOf('privacyIDEA', 'code', 'disable')(value),
  }),
})

export const HARDENING_ACTIONS = actionGroup('hardening', {
  hide_version: flag({
    apps: 'all',
    description: 'Answers to callers who are not signed in do not name the version.',
  }),
  hide_auth_error_status: flag({
    apps: 'all',
    description:
      'Errors of /auth and /validate/* are all 401. FreeRADIUS takes that for a failure, as it takes others.',
  }),
})

export const PHONE_ERROR_ACTIONS = actionGroup('token', {
  hide_specific_error_message_for_ttype: flag({
    apps: 'all',
    description: 'Errors that phones receive do not say what is wrong.',
  }),
})
