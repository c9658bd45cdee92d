/** What proves a phone's answer to a login. Source: docs/receipts.md. */
import { present } from '../../present.ts'
import type { Instant } from '../../vocabulary.ts'
import type { AnswerEvidence, LoginEvidence, NoReceipt, ReceiptStatus } from '../../vocabulary/receipts.ts'
import { type Challenge, isLive, loginStatus, type Transaction } from './transaction.ts'

/** Returns the evidence of the answer that decided the login; if none did, of a wrong number. */
export function loginEvidence(transaction: Transaction, now: Instant): LoginEvidence {
  const { owner, service } = transaction
  return { ...present({ owner, service }), evidence: evidenceOf(transaction, now) }
}

function evidenceOf(transaction: Transaction, now: Instant): AnswerEvidence | NoReceipt {
  if (transaction.enrollment !== undefined) return 'enrollment'
  if (transaction.notice !== undefined) return 'notice'
  const answered = transaction.challenges.filter(({ answer }) => answer !== undefined)
  const challenge =
    answered.find(({ state }) => state !== 'failed') ?? answered.find((one) => !hasWrongNumber(one)) ?? answered[0]
  if (challenge === undefined) return 'undecided'
  // Another phone may still tap the right number, and the context tells it.
  if (challenge.state === 'failed' && loginStatus(transaction, now) === 'pending') return 'undecided'
  const { answer, answeredAt, signingKey, context, salt, prompt, phoneKey } = challenge
  if (answer?.signed === undefined || answeredAt === undefined || signingKey === undefined) return 'not_kept'
  const status = receiptStatus(transaction, challenge, now)
  return {
    context,
    salt,
    prompt,
    phoneKey,
    signingKey,
    answeredAt,
    status,
    answer: answer.signed,
    ...(status === 'finalized' ? present({ finalizedAt: transaction.finalizedAt }) : {}),
  }
}

function receiptStatus(transaction: Transaction, challenge: Challenge, now: Instant): ReceiptStatus {
  const { state } = challenge
  if (state === 'declined' || state === 'cancelled') return 'declined'
  if (state === 'accepted' || state === 'confirmed') {
    if (transaction.finalizedAt !== undefined) return 'finalized'
    return isLive(transaction, challenge, now) ? state : 'expired'
  }
  return hasWrongNumber(challenge) ? 'wrong_number' : 'withdrawn'
}

const hasWrongNumber = ({ mode, presence, answer }: Challenge): boolean =>
  mode === 'presence' && answer?.signed?.decline === false && answer.signed.presence !== presence
