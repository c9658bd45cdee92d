import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import { parseBypassCode } from '../../protocol/login/bypass-code.ts'
import type { SignInRequest } from '../../protocol/login/client-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { networkOf } from '../../rules/deployment/addresses.ts'
import { isActionUsed, type Situation } from '../../rules/policy/policy-set.ts'
import { userSignInMode, type SessionPolicy, sessionPolicy } from '../../rules/deployment/session-policy.ts'
import { signInCounter, userDigestText } from '../../rules/deployment/user-counters.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { addSeconds, type Owner, seconds, type Serial, SIGN_IN, type Source } from '../../vocabulary.ts'
import { rightsFor } from './caller-rights.ts'
import { digest } from './digest.ts'
import { generationOf } from './identify.ts'
import { WRONG_PASSWORDS } from './verify-administrator.ts'
import type { Session } from './session.ts'
import { authorizeLogin } from '../login/authorize-login.ts'
import { useBypass } from '../login/use-bypass.ts'
import { findTransaction } from '../login/transaction-address.ts'
import { findLoginSubject, type LoginSubject, situationOf } from '../login/login-subject.ts'
import type { OpenedLogin } from '../login/login-request.ts'
import { trigger } from '../login/trigger.ts'

/** Looks up the user whom a login names; undefined if no policy says how users sign in. One round trip, whether or not the user
 *  exists, so that its time reveals nothing. Refuses: `storage_unavailable`. */
export async function findSignInUser(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'now'>,
  source: Source,
  { username, realm }: SignInRequest,
): Promise<Outcome<SignInUser | undefined>> {
  const known = await ports.deployment.cachedOrReload()
  if (!known.ok || !isActionUsed(known.value.policySet, 'webui', 'login_mode')) return done(undefined)
  const found = await findLoginSubject(ports, { user: username, ...present({ realm }) }, source)
  if (!found.ok) return found
  const { owner, isUserKnown, snapshot, person, userInput } = found.value
  return done(owner === undefined ? undefined : { owner, isKnown: isUserKnown, snapshot, person, userInput })
}

interface SignInUser extends Pick<LoginSubject, 'snapshot' | 'person' | 'userInput'> {
  readonly owner: Owner
  readonly isKnown: boolean
}

/**
 * Signs a user in by PIN and phone, or by the phone's code or a bypass code alone, if a policy says so; undefined if no policy is about this user, or if a name without a realm may
 * be somebody else's. A user who does not exist gets the answer to a wrong PIN, or to a transaction of another user.
 * A login that was opened for a service is never finalized here, nor one that was opened here anywhere else.
 * Refuses: `sign_in_disabled`, `sign_in_paused`; `credentials_wrong` for a transaction that is not this user's; the first leg as
 * `trigger`, the second as `TransactionsObject.finalize`.
 */
export async function signInUser(
  ports: Ports,
  source: Source,
  login: SignInRequest,
  user: SignInUser,
  signal: AbortSignal,
): Promise<Outcome<Session | OpenedLogin> | undefined> {
  const { transactionId, realm } = login
  // By code no administrator signs in, whose name it could be.
  if (!user.isKnown && realm === undefined && login.byCode !== true) return undefined
  const situation = situationOf(user, source, ports.now())
  const found = userSignInMode(user.snapshot.policySet, situation)
  // A policy cannot be evaluated for a user who does not exist; saying so would tell a stranger.
  const mode = !user.isKnown && !found.ok && found.refusal.reason === 'condition_unknown' ? done('code') : found
  if (!mode.ok) return mode
  if (mode.value === undefined) return undefined
  if (mode.value === 'disabled' || (login.byCode === true && mode.value !== 'code'))
    return refuse({ reason: 'sign_in_disabled' })
  if (transactionId !== undefined) return use(ports, source, { ...login, transactionId }, user, situation)
  const byCode = mode.value === 'code' ? true : undefined
  return countingGuesses<Session | OpenedLogin>(ports, source, user, async () => {
    const code = byCode && parseBypassCode(login.password)
    const bypassed = code === undefined ? undefined : await enterByBypass(ports, source, login, user, situation, code)
    // Any other text is a PIN: wrong, most likely, and counted as such.
    return bypassed ?? ring(ports, source, login, byCode, signal)
  })
}

/** Lets the user try a PIN or bypass code. Wrong ones make the user wait, as wrong passwords make an administrator wait. */
async function countingGuesses<T>(
  ports: Ports,
  source: Source,
  { owner, isKnown }: SignInUser,
  attempt: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const name = await digest(userDigestText(owner))
  const counter = ports.counters.of(signInCounter(name))
  const place = await digest(networkOf(source.address))
  const wait = await counter.count({ name, rule: WRONG_PASSWORDS, place })
  if (!wait.ok) return wait
  if (wait.value > 0) return refuse({ reason: 'sign_in_paused', retryAfter: wait.value })
  if (!isKnown) return refuse({ reason: 'credentials_wrong' })
  const tried = await attempt()
  if (tried.ok) await counter.forget({ name, place })
  // A PIN that nobody could compare was not wrong.
  else if (tried.refusal.reason === 'storage_unavailable') await counter.uncount({ name, rule: WRONG_PASSWORDS, place })
  return tried
}

/** Checks the PIN and rings the phone. */
const ring = (
  ports: Ports,
  source: Source,
  { username, password, realm }: SignInRequest,
  byCode: true | undefined,
  signal: AbortSignal,
): Promise<Outcome<OpenedLogin>> =>
  trigger(ports, { kind: 'none' }, source, {
    subject: { user: username, ...present({ realm }) },
    pin: { entry: password },
    exception: false,
    action: SIGN_IN,
    ...present({ byCode }),
    signal,
  })

/** The longest that an API token is valid which no phone has approved. */
const LONGEST_WITHOUT_PHONE = seconds(900)

/** Uses up the bypass code and answers an API token; undefined for a text that is no open code of the user. The API token is void if the
 *  user says on a phone that it was not them. */
async function enterByBypass(
  ports: Ports,
  source: Source,
  { username, realm }: SignInRequest,
  user: SignInUser,
  situation: Situation,
  code: string,
): Promise<Outcome<Session> | undefined> {
  const fields = { user: username, ...present({ realm }) }
  const login = await authorizeLogin(ports, { kind: 'none' }, source, fields, 'sign_in')
  if (!login.ok) return login
  const settings = sessionPolicy(user.snapshot.policySet, situation)
  if (!settings.ok) return settings
  const validity = seconds(Math.min(settings.value.validity, LONGEST_WITHOUT_PHONE))
  const id = encodeHex(ports.random(20))
  const session = { id, expiresAt: addSeconds(ports.now(), validity) }
  const used = await useBypass(ports, login.value, { subject: fields, code, action: SIGN_IN, session })
  if (!used.ok) return used
  if (used.value === undefined) return undefined
  const holder = { owner: user.owner, serial: '' as Serial, generation: '' }
  const issued = await ports.credentials.issueUserToken(holder, validity, id)
  if (!issued.ok) return issued
  return done(sessionOf(ports, source, user, issued.value, settings.value))
}

/** The session of a user with this API token. */
const sessionOf = (
  ports: Pick<Ports, 'now'>,
  source: Source,
  { owner, snapshot }: Pick<SignInUser, 'owner' | 'snapshot'>,
  token: string,
  { logoutTime }: SessionPolicy,
): Session => ({
  token,
  name: owner.login,
  realm: owner.realm,
  role: 'user',
  rights: rightsFor(snapshot, { kind: 'user', owner }, { ...source, now: ports.now() }),
  logoutTime,
})

/** Answers an API token to the user whose phone approved. It is void as soon as that phone is. */
async function use(
  ports: Ports,
  source: Source,
  { username, realm, password, transactionId }: SignInRequest & { readonly transactionId: string },
  { owner, snapshot }: SignInUser,
  situation: Situation,
): Promise<Outcome<Session>> {
  const found = await findTransaction(ports, transactionId)
  if (found === undefined) return refuse({ reason: 'credentials_wrong' })
  const { address, userAgent } = source
  const used = await found.shard.finalize({
    id: found.id,
    userInput: { user: username, ...present({ realm }) },
    owner,
    entry: password,
    admitted: true,
    isSignIn: true,
    attempt: encodeHex(ports.random(8)),
    origin: { action: SIGN_IN, address, userAgent },
  })
  if (!used.ok) return used
  const { serial } = used.value
  const token = await ports.tokens.record(serial)
  if (!token.ok) return token
  // The name may mean somebody else by now; the owner of the phone is the user who approved.
  if (token.value?.phoneKey === undefined || !isSameOwner(token.value.owner, owner))
    return refuse({ reason: 'credentials_wrong' })
  const settings = sessionPolicy(snapshot.policySet, situation)
  if (!settings.ok) return settings
  const generation = await generationOf(token.value.phoneKey)
  const issued = await ports.credentials.issueUserToken({ owner, serial, generation }, settings.value.validity)
  if (!issued.ok) return issued
  return done(sessionOf(ports, source, { owner, snapshot }, issued.value, settings.value))
}
