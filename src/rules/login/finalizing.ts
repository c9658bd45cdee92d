/** Who may use an accepted login, and when. The drawing is in `transaction.ts`. */
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant, NamedToken, Owner, Serial } from '../../vocabulary.ts'
import { SIGN_IN } from '../../vocabulary.ts'
import { isSameOwner } from '../token/token.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'
import type { UserInput, Transaction, FinalizedLogin } from './transaction.ts'
import { isLive, tokenOf, withdraw } from './transaction.ts'

const WRONG_CODES = 3

export type Claim =
  | { readonly kind: 'granted'; readonly by: NamedToken }
  /** A wrong code: to be saved, and counted as a failed attempt of this phone. */
  | { readonly kind: 'wrong_code'; readonly by: NamedToken; readonly transaction: Transaction }

/**
 * Whether the service may finalize now, and by which phone's word.
 * Refuses: `transaction_unknown` when it was finalized before, `not_accepted` while no phone has accepted (any more).
 */
export function claim(transaction: Transaction, entry: string, now: Instant, by?: RequestOrigin): Outcome<Claim> {
  if (transaction.finalizedAt !== undefined) return refuse({ reason: 'transaction_unknown' })
  const live = transaction.challenges.filter((one) => isLive(transaction, one, now))
  const accepted = live.find(({ state }) => state === 'accepted')
  if (accepted !== undefined) return done({ kind: 'granted', by: tokenOf(accepted) })
  const confirmed = live.find(({ state }) => state === 'confirmed')
  const no = refuse({ reason: 'not_accepted', tokens: transaction.challenges.map(tokenOf) })
  if (confirmed === undefined || entry === '') return no
  if (entry === confirmed.code) return done({ kind: 'granted', by: tokenOf(confirmed) })
  const wrongCodes = transaction.wrongCodes + 1
  const step = { at: now, kind: 'wrong_code', serial: confirmed.serial, request: by } as const
  const counted = { ...transaction, wrongCodes, steps: [...transaction.steps, step] }
  const after = wrongCodes < WRONG_CODES ? counted : withdraw(counted, undefined, { cause: 'wrong_codes' }, now)
  return done({ kind: 'wrong_code', by: tokenOf(confirmed), transaction: after })
}

/** The login, used up; `attempt` names the request that did it, to nobody outside. */
export const markFinalized = (
  transaction: Transaction,
  serial: Serial,
  now: Instant,
  { by, attempt }: { readonly by?: RequestOrigin | undefined; readonly attempt?: string | undefined } = {},
): Transaction => ({
  ...transaction,
  finalizedAt: now,
  finalizedByAttempt: attempt,
  steps: [...transaction.steps, { at: now, kind: 'finalized', serial, request: by }],
})

/** The token by whose word this very attempt has used the login; undefined where another did, or none. */
export function finalizedToken(
  { finalizedByAttempt, steps, challenges }: Transaction,
  attempt: string | undefined,
): NamedToken | undefined {
  if (attempt === undefined || finalizedByAttempt !== attempt) return undefined
  const used = steps.findLast(({ kind }) => kind === 'finalized')
  const by = challenges.find(({ serial }) => serial === used?.serial)
  return by && tokenOf(by)
}

/** What the service is told of a login that was used by this token's word. */
export const finalizedLogin = ({ successEffects }: Transaction, token: NamedToken): FinalizedLogin => ({
  ...token,
  detail: successEffects?.detail,
})

/** Whoever wants to use a login, as far as it says who it is. */
export interface LoginCaller {
  readonly userInput?: UserInput
  /** Whom `given` means, where that could be looked up. */
  readonly owner?: Owner
  readonly serial?: Serial
  readonly keyHash?: string
  /** To sign in to Nod itself. */
  readonly isSignIn?: true
}

/** Whether this caller is the one the login was opened for: its owner, or one of its tokens, and its key if a key opened it. */
export function belongsTo(transaction: Transaction, by: LoginCaller): boolean {
  // What a user approved for a service must not sign anybody in here, nor the other way round.
  if ((transaction.openedBy === SIGN_IN) !== (by.isSignIn === true)) return false
  if (transaction.keyHash !== undefined && transaction.keyHash !== by.keyHash) return false
  if (by.serial !== undefined && !transaction.challenges.some(({ serial }) => serial === by.serial)) return false
  if (by.userInput === undefined) return by.serial !== undefined
  const asGiven =
    transaction.userInput?.user === by.userInput.user && transaction.userInput.realm === by.userInput.realm
  const asMeant = transaction.owner !== undefined && isSameOwner(transaction.owner, by.owner)
  return asGiven || asMeant
}
