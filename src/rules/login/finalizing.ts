/** Who may finalize an accepted login, and when. The states are drawn in `transaction.ts`. */
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Instant, type NamedToken, type Owner, type Serial, SIGN_IN } from '../../vocabulary.ts'
import { isSameOwner } from '../token/token.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'
import { type FinalizedLogin, isLive, tokenOf, type Transaction, type UserInput, withdraw } from './transaction.ts'

const WRONG_CODES = 3

export type Claim =
  | { readonly kind: 'granted'; readonly token: NamedToken }
  /** The code was wrong: the login is to be stored, and the attempt counted as failed. */
  | { readonly kind: 'wrong_code'; readonly token: NamedToken; readonly transaction: Transaction }

/** Decides whether the service may finalize now, and which token has accepted. `entry`: the text entered at the login.
 *  Refuses: `transaction_unknown` if the login is finalized already, or is a notice; `not_accepted`. */
export function claim(transaction: Transaction, entry: string, now: Instant, origin?: RequestOrigin): Outcome<Claim> {
  if (transaction.finalizedAt !== undefined || transaction.notice !== undefined)
    return refuse({ reason: 'transaction_unknown' })
  const live = transaction.challenges.filter((one) => isLive(transaction, one, now))
  const accepted = live.find(({ state }) => state === 'accepted')
  if (accepted !== undefined) return done({ kind: 'granted', token: tokenOf(accepted) })
  const confirmed = live.find(({ state }) => state === 'confirmed')
  const no = refuse({ reason: 'not_accepted', tokens: transaction.challenges.map(tokenOf) })
  if (confirmed === undefined || entry === '') return no
  if (entry === confirmed.code) return done({ kind: 'granted', token: tokenOf(confirmed) })
  const wrongCodes = transaction.wrongCodes + 1
  const step = { at: now, kind: 'wrong_code', serial: confirmed.serial, origin } as const
  const counted = { ...transaction, wrongCodes, steps: [...transaction.steps, step] }
  const after = wrongCodes < WRONG_CODES ? counted : withdraw(counted, undefined, { cause: 'wrong_codes' }, now)
  return done({ kind: 'wrong_code', token: tokenOf(confirmed), transaction: after })
}

/** Finalizes the login. `attempt` identifies the request, whose repeat gets the same reply. */
export const markFinalized = (
  transaction: Transaction,
  serial: Serial,
  now: Instant,
  { origin, attempt }: { readonly origin?: RequestOrigin; readonly attempt?: string } = {},
): Transaction => ({
  ...transaction,
  finalizedAt: now,
  finalizedByAttempt: attempt,
  steps: [...transaction.steps, { at: now, kind: 'finalized', serial, origin }],
})

/** Answers the token of the login if this very attempt has finalized it. */
export function finalizedToken(
  { finalizedByAttempt, steps, challenges }: Transaction,
  attempt: string | undefined,
): NamedToken | undefined {
  if (attempt === undefined || finalizedByAttempt !== attempt) return undefined
  const used = steps.findLast(({ kind }) => kind === 'finalized')
  const challenge = challenges.find(({ serial }) => serial === used?.serial)
  return challenge && tokenOf(challenge)
}

/** Composes the reply to a service whose login is finalized. */
export const finalizedLogin = ({ successEffects }: Transaction, token: NamedToken): FinalizedLogin => ({
  ...token,
  detail: successEffects?.detail,
})

/** A caller that wants to finalize or cancel a login, as far as it says who it is. */
export interface LoginCaller {
  readonly userInput?: UserInput
  /** The owner that `userInput` means, if it could be looked up. */
  readonly owner?: Owner
  readonly serial?: Serial
  readonly keyHash?: string
  /** Of all secrets of that service key. */
  readonly keyHashes?: readonly string[]
  /** Whether it is a sign-in to Nod itself. */
  readonly isSignIn?: true
}

/** Answers whether the caller's service key has a secret with this hash. */
export const hasKey = ({ keyHash, keyHashes = [] }: LoginCaller, hash: string): boolean =>
  keyHash === hash || keyHashes.includes(hash)

/** Answers whether the login is of the user or token that the caller names, and was opened with the same key if one was
 *  used. */
export function belongsTo(transaction: Transaction, caller: LoginCaller): boolean {
  if (transaction.notice !== undefined) return false
  // An approval for a service must not sign anybody in to Nod, nor the other way round.
  if ((transaction.openedBy === SIGN_IN) !== (caller.isSignIn === true)) return false
  if (transaction.keyHash !== undefined && !hasKey(caller, transaction.keyHash)) return false
  if (caller.serial !== undefined && !transaction.challenges.some(({ serial }) => serial === caller.serial))
    return false
  if (caller.userInput === undefined) return caller.serial !== undefined
  const isSameInput =
    transaction.userInput?.user === caller.userInput.user && transaction.userInput.realm === caller.userInput.realm
  const isOwner = transaction.owner !== undefined && isSameOwner(transaction.owner, caller.owner)
  return isSameInput || isOwner
}
