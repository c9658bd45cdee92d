/**
 * What becomes of one login, as a function: no clock, no storage, no I/O.
 *
 *   challenge:    pending ──► accepted ─────────────► (transaction) finalized
 *                    │ └────► confirmed ─ code ──────► (transaction) finalized
 *                    ├──────► declined | cancelled
 *                    ├──────► failed      wrong number, three wrong codes, withdrawn
 *                    └──────► expired     by the clock alone: never written
 *
 * A challenge that has left `pending` never comes back to it, and only `accepted` (or `confirmed` with its code)
 * leads to `finalized`: a decline can never be read as an approval.
 */
import { present } from '../../present.ts'
import type {
  Instant,
  Mode,
  NamedToken,
  Nonce,
  Owner,
  Revision,
  Seconds,
  Serial,
  LoginStatus,
  TokenType,
  TransactionId,
} from '../../vocabulary.ts'
import { addSeconds } from '../../vocabulary.ts'
import type { LoginStep, Withdrawal } from '../../vocabulary/login-steps.ts'
import type { Quota } from '../deployment/quota.ts'
import type { LoginReply } from './login-reply.ts'

/** What has become of one token's part; the drawing is above. `failed` reads as declined. */
export type ChallengeState = 'pending' | 'confirmed' | 'accepted' | 'declined' | 'cancelled' | 'failed'

/** What the phone is told of its answer. */
export interface PhoneReply {
  readonly accepted: boolean
  /** Code to phone: the code the phone now shows, and the sentence beside it. */
  readonly code?: string
  readonly message?: string
  /** It was taken to no login: no open challenge is this phone's, or the signature does not hold. */
  readonly unmatched?: true
}

/** One token's part of a transaction, with all that answering it needs. */
export interface Challenge {
  readonly serial: Serial
  readonly type: TokenType
  readonly nonce: Nonce
  readonly mode: Mode
  /** The option shown at the login, with `presence`. */
  readonly presence?: string
  /** Drawn when the login opens, shown by the phone once it has confirmed, with `code_to_phone`. */
  readonly code?: string
  readonly codeMessage?: string
  /** The phone's public key (SPKI, base64), as it was when the phone was rung. */
  readonly phoneKey: string
  /** The token's as it was then; absent where the phone registers in this login. */
  readonly revision?: Revision
  readonly prompt: Readonly<Record<string, string>>
  /** What the nonce commits to: with the salt, this is the receipt. */
  readonly context: Readonly<Record<string, unknown>>
  readonly salt: string
  readonly pinVerified: boolean
  /** Where to deliver the prompt; absent for a poll-only token and for a phone over its ring budget. */
  readonly delivery?: { readonly firebase: string; readonly registrationToken: string }
  readonly state: ChallengeState
  readonly answeredAt?: Instant
  /** The user said that somebody else started this login. */
  readonly isUnknownTrigger?: true
  /** The answer as it came and what it was told: the app repeats its POST once. */
  readonly answer?: { readonly digest: string; readonly reply: PhoneReply }
}

/** A user as a caller named it. */
export interface UserInput {
  readonly user: string
  readonly realm?: string
}

/** What policy makes of a login's success, fixed when the login opens: nothing is looked up when it is used. */
export interface SuccessEffects {
  /** What it counts against, and where. */
  readonly quota?: Quota & { readonly counter: string; readonly name: string }
  /** The owner's other tokens, whose failed attempts begin anew. */
  readonly resets?: readonly Serial[]
  readonly detail?: SuccessDetail
}

/** The token whose phone finished a login, and what its answer holds. */
export interface FinalizedLogin extends NamedToken {
  readonly detail?: SuccessDetail
}

/** What the answer to a success holds otherwise than usual: nothing at all, or its user besides. */
export type SuccessDetail = 'bare' | Readonly<Record<string, unknown>>

/** One login, with all that answering, polling and finalizing it need: nothing is looked up meanwhile. */
export interface Transaction {
  readonly id: TransactionId
  readonly owner?: Owner
  /** The owner as the caller wrote it: whoever finalizes writes it the same way, so nothing need be looked up. */
  readonly userInput?: UserInput
  /** Hash of the service key that opened it: only that key may finalize. */
  readonly keyHash?: string
  /** The service whose key that is, by name. */
  readonly service?: string
  /** The request that opened it, as the audit names it. */
  readonly openedBy: string
  readonly address: string
  readonly userAgent: string
  readonly openedAt: Instant
  /** Until when a phone may answer. */
  readonly answerBy: Instant
  /** How long after an answer the service may finalize. */
  readonly grace: Seconds
  readonly wrongCodes: number
  readonly challenges: readonly Challenge[]
  /** Its one phone is still to be enrolled: it registers, where others answer. See `enrolling.ts`. */
  readonly enrollment?: { readonly optional: boolean }
  /** What comes of its success, where policy wants something. */
  readonly successEffects?: SuccessEffects
  readonly finalizedAt?: Instant
  /** Which attempt did so: where its reply was lost on the way, it may ask again. */
  readonly finalizedByAttempt?: string
  /** Kept where the request may be repeated: it is told the same again. */
  readonly reply?: LoginReply
  readonly steps: readonly LoginStep[]
}

/** The token a challenge is for. */
export const tokenOf = ({ serial, type }: Challenge): NamedToken => ({ serial, type })

/** The token that the last step of a login is about; where that is about none, the first. */
export function lastToken({ challenges, steps }: Transaction): NamedToken | undefined {
  const last = steps.at(-1)?.serial
  const heard = challenges.find(({ serial }) => serial === last) ?? challenges[0]
  return heard && tokenOf(heard)
}

/** Whether this is the same login opened once more: the same nonces, so the same commitments. */
export const isSameLogin = (one: Transaction, other: Transaction): boolean =>
  one.challenges.length === other.challenges.length &&
  one.challenges.every(({ nonce }, index) => nonce === other.challenges[index]?.nonce)

/** Neither said no to, nor taken back, nor accepted. */
export const isOpen = ({ state }: Challenge): boolean => state === 'pending' || state === 'confirmed'

/** Until when what was said of this challenge counts. */
export const validUntil = (transaction: Transaction, challenge: Challenge): Instant =>
  challenge.answeredAt === undefined || challenge.state === 'failed'
    ? transaction.answerBy
    : addSeconds(challenge.answeredAt, transaction.grace)

/** Whether what was said of this challenge still counts. */
export const isLive = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  now < validUntil(transaction, challenge)

/** True while the phone may still answer; never of one that is to register. */
export const isAnswerable = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.enrollment === undefined && isPending(transaction, challenge, now)

/** True until the phone has answered, or registered, or its time is over. */
export const isPending = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.finalizedAt === undefined && challenge.state === 'pending' && now < transaction.answerBy

/** How the login stands. One acceptance is enough; "not me" on any phone ends it; else it is open while a phone may answer. */
export function loginStatus(transaction: Transaction, now: Instant): LoginStatus {
  if (transaction.finalizedAt !== undefined) return 'finalized'
  const live = transaction.challenges.filter((challenge) => isLive(transaction, challenge, now))
  const some = (test: (challenge: Challenge) => boolean): boolean => live.some(test)
  if (some(({ state }) => state === 'accepted')) return 'accepted'
  if (some(({ isUnknownTrigger }) => isUnknownTrigger === true)) return 'declined'
  if (some(isOpen)) return 'pending'
  if (some(({ state }) => state === 'declined' || state === 'failed')) return 'declined'
  if (some(({ state }) => state === 'cancelled')) return 'cancelled'
  return 'expired'
}

/** When the login ends by the clock alone, or has: after this nothing can finalize it. A refusal keeps nothing open. */
export function endsAt(transaction: Transaction): Instant {
  const open = transaction.challenges.filter((one) => isOpen(one) || one.state === 'accepted')
  const [first, ...others] = open.map((one) => validUntil(transaction, one))
  return others.reduce((latest, until) => (until > latest ? until : latest), first ?? transaction.answerBy)
}

/** The login after one token's part was taken back (disabled, revoked, deleted, its key gone); unchanged if that part is over. */
export function withdraw(
  transaction: Transaction,
  serial: Serial | undefined,
  withdrawal: Withdrawal,
  now: Instant,
): Transaction {
  const hit = (one: Challenge): boolean =>
    (serial === undefined || one.serial === serial) &&
    (isOpen(one) || one.state === 'accepted') &&
    isLive(transaction, one, now)
  if (transaction.finalizedAt !== undefined || !transaction.challenges.some(hit)) return transaction
  return {
    ...transaction,
    challenges: transaction.challenges.map((one) => (hit(one) ? { ...one, state: 'failed' } : one)),
    steps: [...transaction.steps, { at: now, kind: 'withdrawn', ...withdrawal, ...present({ serial }) }],
  }
}
