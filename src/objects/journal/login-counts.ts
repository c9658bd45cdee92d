/** The rounds that add up the counts of logins, and keep them: hours for eight days, then days, for 400 days. */
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

const DAY = 86_400
// A week, and the same day a week ago.
const HOURS_KEPT = 8 * DAY
const DAYS_KEPT = 400 * DAY

/** Adds up what the links of the audit's chain have counted since the last round. */
export const addUpLogins: Round = {
  name: 'add up logins',
  step: async ({ ports }) => (valueOf(await ports.loginCounts.addUp()) ? 'more' : 'done'),
}

export const shortenLoginCounts: Round = {
  name: 'shorten login counts',
  async step({ ports }) {
    const now = ports.now()
    const before = { hours: addSeconds(now, seconds(-HOURS_KEPT)), days: addSeconds(now, seconds(-DAYS_KEPT)) }
    return valueOf(await ports.loginCounts.shorten(before)) ? 'more' : 'done'
  },
}
