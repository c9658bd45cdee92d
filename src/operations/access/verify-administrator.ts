import type { Administrator } from '../../ports/administrators.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { networkOf } from '../../rules/deployment/addresses.ts'
import type { WindowRule } from '../../rules/deployment/window.ts'
import { seconds } from '../../vocabulary.ts'
import { digest } from './digest.ts'

/** After five wrong passwords within five minutes the login waits a minute, after five more two minutes, and so on, up to a quarter of
 *  an hour. After an hour without a wait it starts at a minute again. */
export const WRONG_PASSWORDS: WindowRule = {
  limit: 5,
  window: seconds(300),
  firstWait: seconds(60),
  longestWait: seconds(900),
  resetAfter: seconds(3600),
}

/** An administrator whose password was right. */
export interface ProvenPassword {
  readonly administrator: Administrator
  /** Takes the counted try back: the password was right, and the phone decides the rest. */
  readonly takeBack: () => Promise<void>
}

/** The number of objects that count for all logins, also for logins that do not exist: where a login is counted reveals nothing. */
const COUNTERS = 8

/**
 * Verifies an administrator's password. Each try is counted before it is compared, so that no more are compared at once than the rule
 * allows. The caller takes a right one back (`takeBack`), or forgets all tries with `rememberSignIn`. Neither the time nor the answer of a
 * wrong try reveals whether the login exists. A place where the administrator has signed in within a month has a count of its own, so
 * that guesses from elsewhere do not lock them out (decision 0009). `snapshot`: the deployment, if it has just been read.
 * Refuses: `credentials_wrong`; `sign_in_paused`, also for the right password; `storage_unavailable`, also for a password that does
 * not open.
 */
export async function verifyAdministrator(
  ports: Pick<Ports, 'credentials' | 'counters' | 'deployment'>,
  login: string,
  password: string,
  address: string,
  snapshot?: Snapshot,
): Promise<Outcome<ProvenPassword>> {
  const { bootstrap } = ports.credentials
  const known = snapshot === undefined ? () => lookUp(ports, login) : () => done(snapshot.administrators.get(login))
  const found = login === bootstrap.login ? done(bootstrap) : await known()
  if (!found.ok) return found
  // Opened before the try is counted: a password that cannot be read is no wrong one.
  const opened = await ports.credentials.openPassword(found.value, async () => {
    const again = await lookUp(ports, login)
    return again.ok ? done(again.value?.password) : again
  })
  if (!opened.ok) return opened
  const name = await digest(login)
  const counter = counterOf(ports, name)
  const place = await digest(networkOf(address))
  const counted = await counter.count({ name, rule: WRONG_PASSWORDS, place })
  if (!counted.ok) return counted
  const wait = counted.value
  const right = wait === 0 && (await opened.value.matches(password))
  if (right && found.value?.disabled === false)
    return done({
      administrator: found.value,
      takeBack: async () => {
        await counter.uncount({ name, rule: WRONG_PASSWORDS, place })
      },
    })
  // Only a right password skips the round trip: every other one has to take the same time.
  if (login === bootstrap.login) await lookUp(ports, login)
  return refuse(wait > 0 ? { reason: 'sign_in_paused', retryAfter: wait } : { reason: 'credentials_wrong' })
}

/** Forgets the tries of an administrator who has signed in, and remembers the place. Answers whether the place is a new one. */
export async function rememberSignIn(ports: Pick<Ports, 'counters'>, login: string, address: string): Promise<boolean> {
  const name = await digest(login)
  const forgotten = await counterOf(ports, name).forget({ name, place: await digest(networkOf(address)) })
  return forgotten.ok && forgotten.value?.isNewPlace === true
}

const counterOf = ({ counters }: Pick<Ports, 'counters'>, name: string) =>
  counters.of(`administrators/${Number.parseInt(name.slice(0, 2), 16) % COUNTERS}`)

/** Reads the deployment anew: an administrator who was deleted elsewhere a moment ago must not sign in here. */
async function lookUp(ports: Pick<Ports, 'deployment'>, login: string): Promise<Outcome<Administrator | undefined>> {
  const snapshot = await ports.deployment.reload()
  return snapshot.ok ? done(snapshot.value.administrators.get(login)) : snapshot
}
