/** What an app can do, by its name and version. */

/** The first app that shows the code of a code-to-phone login. Source: docs/protocol.md, "Code to phone" and "Phone app". */
const FIRST = [4, 7] as const
const NAMED = /^privacyidea-app\/(\d+)\.(\d+)/i

export type Support = 'able' | 'unable' | 'unknown'

/** Answers whether an app supports code to phone; `unknown` for an app that did not name itself. That of eduMFA does not. */
export function codeToPhoneSupport(app: string | undefined): Support {
  if (app === undefined) return 'unknown'
  const [, major, minor] = NAMED.exec(app) ?? []
  if (major === undefined) return 'unable'
  const [first, second] = FIRST
  return Number(major) > first || (Number(major) === first && Number(minor) >= second) ? 'able' : 'unable'
}
