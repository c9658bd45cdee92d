/** PINs that no phone's object can compare: passwords of a directory, and PINs that only the upstream knows. Source: decision 0074. */
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { AuthenticationPolicy } from '../../rules/login/authentication-policy.ts'
import { seconds } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'

/** The fields of a token that this needs. */
interface CheckedToken {
  readonly token: Pick<Token, 'serial' | 'owner' | 'pinState'>
  readonly policy: Pick<AuthenticationPolicy, 'pinSource'>
}

/** The verdicts of other servers on the PIN of one login. Each server is asked once, however often the login is tried. */
export interface PinVerdicts {
  /** Whether another server checks this token's PIN. */
  isAsked(login: CheckedToken, entry: string): boolean
  /** Asks. Refuses: `pin_check_unavailable`. */
  ask(login: CheckedToken, entry: string): Promise<Outcome<boolean>>
}

/** Whether the PIN of this token is its owner's password. */
export const isPassword = ({ policy }: CheckedToken): boolean => policy.pinSource === 'userstore'

export function pinVerdicts({ pinChecks: { passwords, imported } }: Pick<Ports, 'pinChecks'>): PinVerdicts {
  const asked = new Map<string, Promise<Outcome<boolean>>>()
  const once = (name: string, ask: () => Promise<Outcome<boolean>>): Promise<Outcome<boolean>> => {
    const verdict = asked.get(name) ?? ask()
    asked.set(name, verdict)
    return verdict
  }
  return {
    isAsked(login, entry) {
      // A directory treats a login without a password as anonymous, and accepts it.
      if (isPassword(login)) return entry !== '' && login.token.owner !== undefined
      return login.policy.pinSource === 'token' && login.token.pinState === 'upstream' && imported !== undefined
    },
    async ask(login, entry) {
      const { serial, owner } = login.token
      const check = isPassword(login) ? passwords : imported
      // The verifier was removed from the settings, but the policy is still set.
      if (check === undefined) return refuse({ reason: 'pin_check_unavailable', retryAfter: seconds(60) })
      if (typeof check === 'function') return once(`token ${serial}`, () => check(serial, entry))
      if (owner === undefined) return done(false)
      // One question for all phones of the user: each wrong password counts in the directory.
      return once(`user ${JSON.stringify([owner.login, owner.realm])}`, () => check.ask(owner, entry))
    },
  }
}
