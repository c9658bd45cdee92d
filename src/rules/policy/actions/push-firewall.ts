/** The actions of the scope authentication that keep phones from being rung. */
import { actionGroup, choice, integer } from './action.ts'

/** Read into `PushFirewall` when a login opens. */
export const FIREWALL_ACTIONS = actionGroup('authentication', {
  push_firewall: choice({
    apps: 'all',
    group: 'PUSH',
    description:
      'Whether a phone is still rung when it has been rung too often without success. `on`: it is not rung. The login opens all the ' +
      'same, as code to phone where the app can, and its user finds it by opening the app. `shadow`: it is rung, and the timeline ' +
      'says what `on` would have done. `off`: it is rung.',
    values: ['off', 'shadow', 'on'],
    default: 'on',
  }),
  push_firewall_limit: integer({
    apps: 'all',
    group: 'PUSH',
    description: 'How often one source may ring a phone without success within push_firewall_window.',
    least: 1,
    most: 20,
    default: 5,
  }),
  push_firewall_window: integer({
    apps: 'all',
    group: 'PUSH',
    description:
      'The time, in minutes, within which push_firewall_limit rings use up the budget. The first silence is as long; each further ' +
      'silence is twice as long as the one before, up to an hour.',
    least: 1,
    most: 60,
    default: 10,
  }),
  push_fraud_report: choice({
    apps: 'all',
    group: 'PUSH',
    description:
      'What follows when a user declines a login as not theirs. `on`: where the login came from is shut out for them; where that is ' +
      'not known, or is their own place, their logins need a code or number; a second within a day suspends logins by PIN and a tap. ' +
      '`block`: the first one suspends them. `off`: nothing follows. Under push_firewall=off nothing follows either.',
    values: ['off', 'on', 'block'],
    default: 'on',
  }),
})
