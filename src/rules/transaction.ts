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
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { DeclineReason, Instant, Mode, Nonce, Owner, Seconds, Serial, TransactionId } from '../vocabulary.ts'
import { later } from '../vocabulary.ts'

type ChallengeState = 'pending' | 'confirmed' | 'accepted' | 'declined' | 'cancelled' | 'failed'

/** What the phone is told of its answer. */
export interface Reply {
  readonly accepted: boolean
  /** Code to phone: the code the phone now shows, and the sentence beside it. */
  readonly code?: string
  readonly message?: string
}

/** One token's part of a transaction, with all that answering it needs. */
export interface Challenge {
  readonly serial: Serial
  readonly nonce: Nonce
  readonly mode: Mode
  /** The option shown at the login, with `presence`. */
  readonly presence?: string
  /** Drawn when the login opens, shown by the phone once it has confirmed, with `code_to_phone`. */
  readonly code?: string
  readonly codeMessage?: string
  /** The phone's public key (SPKI, base64), as it was when the phone was rung. */
  readonly phoneKey: string
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
  readonly notMe?: true
  /** The answer as it came and what it was told: the app repeats its POST once. */
  readonly given?: { readonly digest: string; readonly reply: Reply }
}

/** One entry of a login's timeline. */
export interface Step {
  readonly at: Instant
  readonly what: string
  readonly serial?: Serial
}

/** A user as a caller named it. */
export interface Given {
  readonly user: string
  readonly realm?: string
}

export interface Transaction {
  readonly id: TransactionId
  readonly owner?: Owner
  /** The owner as the caller wrote it: whoever finalizes writes it the same way, so nothing need be looked up. */
  readonly given?: Given
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
  readonly finalizedAt?: Instant
  readonly steps: readonly Step[]
}

export type Standing = 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired' | 'finalized'

/** What the phone said; its signature holds. */
export interface Said {
  readonly digest: string
  readonly decline: boolean
  readonly reason?: string
  readonly presence?: string
}

const WRONG_CODES = 3
const OPEN: ReadonlySet<ChallengeState> = new Set(['pending', 'confirmed'])

/** Until when what was said of this challenge counts. */
const validUntil = (transaction: Transaction, challenge: Challenge): Instant =>
  challenge.answeredAt === undefined || challenge.state === 'failed'
    ? transaction.answerBy
    : later(challenge.answeredAt, transaction.grace)

const isLive = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  now < validUntil(transaction, challenge)

/** True while the phone may still answer. */
export const isAnswerable = (transaction: Transaction, challenge: Challenge, now: Instant): boolean =>
  transaction.finalizedAt === undefined && challenge.state === 'pending' && now < transaction.answerBy

/** How the login stands. One acceptance is enough; "not me" on any phone ends it; else it is open while a phone may answer. */
export function standing(transaction: Transaction, now: Instant): Standing {
  if (transaction.finalizedAt !== undefined) return 'finalized'
  const live = transaction.challenges.filter((challenge) => isLive(transaction, challenge, now))
  const some = (test: (challenge: Challenge) => boolean): boolean => live.some(test)
  if (some(({ state }) => state === 'accepted')) return 'accepted'
  if (some(({ notMe }) => notMe === true)) return 'declined'
  if (some(({ state }) => OPEN.has(state))) return 'pending'
  if (some(({ state }) => state === 'declined' || state === 'failed')) return 'declined'
  if (some(({ state }) => state === 'cancelled')) return 'cancelled'
  return 'expired'
}

/** When the login's standing next changes by the clock alone, or has: after this nothing can finalize it. */
export const endsAt = (transaction: Transaction): Instant =>
  transaction.challenges.reduce<Instant>((latest, challenge) => {
    const until = validUntil(transaction, challenge)
    return until > latest ? until : latest
  }, transaction.answerBy)

interface Answered {
  readonly transaction: Transaction
  readonly reply: Reply
  /** This phone's failed attempt is to be counted: a wrong number. */
  readonly failed: boolean
}

/**
 * The login after a phone's answer. The same answer again gets the same reply and changes nothing; an answer to a
 * challenge that is no longer open changes nothing. Never refuses: the phone hears `accepted: false`.
 */
export function answered(transaction: Transaction, nonce: Nonce, said: Said, now: Instant): Answered {
  const challenge = transaction.challenges.find((one) => one.nonce === nonce)
  if (challenge?.given?.digest === said.digest) return { transaction, reply: challenge.given.reply, failed: false }
  if (challenge === undefined || !isAnswerable(transaction, challenge, now))
    return { transaction, reply: { accepted: false }, failed: false }

  const verdict = judge(challenge, said)
  const given = { digest: said.digest, reply: verdict.reply }
  const after: Challenge = { ...challenge, ...verdict.change, answeredAt: now, given }
  const ends =
    verdict.change.state === 'accepted' || verdict.change.state === 'confirmed' || verdict.change.notMe === true
  return {
    transaction: {
      ...transaction,
      challenges: transaction.challenges.map((one) =>
        one.nonce === nonce ? after : ends && OPEN.has(one.state) ? { ...one, state: 'failed' } : one,
      ),
      steps: [...transaction.steps, { at: now, what: verdict.step, serial: challenge.serial }],
    },
    reply: verdict.reply,
    failed: verdict.change.state === 'failed',
  }
}

interface Verdict {
  readonly change: { readonly state: ChallengeState; readonly notMe?: true }
  readonly reply: Reply
  readonly step: string
}

function judge(challenge: Challenge, said: Said): Verdict {
  if (said.decline) {
    const reason: DeclineReason | undefined =
      said.reason === 'cancelled' || said.reason === 'unknown_trigger' ? said.reason : undefined
    const state = reason === 'cancelled' ? 'cancelled' : 'declined'
    const change = reason === 'unknown_trigger' ? ({ state, notMe: true } as const) : { state }
    return { change, reply: { accepted: true }, step: reason === 'unknown_trigger' ? 'not me' : state } as Verdict
  }
  if (challenge.mode === 'code_to_phone')
    return {
      change: { state: 'confirmed' },
      reply: { accepted: true, code: challenge.code ?? '', message: challenge.codeMessage ?? '' },
      step: 'confirmed',
    }
  // A wrong number ends the challenge: of three options, a second guess is a coin toss. See docs/divergences.md.
  if (challenge.mode === 'presence' && said.presence !== challenge.presence)
    return { change: { state: 'failed' }, reply: { accepted: false }, step: 'wrong number' }
  return { change: { state: 'accepted' }, reply: { accepted: true }, step: 'accepted' }
}

/** The login after one token's part was taken back (disabled, revoked, deleted, its key gone); unchanged if that part is over. */
export function withdrawn(
  transaction: Transaction,
  serial: Serial | undefined,
  why: string,
  now: Instant,
): Transaction {
  const hit = (one: Challenge): boolean =>
    (serial === undefined || one.serial === serial) && (OPEN.has(one.state) || one.state === 'accepted')
  if (transaction.finalizedAt !== undefined || !transaction.challenges.some(hit)) return transaction
  return {
    ...transaction,
    challenges: transaction.challenges.map((one) => (hit(one) ? { ...one, state: 'failed' } : one)),
    steps: [...transaction.steps, { at: now, what: why, ...(serial === undefined ? {} : { serial }) }],
  }
}

export type Claim =
  | { readonly kind: 'granted'; readonly serial: Serial }
  /** A wrong code: to be saved, and counted as a failed attempt of this phone. */
  | { readonly kind: 'wrong_code'; readonly serial: Serial; readonly transaction: Transaction }

/**
 * Whether the service may finalize now, and by which phone's word.
 * Refuses: `transaction_unknown` when it was finalized before, `not_accepted` while no phone has accepted (any more).
 */
export function claim(transaction: Transaction, entry: string, now: Instant): Outcome<Claim> {
  if (transaction.finalizedAt !== undefined) return refuse({ reason: 'transaction_unknown' })
  const live = transaction.challenges.filter((one) => isLive(transaction, one, now))
  const accepted = live.find(({ state }) => state === 'accepted')
  if (accepted !== undefined) return done({ kind: 'granted', serial: accepted.serial })
  const confirmed = live.find(({ state }) => state === 'confirmed')
  const no = refuse({ reason: 'not_accepted', serials: transaction.challenges.map(({ serial }) => serial) })
  if (confirmed === undefined || entry === '') return no
  if (entry === confirmed.code) return done({ kind: 'granted', serial: confirmed.serial })
  const wrongCodes = transaction.wrongCodes + 1
  const counted = {
    ...transaction,
    wrongCodes,
    steps: [...transaction.steps, { at: now, what: 'wrong code', serial: confirmed.serial }],
  }
  const after = wrongCodes < WRONG_CODES ? counted : withdrawn(counted, undefined, 'three wrong codes', now)
  return done({ kind: 'wrong_code', serial: confirmed.serial, transaction: after })
}

/** The login, used up. */
export const finalized = (transaction: Transaction, serial: Serial, now: Instant): Transaction => ({
  ...transaction,
  finalizedAt: now,
  steps: [...transaction.steps, { at: now, what: 'finalized', serial }],
})

/** Whether this caller is the one the login was opened for: its owner, or one of its tokens, and its key if a key opened it. */
export function belongsTo(
  transaction: Transaction,
  by: { readonly given?: Given; readonly owner?: Owner; readonly serial?: Serial; readonly keyHash?: string },
): boolean {
  if (transaction.keyHash !== undefined && transaction.keyHash !== by.keyHash) return false
  if (by.serial !== undefined && !transaction.challenges.some(({ serial }) => serial === by.serial)) return false
  if (by.given === undefined) return by.serial !== undefined
  const asGiven = transaction.given?.user === by.given.user && transaction.given.realm === by.given.realm
  const asMeant =
    transaction.owner !== undefined &&
    transaction.owner.login === by.owner?.login &&
    transaction.owner.realm === by.owner.realm
  return asGiven || asMeant
}
