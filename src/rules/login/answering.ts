/** Applies the answer of a phone to a login. The states are drawn in `transaction.ts`. */
import { encodeBase64 } from '../../bytes.ts'
import { present } from '../../present.ts'
import type { Bytes, DeclineReason, Instant, Nonce, Region } from '../../vocabulary.ts'
import type { RequestOrigin, StepEvent } from '../../vocabulary/login-steps.ts'
import type { SignedAnswer } from '../../vocabulary/receipts.ts'
import {
  type Challenge,
  type ChallengeState,
  isAnswerable,
  isOpen,
  type PhoneReply,
  type Transaction,
} from './transaction.ts'

/** The answer of a phone whose signature is valid. */
export interface VerifiedAnswer {
  readonly digest: string
  readonly decline: boolean
  readonly reason?: string
  readonly presence?: string
  /** Absent where nobody asks for a receipt. */
  readonly signature?: Bytes
  readonly origin?: RequestOrigin
  /** The region that it came from. */
  readonly from?: Region
}

interface AnswerResult {
  readonly transaction: Transaction
  readonly reply: PhoneReply
  /** Whether it counts as a failed attempt of the phone: a wrong number. */
  readonly isFailedAttempt: boolean
}

/** Applies a phone's answer. The same answer again gets the same reply and changes nothing; an answer to a challenge that
 *  is no longer open is not accepted and changes nothing. Never refuses. */
export function applyAnswer(
  transaction: Transaction,
  nonce: Nonce,
  answer: VerifiedAnswer,
  now: Instant,
): AnswerResult {
  const challenge = transaction.challenges.find((one) => one.nonce === nonce)
  if (challenge?.answer?.digest === answer.digest)
    return { transaction, reply: challenge.answer.reply, isFailedAttempt: false }
  if (challenge === undefined || !isAnswerable(transaction, challenge, now))
    return { transaction, reply: { accepted: false }, isFailedAttempt: false }

  const verdict = judge(challenge, answer)
  const stored = { digest: answer.digest, reply: verdict.reply, ...present({ signed: signedAnswer(answer) }) }
  const from = present({ answeredFrom: answer.from })
  const after: Challenge = { ...challenge, ...verdict.change, answeredAt: now, ...from, answer: stored }
  // A user who declines has decided as well: the login page must not wait for another phone. A wrong number decides nothing.
  const isDecided = verdict.change.state !== 'failed'
  return {
    transaction: {
      ...transaction,
      challenges: transaction.challenges.map((one) =>
        one.nonce === nonce ? after : isDecided && isOpen(one) ? { ...one, state: 'failed' } : one,
      ),
      steps: [...transaction.steps, { at: now, ...verdict.step, serial: challenge.serial, origin: answer.origin }],
    },
    reply: verdict.reply,
    isFailedAttempt: verdict.change.state === 'failed',
  }
}

function signedAnswer({ signature, decline, reason, presence }: VerifiedAnswer): SignedAnswer | undefined {
  if (signature === undefined) return undefined
  return { signature: encodeBase64(signature), decline, ...present({ reason, presence }) }
}

interface Verdict {
  readonly change: { readonly state: ChallengeState }
  readonly reply: PhoneReply
  readonly step: StepEvent
}

function judge(challenge: Challenge, answer: VerifiedAnswer): Verdict {
  if (answer.decline) {
    const reason: DeclineReason | undefined =
      answer.reason === 'cancelled' || answer.reason === 'unknown_trigger' ? answer.reason : undefined
    const state = reason === 'cancelled' ? 'cancelled' : 'declined'
    return { change: { state }, reply: { accepted: true }, step: { kind: 'declined', ...present({ reason }) } }
  }
  if (challenge.mode === 'code_to_phone')
    return {
      change: { state: 'confirmed' },
      reply: { accepted: true, code: challenge.code ?? '', message: challenge.codeMessage ?? '' },
      step: { kind: 'confirmed' },
    }
  // A wrong number ends the challenge: with three options, a second guess would be right every other time. See docs/divergences.md.
  if (challenge.mode === 'presence' && answer.presence !== challenge.presence)
    return { change: { state: 'failed' }, reply: { accepted: false }, step: { kind: 'wrong_number' } }
  return { change: { state: 'accepted' }, reply: { accepted: true }, step: { kind: 'accepted' } }
}
