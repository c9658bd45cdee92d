/** What the policies make of signing in. */
import { done, type Outcome } from '../../refusal.ts'
import type { Seconds } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { type PolicySet, singleValue, singleValues, type Situation } from '../policy/policy-set.ts'

export interface SessionPolicy {
  /** How long the API token holds. */
  readonly validity: Seconds
  readonly logoutTime: Seconds
}

/** How long an API token holds where no policy says. */
const HOUR = 3600
/** A user's is kept in a browser. */
const QUARTER = 900

/** Refuses: `policy_conflict`. Source: docs/protocol.md, "Credentials" and "General actions". */
export function sessionPolicy(set: PolicySet, situation: Situation): Outcome<SessionPolicy> {
  const found = singleValues(set, 'webui', ['jwt_validity', 'logout_time'], situation)
  if (!found.ok) return found
  const { jwt_validity: validity, logout_time: logoutTime } = found.value
  return done({
    validity: seconds(Number(validity ?? (situation.owner === undefined ? HOUR : QUARTER))),
    logoutTime: seconds(Number(logoutTime ?? 120)),
  })
}

/** Whether users sign in by phone, or not at all. Refuses: `policy_conflict`. Source: docs/protocol.md, "Sign-in by push". */
export function userSignInMode(set: PolicySet, situation: Situation): Outcome<'phone' | 'disabled' | undefined> {
  const mode = singleValue(set, 'webui', 'login_mode', situation)
  if (!mode.ok) return mode
  return done(mode.value === undefined ? undefined : mode.value === 'privacyIDEA' ? 'phone' : 'disabled')
}
