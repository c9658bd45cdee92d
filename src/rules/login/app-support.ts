/** What an app can do, by what it says it is. */

/** The first app that shows the code of a code-to-phone login. Source: docs/protocol.md, "Code to phone" and "Phone app". */
const FIRST = [4, 7] as const
const NAMED = /^privacyidea-app\/(\d+)\.(\d+)/i

export type Support = 'able' | 'unable' | 'unknown'

/** Whether an app can do code to phone; `unknown` of one that did not say what it is. eduMFA's app cannot. */
export function codeToPhoneSupport(app: string | undefined): Support {
  if (app === undefined) return 'unknown'
  const [, major, minor] = NAMED.exec(app) ?? []
  if (major === undefined) return 'unable'
  const [first, second] = FIRST
  return Number(major) > first || (Number(major) === first && Number(minor) >= second) ? 'able' : 'unable'
}
