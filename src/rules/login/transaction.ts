/**
 * The state of one login, as pure functions: no clock, no storage, no I/O.
 *
 *   challenge:    pending ──► accepted ─────────────► (transaction) finalized
 *                    │ └────► confirmed ─ code ──────► (transaction) finalized
 *                    ├──────► declined | cancelled
 *                    ├──────► failed      wrong number, three wrong codes, withdrawn
 *                    └──────► expired     by the clock alone: never stored
 *
 * A challenge never returns to `pending`, and only `accepted`, or `confirmed` with its code, leads to `finalized`: a decline can
 * never be taken for an approval. The first accept, confirm or decline of any phone ends the open challenges of the others
 * (`failed`): of each login one phone decides. A wrong number ends the challenge of its phone alone.
 */
import { present } from '../../present.ts'
import {
  addSeconds,
  type Instant,
  type LoginStatus,
  type Mode,
  type NamedToken,
  type Nonce,
  type Owner,
  type Epoch,
  type Region,
  type Revision,
  type Seconds,
  type Serial,
  type TokenType,
  type TransactionId,
} from '../../vocabulary.ts'
import type { FraudReportMode } from '../../vocabulary/fraud-reports.ts'
import type { LoginStep, Withdrawal } from '../../vocabulary/login-steps.ts'
import type { NoticeKind } from '../../vocabulary/notices.ts'
import type { SignedAnswer } from '../../vocabulary/receipts.ts'
import type { Quota } from '../deployment/quota.ts'
import type { LoginReply } from './login-reply.ts'

/** The state of one challenge, as drawn above. `failed` is answered as declined. */
export type ChallengeState = 'pending' | 'confirmed' | 'accepted' | 'declined' | 'cancelled' | 'failed'

/** The reply to the answer of a phone. */
export interface PhoneReply {
  readonly accepted: boolean
  /** Code to phone: the code that the phone shows, and the text beside it. */
  readonly code?: string
  readonly message?: string
  /** The answer belongs to no open challenge of this phone, or its signature is not valid. */
  readonly unmatched?: true
}

/** The part of one token in a login, with everything that answering it needs. */
export interface Challenge {
  readonly serial: Serial
  readonly type: TokenType
  readonly nonce: Nonce
  readonly mode: Mode
  /** The option to tap, in mode `presence`. */
  readonly presence?: string
  /** The code that the phone shows once it has confirmed, in mode `code_to_phone`. */
  readonly code?: string
  readonly codeMessage?: string
  /** The phone's public key (SPKI, base64) when the login opened. */
  readonly phoneKey: string
  /** The token's revision when the login opened; absent if the phone registers in this login. */
  readonly revision?: Revision
  /** The epoch in which that revision was read. */
  readonly epoch?: Epoch
  /** Which object the phone had then; absent: the first one. */
  readonly objectNumber?: number
  readonly prompt: Readonly<Record<string, string>>
  /** What the nonce commits to. Together with the salt it is a receipt. */
  readonly context: Readonly<Record<string, unknown>>
  readonly salt: string
  /** Where to deliver the prompt; absent for a poll-only token and for a phone that is not rung. */
  readonly delivery?: { readonly firebase: string; readonly registrationToken: string }
  /** What policy makes of a decline; absent: it ends the login and nothing else. */
  readonly fraudReport?: FraudReportMode
  readonly state: ChallengeState
  readonly answeredAt?: Instant
  /** The region that the answer came from. */
  readonly answeredFrom?: Region
  /** The name of the server's key that signed the prompt. Absent where nothing is to be answered, and in rows of the version before. */
  readonly signingKey?: string
  /** The answer and its reply: the app sends its POST once more. `signed`: what the phone signed, for the receipt. */
  readonly answer?: { readonly digest: string; readonly reply: PhoneReply; readonly signed?: SignedAnswer }
}

/** User and realm as the caller wrote them. */
export interface UserInput {
  readonly user: string
  readonly realm?: string
}

/** What a success entails, decided when the login opens: nothing is looked up to finalize it. */
export interface SuccessEffects {
  /** The quota of successful logins, and where it is counted. */
  readonly quota?: Quota & { readonly counter: string; readonly name: string }
  /** The owner's tokens whose failed attempts are reset. */
  readonly resets?: readonly Serial[]
  readonly detail?: SuccessDetail
}

/** The token that accepted a finalized login, and what its answer holds. */
export interface FinalizedLogin extends NamedToken {
  readonly detail?: SuccessDetail
}

/** What the answer to a success holds: `bare`, no detail at all, or the fields that it holds besides. */
export type SuccessDetail = 'bare' | Readonly<Record<string, unknown>>

/** A login, with everything that answering, polling and finalizing it need: nothing else is looked up. */
export interface Transaction {
  readonly id: TransactionId
  /** Random, 32 hex digits: names the login in lists of challenges. Absent in rows of the version before. */
  readonly attemptId?: string
  /** The request that opened it waits for the phone (`push_wait`), and is answered as soon as the login is decided. */
  readonly isWaitedFor?: boolean
  readonly owner?: Owner
  /** The owner as the caller wrote it. A caller that finalizes writes it the same way, so that nothing needs to be looked
   *  up. */
  readonly userInput?: UserInput
  /** Hash of the service key that opened it: only this key may finalize it. */
  readonly keyHash?: string
  /** The name of that service key. */
  readonly service?: string
  /** The route that opened it, as the audit names it. */
  readonly openedBy: string
  readonly address: string
  /** A digest of the network of that address, if it is believed to be the end user's. */
  readonly place?: string
  /** It was opened by a PIN. */
  readonly hasPin?: boolean
  readonly userAgent: string
  /** Names of the policies that decided, for the audit. */
  readonly policies?: string
  readonly openedAt: Instant
  /** When a phone can no longer answer. */
  readonly answerBy: Instant
  /** How long after an answer the service may finalize, in seconds. */
  readonly grace: Seconds
  readonly wrongCodes: number
  readonly challenges: readonly Challenge[]
  /** Present if it is no login but a notice: its phone may answer it, and nobody can finalize it. `id`: of the notice. */
  readonly notice?: { readonly id: string; readonly kind: NoticeKind }
  /** Present if its phone registers instead of answering. See `enrolling.ts`. */
  readonly enrollment?: { readonly optional: boolean }
  /** Absent if policies want nothing. */
  readonly successEffects?: SuccessEffects
  readonly finalizedAt?: Instant
  /** The attempt that finalized it: if its reply was lost, it may ask again. */
  readonly finalizedByAttempt?: string
  /** The attempts of repeated requests that joined it: each may hear of its success once more. */
  readonly joinedBy?: readonly string[]
  /** The attempts that have heard of it, after the one that finalized it. */
  readonly heardBy?: readonly string[]
  /** The reply to its service, if the request may be repeated. */
  readonly reply?: LoginReply
  readonly steps: readonly LoginStep[]
}

/** The token of a challenge. */
export const tokenOf = ({ serial, type }: Challenge): NamedToken => ({ serial, type })

/** The token of the last step; of a step without a token, the first one of the login. */
export function lastToken({ challenges, steps }: Transaction): NamedToken | undefined {
  const last = steps.at(-1)?.serial
  const heard = challenges.find(({ serial }) => serial === last) ?? challenges[0]
  return heard && tokenOf(heard)
}

/** Answers whether both are one login, opened twice: their nonces are the same. */
export const isSameLogin = (one: Transaction, other: Transaction): boolean =>
  one.challenges.length === other.challenges.length &&
  one.challenges.every(({ nonce }, index) => nonce === other.challenges[index]?.nonce)

/** The user said no. The version before left the challenges of other phones pending then. */
const isDeclined = ({ state }: Challenge): boolean => state === 'declined' || state === 'cancelled'

/** Answers whether the challenge is neither accepted, declined nor withdrawn. */
export const isOpen = ({ state }: Challenge): boolean => state === 'pending' || state === 'confirmed'

/** When the answer to a challenge, or the time to answer it, expires. */
export const validUntil = (transaction: Transaction, challenge: Challenge): Instant =>
  challenge.answeredAt === undefined || challenge.state === 'failed'
    ? transaction.answerBy
    : addSeconds(challenge.answeredAt, transaction.grace)

/** Answers whether the challenge has not expired. */
export const isLive = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  now < validUntil(transaction, challenge)

/** Answers whether the phone may still answer; never true for a phone that registers. */
export const isAnswerable = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.enrollment === undefined && isPending(transaction, challenge, now)

/** Answers whether the phone is still to answer, or to register. */
export const isPending = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.finalizedAt === undefined &&
  challenge.state === 'pending' &&
  now < transaction.answerBy &&
  !transaction.challenges.some(isDeclined)

/** Derives the status of a login. A phone's acceptance or decline decides it; without either it is pending while a phone may
 *  answer, and declined when none may any more. */
export function loginStatus(transaction: Transaction, now: Instant): LoginStatus {
  if (transaction.finalizedAt !== undefined) return 'finalized'
  const live = transaction.challenges.filter((challenge) => isLive(transaction, challenge, now))
  const some = (test: (challenge: Challenge) => boolean): boolean => live.some(test)
  if (some(({ state }) => state === 'accepted')) return 'accepted'
  if (some(({ state }) => state === 'declined')) return 'declined'
  // Before `failed`: the other phones have failed then, and the word is that of the phone that was answered.
  if (some(({ state }) => state === 'cancelled')) return 'cancelled'
  if (some(isOpen)) return 'pending'
  return some(({ state }) => state === 'failed') ? 'declined' : 'expired'
}

/** Returns when the login expires, or has: nothing can finalize it after that. A decline keeps nothing open. */
export function endsAt(transaction: Transaction): Instant {
  const open = transaction.challenges.filter((one) => isOpen(one) || one.state === 'accepted')
  const [first, ...others] = open.map((one) => validUntil(transaction, one))
  return others.reduce((latest, until) => (until > latest ? until : latest), first ?? transaction.answerBy)
}

const NOT_ENDED: readonly ChallengeState[] = ['pending', 'confirmed', 'accepted']
const ONLY_PENDING: readonly ChallengeState[] = ['pending']

/** Withdraws the part of one token, or of all (undefined), because it was disabled, revoked or deleted, or its key is
 *  void. Unchanged if that part has ended. */
export function withdraw(
  transaction: Transaction,
  serial: Serial | undefined,
  withdrawal: Withdrawal,
  now: Instant,
): Transaction {
  const { cause } = withdrawal
  // Whoever has confirmed already is not held up by further logins of somebody else.
  const hits = cause === 'superseded' || cause === 'reported' ? ONLY_PENDING : NOT_ENDED
  const isSafe = ({ mode }: Challenge): boolean => cause === 'reported' && mode !== 'standard'
  const hit = (one: Challenge): boolean =>
    (serial === undefined || one.serial === serial) &&
    hits.includes(one.state) &&
    !isSafe(one) &&
    isLive(transaction, one, now)
  if (transaction.finalizedAt !== undefined || !transaction.challenges.some(hit)) return transaction
  return {
    ...transaction,
    challenges: transaction.challenges.map((one) => (hit(one) ? { ...one, state: 'failed' } : one)),
    steps: [...transaction.steps, { at: now, kind: 'withdrawn', ...withdrawal, ...present({ serial }) }],
  }
}
