/** What the policies set for signing in to the API and the console. */
import { done, type Outcome } from '../../refusal.ts'
import { type Seconds, seconds } from '../../vocabulary.ts'
import { SESSION_ACTIONS, SIGN_IN_ACTIONS } from '../policy/actions/deployment.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

export interface SessionPolicy {
  /** How long the API token is valid. */
  readonly validity: Seconds
  readonly logoutTime: Seconds
}

const HOUR = 3600
/** A user keeps the API token in a browser, so it is valid for a shorter time. */
const QUARTER_OF_AN_HOUR = 900

/** Reads how long a session lasts. Refuses: `policy_conflict`, `condition_unknown`.
 *  Source: docs/protocol.md, "Credentials"; docs/protocol.md, "General actions". */
export function sessionPolicy(set: PolicySet, situation: Situation): Outcome<SessionPolicy> {
  const fallback = { jwt_validity: situation.owner === undefined ? HOUR : QUARTER_OF_AN_HOUR }
  const found = readActions(set, SESSION_ACTIONS, situation, { fallback })
  if (!found.ok) return found
  const { jwt_validity: validity, logout_time: logoutTime } = found.value
  return done({ validity: seconds(validity ?? HOUR), logoutTime: seconds(logoutTime) })
}

/** How users sign in; undefined where no policy says. Refuses: `policy_conflict`, `condition_unknown`.
 *  Source: docs/protocol.md, "Sign-in by push". */
export function userSignInMode(
  set: PolicySet,
  situation: Situation,
): Outcome<'phone' | 'code' | 'disabled' | undefined> {
  const found = readActions(set, SIGN_IN_ACTIONS, situation)
  if (!found.ok) return found
  const { login_mode: mode } = found.value
  if (mode === undefined || mode === 'code') return done(mode)
  return done(mode === 'privacyIDEA' ? 'phone' : 'disabled')
}
