import type { AnswerRequest } from '../ports/phone-object.ts'
import { parseApp } from '../protocol/phone/user-agent.ts'
import { encodeBase64, utf8 } from '../bytes.ts'
import { verifySignature } from '../protocol/encoding/phone-keys.ts'
import type { Challenge, Transaction } from '../rules/login/transaction.ts'
import type { Bytes, Serial } from '../vocabulary.ts'
import type { App } from '../vocabulary/phones.ts'

/** Digests an answer: two answers with the same digest are the same answer. The nonce is left out, because one app sends it and
 *  another does not. */
export async function answerDigest({ serial, signature, decline, reason, presence }: AnswerRequest): Promise<string> {
  const text = utf8(JSON.stringify([serial, decline, reason ?? null, presence ?? null]))
  const all: Bytes = new Uint8Array(text.length + signature.length)
  all.set(text)
  all.set(signature, text.length)
  return encodeBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', all)))
}

/** Whether an answer is to this challenge: the same token, of the type whose endpoint it came to, and the same nonce if it has one. */
export const matchesChallenge = (answer: AnswerRequest, { serial, type, nonce }: Challenge): boolean =>
  serial === answer.serial && type === answer.type && (answer.nonce === undefined || answer.nonce === nonce)

/** Returns the app that this phone approved the login with. */
export function approvingApp({ steps }: Transaction, serial: Serial): App | undefined {
  const approval = steps.find(
    (step) => step.serial === serial && (step.kind === 'accepted' || step.kind === 'confirmed'),
  )
  return approval?.origin && parseApp(approval.origin.userAgent)
}

/** Verifies that this phone's key (SPKI, base64) signed exactly this text. */
export const isSignedByPhone = verifySignature
