/** The actions about what answers give away. */
import type { ActionDefinition } from './values.ts'

export const HARDENING: Readonly<Record<string, ActionDefinition>> = {
  hide_version: { type: 'bool', description: 'Answers to callers who are not signed in do not tell the version.' },
  hide_auth_error_status: {
    type: 'bool',
    description:
      'Errors of /auth and /validate/* are all 401. FreeRADIUS takes that for a failure, as it takes others.',
  },
}

export const TOKEN: Readonly<Record<string, ActionDefinition>> = {
  hide_specific_error_message_for_ttype: {
    type: 'bool',
    description: 'Errors that phones hear do not say what is wrong.',
  },
}
