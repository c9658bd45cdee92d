import type { Ports } from '../../ports/ports.ts'
import type { SignInRequest } from '../../protocol/login/client-request.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import { SIGN_IN, type Source } from '../../vocabulary.ts'
import {
  challengeAdministrator,
  findAdministratorPhones,
  finalizeAdministrator,
  hasPhone,
} from './administrator-phone.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import { beginEnrolling, beginSession } from './begin-session.ts'
import { type ProvenPassword, verifyAdministrator } from './verify-administrator.ts'
import type { Session } from './session.ts'
import { signInUser, findSignInUser } from './sign-in-user.ts'
import { type LoginOutcome, refusedLogin } from '../login/refused-login.ts'
import type { OpenedLogin } from '../login/login-request.ts'

/**
 * Signs an administrator in: by password, and by the code that the phone shows if there is a phone. Where the policy `login_mode` lets
 * users sign in by phone, the first request of a user rings the phone, and the second answers an API token once the phone has approved.
 * No other user signs in: Nod keeps no directory.
 * Refuses: `credentials_wrong`, `sign_in_paused`, `sign_in_disabled`, `sign_in_realm_unknown`, `storage_unavailable`; the legs of a
 * sign-in by phone also as `trigger` and `finalize`.
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

/** Stands in the audit in place of a name that nobody has, which may be a password typed into the wrong field. A digest of the name would
 *  let readers of the audit try passwords against it. No administrator can have this login. */
export const UNKNOWN_NAME = '(unknown)'

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
  const { username, password, realm, transactionId } = login
  if (login.byCode === true) return authenticateByCode(ports, source, login, signal)
  if (realm === undefined && username === ports.credentials.bootstrap.login) {
    if (transactionId !== undefined)
      return { outcome: await finalizeSignIn(ports, source, { ...login, transactionId }), known: 'name' }
    const proven = await verifyAdministrator(ports, username, password, source.address)
    // Only a right password skips the round trips: every other one has to take the same time.
    if (!proven.ok) await findSignInUser(ports, source, login)
    return { outcome: proven.ok ? await afterPassword(ports, source, proven.value, signal) : proven, known: 'name' }
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
  if (isAdministrator && transactionId !== undefined)
    return { outcome: await finalizeSignIn(ports, source, { ...login, transactionId }), known }
  const proven = await verifyAdministrator(ports, username, password, source.address, snapshot.value)
  // java-client names the realm of its users with its own account. Every other administrator is in no realm.
  if (proven.ok && realm !== undefined && proven.value.administrator.role !== 'validate')
    return { outcome: refuse({ reason: 'credentials_wrong' }), known }
  return { outcome: proven.ok ? await afterPassword(ports, source, proven.value, signal) : proven, known }
}

/** Signs in a user, and no administrator. Where no policy has `login_mode`, nobody is looked up. */
async function authenticateByCode(
  ports: Ports,
  source: Source,
  login: SignInRequest,
  signal: AbortSignal,
): Promise<Authenticated> {
  const { realm } = login
  const snapshot = await ports.deployment.reload()
  if (!snapshot.ok) return { outcome: snapshot, known: 'nothing' }
  if (!isActionUsed(snapshot.value.policySet, 'webui', 'login_mode'))
    return { outcome: refuse({ reason: 'sign_in_disabled' }), known: 'nothing' }
  if (realm !== undefined && !snapshot.value.realms.has(realm.toLowerCase()))
    return { outcome: refuse({ reason: 'sign_in_realm_unknown', realm }), known: 'nothing' }
  const user = await findSignInUser(ports, source, login)
  if (!user.ok) return { outcome: user, known: 'nothing' }
  const known = user.value?.isKnown === true ? 'name' : realm === undefined ? 'nothing' : 'realm'
  const signing = user.value && (await signInUser(ports, source, login, user.value, signal))
  return { outcome: signing ?? refuse({ reason: 'credentials_wrong' }), known }
}

/** Rings the phones of an administrator who has any; else the password is enough, unless a phone is required. */
async function afterPassword(
  ports: Ports,
  source: Source,
  { administrator, takeBack }: ProvenPassword,
  signal: AbortSignal,
): Promise<Outcome<Session | OpenedLogin>> {
  // A plugin has no phone.
  if (administrator.role === 'validate') return beginSession(ports, source, administrator)
  const phones = await findAdministratorPhones(ports, administrator.login)
  const current = phones.ok ? phones.value.snapshot.administrators.get(administrator.login) : undefined
  if (phones.ok && current !== undefined && !hasPhone(phones.value) && !current.phoneRequired)
    return beginSession(ports, source, administrator)
  // Without the second factor it is no sign-in, and the place stays unknown.
  await takeBack()
  if (!phones.ok) return phones
  if (current === undefined) return refuse({ reason: 'credentials_wrong' })
  return hasPhone(phones.value)
    ? challengeAdministrator(ports, source, current, phones.value, signal)
    : beginEnrolling(ports, source, current)
}

/** The second leg, which brings the code in the field of the password. */
async function finalizeSignIn(
  ports: Ports,
  source: Source,
  { username: login, password: code, transactionId }: SignInRequest & { readonly transactionId: string },
): Promise<Outcome<Session>> {
  const used = await finalizeAdministrator(ports, source, { login, code, transactionId })
  return used.ok ? beginSession(ports, source, used.value) : used
}
