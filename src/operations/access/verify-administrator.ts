import type { Administrator } from '../../ports/administrators.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { networkOf } from '../../rules/deployment/addresses.ts'
import type { WindowRule } from '../../rules/deployment/window.ts'
import { seconds } from '../../vocabulary.ts'
import { digest } from './digest.ts'

/** Five wrong passwords within five minutes, then a minute's wait; then so many more, and two minutes; at most a quarter
 *  of an hour. An hour without a wait, and the next is a minute again. */
export const WRONG_PASSWORDS: WindowRule = {
  limit: 5,
  window: seconds(300),
  firstWait: seconds(60),
  longestWait: seconds(900),
  resetAfter: seconds(3600),
}

/** So many objects count for all logins, those of nobody among them: where a login is counted says nothing about it. */
const COUNTERS = 8

/**
 * The administrator whose login and password these are. Counted before they are compared, forgotten when they are right:
 * however many try at once, no more than the rule allows are compared. Nothing of a wrong try shows whether there is
 * such a login: not its time, nor what is said. Where somebody has been right within a month, only what comes from there
 * counts: whoever guesses elsewhere cannot keep them out. `now`: the deployment, where it has just been read anew.
 * Refuses: `credentials_wrong`; `sign_in_paused`, also for the right password; `storage_unavailable`.
 */
export async function verifyAdministrator(
  ports: Pick<Ports, 'credentials' | 'counters' | 'deployment'>,
  login: string,
  password: string,
  address: string,
  snapshot?: Snapshot,
): Promise<Outcome<Administrator>> {
  const { bootstrap } = ports.credentials
  const known = snapshot === undefined ? () => lookUp(ports, login) : () => done(snapshot.administrators.get(login))
  const found = login === bootstrap.login ? done(bootstrap) : await known()
  if (!found.ok) return found
  const name = await digest(login)
  const counter = ports.counters.of(`administrators/${Number.parseInt(name.slice(0, 2), 16) % COUNTERS}`)
  const place = await digest(networkOf(address))
  const counted = await counter.count({ name, rule: WRONG_PASSWORDS, isKnown: found.value !== undefined, place })
  if (!counted.ok) return counted
  const wait = counted.value
  const right = wait === 0 && (await ports.credentials.passwordMatches(found.value, password))
  if (right && found.value?.disabled === false) {
    await counter.forget({ name, place })
    return done(found.value)
  }
  // Only the right password spares the round trip that everybody else's has taken.
  if (login === bootstrap.login) await lookUp(ports, login)
  return refuse(wait > 0 ? { reason: 'sign_in_paused', retryAfter: wait } : { reason: 'credentials_wrong' })
}

/** Read anew: somebody who was deleted elsewhere a moment ago must not sign in here. */
async function lookUp(ports: Pick<Ports, 'deployment'>, login: string): Promise<Outcome<Administrator | undefined>> {
  const snapshot = await ports.deployment.reload()
  return snapshot.ok ? done(snapshot.value.administrators.get(login)) : snapshot
}
