import * as z from 'zod/mini'
import { flag, optional, required, requiredOrEmpty } from '../parameters.ts'

// The fields of a phone's requests, as the app names them.

const serialField = () => required('The serial of the token this phone holds', 255)
const signatureField = (signedText: string) =>
  required(`The phone's signature with SHA-256 over \`${signedText}\`, padded base32`)
const timestampField = () => required('The time at the phone, ISO 8601; without a zone it is UTC', 64)
/** Longer than any body, so that the length is never a reason to refuse: `parseFeatureNames` ignores unreadable lists. */
const ANY_LENGTH = 65_536
const capabilitiesField = () =>
  optional('JSON list of feature names the app knows, such as ["decline_reason"]', ANY_LENGTH)
const registrationTokenField = () => requiredOrEmpty('FCM registration token, or no_firebase_token', 4096)

export const registerSchema = z.object({
  serial: serialField(),
  enrollment_credential: required('The credential of the enrollment URI, once', 255),
  fbtoken: registrationTokenField(),
  pubkey: requiredOrEmpty(
    'Public key, DER SubjectPublicKeyInfo in base64: RSA, or for eduMFA also on the curve P-256 or P-384',
    4096,
  ),
  capabilities: capabilitiesField(),
})

export const answerSchema = z.object({
  serial: serialField(),
  nonce: optional('The nonce of the prompt that is answered', 128),
  signature: requiredOrEmpty(
    "The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: " +
      'RSASSA-PKCS1-v1_5, or ECDSA in DER',
  ),
  decline: flag('1 to decline'),
  decline_reason: optional('Why the user declines: unknown_trigger or cancelled', 64),
  presence_answer: optional('The option the user tapped'),
})

/** The basic dialect has no reasons and no options; it ignores both fields. */
export const basicAnswerSchema = z.extend(z.omit(answerSchema, { decline_reason: true, presence_answer: true }), {
  nonce: required('The nonce of the prompt that is answered', 128),
})

export const refreshSchema = z.object({
  serial: serialField(),
  new_fb_token: registrationTokenField(),
  timestamp: timestampField(),
  signature: signatureField('new_fb_token|serial|timestamp'),
  capabilities: capabilitiesField(),
})

export const phonePollSchema = z.object({
  serial: serialField(),
  timestamp: timestampField(),
  signature: signatureField('serial|timestamp'),
  capabilities: capabilitiesField(),
})

export const typeSchema = z.object({ type: required('push or edupush, in any case', 64) })
