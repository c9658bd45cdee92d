import { call, exchange } from './call.ts'
import type { CallOptions, Nod } from './connection.ts'
import { type Enrollment, enrollmentOf } from './enrollment.ts'
import { type Challenge, challengeOf } from './login.ts'
import { done, failed, mapped, type Outcome } from './outcome.ts'

/** What comes of a right password: a session, or a question on the phone first. */
export type SignIn = Session | { readonly status: 'challenge'; readonly challenge: SignInChallenge }

export interface Session {
  readonly status: 'signed_in'
  /** The connection of this session. It has the API token in memory, and nothing is stored. */
  readonly nod: Nod
  /** The API token. */
  readonly token: string
  /** `enrolling` may only enroll a phone (`enrollOwnPhone`) and sign out. */
  readonly role: 'admin' | 'helpdesk' | 'user' | 'enrolling'
  readonly login: string
  /** Empty for administrators. */
  readonly realm: string
  readonly rights: readonly string[]
  /** Seconds without activity after which a console signs out. */
  readonly logoutTime: number
}

/** The question on the phone of somebody who signs in. Administrators enter the code that the phone shows. */
export interface SignInChallenge extends Omit<Challenge, 'status' | 'enrollment'> {
  readonly login: string
  readonly realm: string | undefined
}

export interface Account {
  readonly login: string
  readonly password: string
  /** For users of a realm, who sign in by PIN and phone. Administrators have none. */
  readonly realm?: string | undefined
}

/** Signs in, as an administrator or, with a realm, as a user. */
export function signIn(nod: Nod, { login, password, realm }: Account, options?: CallOptions): Promise<Outcome<SignIn>> {
  return enter(nod, { username: login, password, realm }, options)
}

/** Completes a sign-in with the code that the phone shows; without one where the user has to tap, once the phone has accepted
 *  (`wait`). */
export async function completeSignIn(
  nod: Nod,
  { login, realm, transactionId }: Pick<SignInChallenge, 'login' | 'realm' | 'transactionId'>,
  code = '',
  options?: CallOptions,
): Promise<Outcome<SignIn>> {
  return enter(nod, { username: login, password: code.trim(), realm, transaction_id: transactionId }, options)
}

interface SignInParameters {
  readonly username: string
  readonly password: string
  readonly realm: string | undefined
  readonly transaction_id?: string
}

async function enter(nod: Nod, parameters: SignInParameters, options?: CallOptions): Promise<Outcome<SignIn>> {
  const answer = await exchange(nod.as({}), 'POST /auth', parameters, options)
  if (!answer.ok) return answer
  const { value } = answer.value
  if (answer.value.authentication === 'ACCEPT') {
    const { token, role, username, realm, rights, logout_time: logoutTime } = value
    const session = { token, role, login: username, realm, rights, logoutTime }
    return done({ status: 'signed_in', nod: nod.as({ token }), ...session })
  }
  const challenge = challengeOf(answer.value)
  if (challenge === undefined) {
    const message = answer.value.detail.message ?? 'Authentication failed.'
    return failed({ kind: 'refused', status: 200, code: 4031, reason: 'credentials_wrong', message })
  }
  const { status, enrollment: _, ...rest } = challenge
  return done({ status, challenge: { ...rest, login: parameters.username, realm: parameters.realm } })
}

/** Ends the session: its API token is void at once, everywhere. */
export const signOut = (nod: Nod, options?: CallOptions): Promise<Outcome<boolean>> =>
  call(nod, 'POST /auth/logout', {}, options)

/** Signs an administrator in without the phone, in an emergency, by the deployment's `BREAK_GLASS_SECRET`. */
export async function breakGlass(
  nod: Nod,
  { login, password, secret }: Omit<Account, 'realm'> & { readonly secret: string },
  options?: CallOptions,
): Promise<Outcome<Omit<Session, 'realm' | 'logoutTime'>>> {
  const answer = await call(nod.as({}), 'POST /auth/break-glass', { username: login, password, secret }, options)
  return mapped(answer, ({ token, role, username, rights }) => {
    return { status: 'signed_in', nod: nod.as({ token }), token, role, login: username, rights }
  })
}

/** Begins to enroll a phone for the administrator's own account. From then on, signing in takes it. */
export const enrollOwnPhone = async (nod: Nod, options?: CallOptions): Promise<Outcome<Enrollment>> =>
  mapped(await exchange(nod, 'POST /auth/phone', {}, options), ({ detail }) => enrollmentOf(detail))

/** The token types that the caller may enroll, with a description of each. */
export const enrollableTypes = (nod: Nod, options?: CallOptions): Promise<Outcome<Readonly<Record<string, string>>>> =>
  call(nod, 'GET /auth/rights', {}, options)
