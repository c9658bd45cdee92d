import type { Administrator } from '../../ports/administrators.ts'
import type { Ports } from '../../ports/ports.ts'
import type { SignInRequest } from '../../protocol/login/client-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { sessionPolicy } from '../../rules/deployment/session-policy.ts'
import { seconds, SIGN_IN, type Source } from '../../vocabulary.ts'
import { rightsFor } from './caller-rights.ts'
import { verifyAdministrator } from './verify-administrator.ts'
import type { Session } from './session.ts'
import { signInUser, findSignInUser } from './sign-in-user.ts'
import { type LoginOutcome, refusedLogin } from '../login/refused-login.ts'
import type { OpenedLogin } from '../login/login-request.ts'

/**
 * Signs an administrator in by password. Where the policy `login_mode` lets users sign in by phone, the first request of a user
 * rings the phone, and the second answers an API token once the phone has approved. No other user signs in: Nod keeps no directory.
 * Refuses: `credentials_wrong`, `sign_in_paused`, `sign_in_disabled`, `sign_in_realm_unknown`, `storage_unavailable`; a user also as
 * `trigger` and `finalize`.
 */
export async function signIn(
  ports: Ports,
  source: Source,
  login: SignInRequest,
  signal: AbortSignal,
): Promise<LoginOutcome<Session | OpenedLogin>> {
  const { outcome, known } = await authenticate(ports, source, login, signal)
  if (outcome.ok) return outcome
  const { username: user, realm, transactionId } = login
  const subject = known === 'name' ? { user, realm } : { user: UNKNOWN_NAME, ...(known === 'realm' ? { realm } : {}) }
  const call = { action: SIGN_IN, source, subject, transactionId }
  // A second leg names a login, which no stranger can, so it is told the reason.
  return refusedLogin(call, outcome.refusal, transactionId === undefined ? 'without_reason' : 'full')
}

/** Stands in the audit for a name that nobody has: it may be a password, typed into the wrong field. No digest stands there, because
 *  whoever reads the audit could try passwords against it. No administrator can have this login. */
const UNKNOWN_NAME = '(unknown)'

interface Authenticated {
  readonly outcome: Outcome<Session | OpenedLogin>
  /** Whether somebody who can sign in has this name; `realm`: only the realm exists. */
  readonly known: 'name' | 'realm' | 'nothing'
}

async function authenticate(
  ports: Ports,
  source: Source,
  login: SignInRequest,
  signal: AbortSignal,
): Promise<Authenticated> {
  const { username, password, realm } = login
  if (realm === undefined && username === ports.credentials.bootstrap.login) {
    const proven = await verifyAdministrator(ports, username, password, source.address)
    // Only a right password skips the round trips: every other one has to take the same time.
    if (!proven.ok) await findSignInUser(ports, source, login)
    return { outcome: proven.ok ? await begin(ports, source, proven.value) : proven, known: 'name' }
  }
  const snapshot = await ports.deployment.reload()
  if (!snapshot.ok) return { outcome: snapshot, known: 'nothing' }
  if (realm !== undefined && !snapshot.value.realms.has(realm.toLowerCase()))
    return { outcome: refuse({ reason: 'sign_in_realm_unknown', realm }), known: 'nothing' }
  const user = await findSignInUser(ports, source, login)
  if (!user.ok) return { outcome: user, known: 'nothing' }
  const isAdministrator = realm === undefined && snapshot.value.administrators.has(username)
  const known = isAdministrator || user.value?.isKnown === true ? 'name' : 'realm'
  const signing =
    user.value === undefined || isAdministrator ? undefined : await signInUser(ports, source, login, user.value, signal)
  if (signing !== undefined) return { outcome: signing, known }
  if (realm !== undefined) return { outcome: refuse({ reason: 'credentials_wrong' }), known }
  const proven = await verifyAdministrator(ports, username, password, source.address, snapshot.value)
  return { outcome: proven.ok ? await begin(ports, source, proven.value) : proven, known }
}

/** How long an API token is valid if the policies cannot be read. */
const LIFETIME = seconds(3600)

/** While the catalogue does not answer, what this isolate knows of the deployment applies, if anything. */
async function begin(ports: Ports, source: Source, administrator: Administrator): Promise<Outcome<Session>> {
  const { login, role } = administrator
  const { address, userAgent } = source
  const from = { address, userAgent, now: ports.now() }
  const fresh = await ports.deployment.reload()
  const snapshot = fresh.ok ? fresh : await ports.deployment.cachedOrReload()
  const set = snapshot.ok ? snapshot.value.policySet : undefined
  const settings = set && sessionPolicy(set, { administrator: login, ...from })
  if (settings?.ok === false) return settings
  const token = await ports.credentials.issueAdministratorToken(administrator, settings?.value.validity ?? LIFETIME)
  if (!token.ok) return token
  return done({
    token: token.value,
    name: login,
    realm: '',
    role,
    rights: snapshot.ok ? rightsFor(snapshot.value, { kind: 'administrator', name: login, role }, from) : [],
    logoutTime: settings?.value.logoutTime ?? seconds(120),
  })
}
