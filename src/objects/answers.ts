import type { AnswerRequest } from '../ports/phone-object.ts'
import { parseApp } from '../protocol/phone/user-agent.ts'
import { decodeBase64, encodeBase64 } from '../bytes.ts'
import { verifySignature } from '../protocol/encoding/phone-keys.ts'
import type { Challenge, Transaction } from '../rules/login/transaction.ts'
import type { Bytes, Serial } from '../vocabulary.ts'
import type { App } from '../vocabulary/phones.ts'

/** What makes two answers the same: all that was said and the signature over it; not whether the nonce stood beside it. */
export async function answerDigest({ serial, signature, decline, reason, presence }: AnswerRequest): Promise<string> {
  const said = new TextEncoder().encode(JSON.stringify([serial, decline, reason ?? null, presence ?? null]))
  const all: Bytes = new Uint8Array(said.length + signature.length)
  all.set(said)
  all.set(signature, said.length)
  return encodeBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', all)))
}

/** Whether an answer is about this challenge: at its type's address, and by its nonce if it names one. */
export const matchesChallenge = (answer: AnswerRequest, { serial, type, nonce }: Challenge): boolean =>
  serial === answer.serial && type === answer.type && (answer.nonce === undefined || answer.nonce === nonce)

/** The app that this phone approved a login with. */
export function approvingApp({ steps }: Transaction, serial: Serial): App | undefined {
  const approval = steps.find(
    (step) => step.serial === serial && (step.kind === 'accepted' || step.kind === 'confirmed'),
  )
  return approval?.request && parseApp(approval.request.userAgent)
}

/** Whether this phone's key (SPKI, base64) signed exactly this text. */
export async function isSignedByPhone(phoneKey: string, text: string, signature: Bytes): Promise<boolean> {
  const spki = decodeBase64(phoneKey)
  return spki !== undefined && verifySignature(spki, text, signature)
}
