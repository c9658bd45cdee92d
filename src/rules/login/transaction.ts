/**
 * The states of a login, as pure functions: no clock, no storage, no I/O.
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

/** The state of one token's challenge, as drawn above. `failed` reads as declined. */
export type ChallengeState = 'pending' | 'confirmed' | 'accepted' | 'declined' | 'cancelled' | 'failed'

/** What the phone is answered to its answer. */
export interface PhoneReply {
  readonly accepted: boolean
  /** Code to phone: the code that the phone shows, and the text beside it. */
  readonly code?: string
  readonly message?: string
  /** The answer belongs to no login: this phone has no open challenge, or the signature does not verify. */
  readonly unmatched?: true
}

/** One token's part of a transaction, with everything that answering it needs. */
export interface Challenge {
  readonly serial: Serial
  readonly type: TokenType
  readonly nonce: Nonce
  readonly mode: Mode
  /** The option shown at the login, with `presence`. */
  readonly presence?: string
  /** With `code_to_phone`: the code, drawn when the login opens; the phone shows it after it has confirmed. */
  readonly code?: string
  readonly codeMessage?: string
  /** The phone's public key (SPKI, base64), as it was when the phone was rung. */
  readonly phoneKey: string
  /** The token's revision at that time; absent if the phone registers during this login. */
  readonly revision?: Revision
  readonly prompt: Readonly<Record<string, string>>
  /** What the nonce commits to. A receipt needs it together with the salt. */
  readonly context: Readonly<Record<string, unknown>>
  readonly salt: string
  readonly pinVerified: boolean
  /** Where to deliver the prompt; absent for a poll-only token and for a phone over its ring budget. */
  readonly delivery?: { readonly firebase: string; readonly registrationToken: string }
  readonly state: ChallengeState
  readonly answeredAt?: Instant
  /** The user said that somebody else started this login. */
  readonly isUnknownTrigger?: true
  /** The digest of the answer and its reply, which the same answer gets again: the app repeats its POST once. */
  readonly answer?: { readonly digest: string; readonly reply: PhoneReply }
}

/** A user as the caller wrote it. */
export interface UserInput {
  readonly user: string
  readonly realm?: string
}

/** What a success entails. It is fixed when the login opens, so that nothing is looked up when it is finalized. */
export interface SuccessEffects {
  /** The quota it counts against, and its counter. */
  readonly quota?: Quota & { readonly counter: string; readonly name: string }
  /** The owner's other tokens, whose failed attempts begin anew. */
  readonly resets?: readonly Serial[]
  readonly detail?: SuccessDetail
}

/** The token whose phone finalized a login, and what the answer contains. */
export interface FinalizedLogin extends NamedToken {
  readonly detail?: SuccessDetail
}

/** How the answer to a success differs from the usual one: no detail at all, or fields about the user besides. */
export type SuccessDetail = 'bare' | Readonly<Record<string, unknown>>

/** One login, with everything that answering, polling and finalizing it need, so that nothing is looked up. */
export interface Transaction {
  readonly id: TransactionId
  readonly owner?: Owner
  /** The user as the caller wrote it. A finalize usually writes it the same way, and then nothing is looked up. */
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
  /** The login enrolls a phone, which registers instead of answering. See `enrolling.ts`. */
  readonly enrollment?: { readonly optional: boolean }
  /** What its success entails, if a policy wants something. */
  readonly successEffects?: SuccessEffects
  readonly finalizedAt?: Instant
  /** The attempt that finalized it. If its reply was lost, it may ask again. */
  readonly finalizedByAttempt?: string
  /** Stored if the request may be repeated: the repeat gets the same answer. */
  readonly reply?: LoginReply
  readonly steps: readonly LoginStep[]
}

/** The token a challenge is for. */
export const tokenOf = ({ serial, type }: Challenge): NamedToken => ({ serial, type })

/** The token of the last step of a login; the first token if that step has none. */
export function lastToken({ challenges, steps }: Transaction): NamedToken | undefined {
  const last = steps.at(-1)?.serial
  const heard = challenges.find(({ serial }) => serial === last) ?? challenges[0]
  return heard && tokenOf(heard)
}

/** Whether both are the same login, opened twice: they have the same nonces, so the same commitments. */
export const isSameLogin = (one: Transaction, other: Transaction): boolean =>
  one.challenges.length === other.challenges.length &&
  one.challenges.every(({ nonce }, index) => nonce === other.challenges[index]?.nonce)

/** Whether a challenge is open: neither declined, withdrawn nor accepted. */
export const isOpen = ({ state }: Challenge): boolean => state === 'pending' || state === 'confirmed'

/** Until when a challenge, or its answer, is valid. */
export const validUntil = (transaction: Transaction, challenge: Challenge): Instant =>
  challenge.answeredAt === undefined || challenge.state === 'failed'
    ? transaction.answerBy
    : addSeconds(challenge.answeredAt, transaction.grace)

/** Whether a challenge, or its answer, is still valid. */
export const isLive = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  now < validUntil(transaction, challenge)

/** True while the phone may answer; never for a phone that is to register. */
export const isAnswerable = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.enrollment === undefined && isPending(transaction, challenge, now)

/** True until the phone has answered or registered, or its time is over. */
export const isPending = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.finalizedAt === undefined && challenge.state === 'pending' && now < transaction.answerBy

/** The status of the login. One acceptance is enough; "not me" on any phone ends it; else it is pending while a phone may answer. */
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

/** When the login expires, or has expired: nothing finalizes it afterwards. */
export function endsAt(transaction: Transaction): Instant {
  const open = transaction.challenges.filter((one) => isOpen(one) || one.state === 'accepted')
  const [first, ...others] = open.map((one) => validUntil(transaction, one))
  return others.reduce((latest, until) => (until > latest ? until : latest), first ?? transaction.answerBy)
}

/** Withdraws one token's challenge, because the token was disabled, revoked or deleted, or its key replaced. Unchanged if the challenge is
 *  over. */
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
