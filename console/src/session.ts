/** Who is signed in. The API token is kept in the tab's `sessionStorage`, which no other origin and no other tab reads; it is gone
 *  with the tab. */
import { computed, signal } from '@preact/signals'
import {
  connect,
  type Failure,
  type Nod,
  type Outcome,
  type Session as SignedIn,
  signOut,
} from '../../client/src/index.ts'
import { language } from './texts.ts'

export type Session = Pick<SignedIn, 'token' | 'role' | 'login' | 'rights' | 'logoutTime'>

/** A user's own page has a session of its own. */
const KEPT = location.pathname.startsWith('/me/') ? 'nod.me' : 'nod.session'

/** Of the first steps: that the phone of the account has answered, and that the page was shown by itself. */
export const RUNG = 'nod.start.rung'
export const LED = 'nod.start.led'

export const session = signal<Session | undefined>(restored())

/** Whether the session has ended by itself: the page stays as it is behind the sign-in, so that nothing typed is lost. */
export const isExpired = signal(false)

function restored(): Session | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** The connection with the credential of the session. */
export const nod = computed<Nod>(() =>
  connect({ url: location.origin, token: session.value?.token, language: language.value }),
)

let waiting: (() => void)[] = []

/** Begins a session, or goes on with one that had ended: requests that it stopped are sent again. Another account starts afresh. */
export function begin({ token, role, login, rights, logoutTime }: Session): void {
  const isAnother = session.value !== undefined && session.value.login !== login
  const kept = { token, role, login, rights, logoutTime }
  sessionStorage.setItem(KEPT, JSON.stringify(kept))
  if (isAnother) return location.reload()
  session.value = kept
  isExpired.value = false
  for (const proceed of waiting.splice(0)) proceed()
}

/** Ends the session: its API token is void everywhere. */
export async function end(): Promise<void> {
  const ending = signOut(nod.value, { timeout: 5000 })
  forget()
  await ending
}

/** Forgets the session and everything on the page. */
function forget(): void {
  for (const name of [KEPT, RUNG, LED]) sessionStorage.removeItem(name)
  session.value = undefined
  isExpired.value = false
  waiting = []
}

/** Ends the session after a time without activity, and covers the page until somebody signs in again. */
export function expire(): void {
  if (session.value === undefined || isExpired.value) return
  void signOut(nod.value, { timeout: 5000 })
  sessionStorage.removeItem(KEPT)
  isExpired.value = true
}

/** Leaves the page behind an ended session for the sign-in. */
export const leave = (): void => forget()

const isOver = (failure: Failure): boolean =>
  failure.kind === 'refused' && (failure.reason === 'credential_invalid' || failure.reason === 'credential_expired')

/** Calls Nod within the session. If that has ended, asks the user to sign in and calls again. */
export async function ask<T>(work: (connection: Nod) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  for (;;) {
    const outcome = await work(nod.value)
    if (outcome.ok || session.value === undefined || !isOver(outcome.failure)) return outcome
    isExpired.value = true
    await new Promise<void>((proceed) => waiting.push(proceed))
  }
}

/** Covers the page until somebody signs in again, if that is why something has failed. Answers whether it is. */
export function endedBy(failure: Failure): boolean {
  if (session.value === undefined || !isOver(failure)) return false
  isExpired.value = true
  return true
}

/** Whether the account has this right. The server decides; pages leave out what it would refuse. */
export const may = (right: string): boolean => session.value?.rights.includes(right) === true
