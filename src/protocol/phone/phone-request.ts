import * as z from 'zod/mini'
import { present } from '../../present.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Bytes, Serial, TokenType } from '../../vocabulary.ts'
import { decodeBase32 } from '../encoding/base32.ts'
import type { Dialect } from './dialect.ts'
import { dialectOf, DIALECTS } from './dialect.ts'
import { isSerial } from '../encoding/identifiers.ts'
import type { Parameters, RequestParser } from '../parameters.ts'
import {
  flag,
  isPresent,
  optional,
  requiredOrEmpty,
  parseParameters,
  parserOfVariants,
  required,
} from '../parameters.ts'

// What the phone may say. Only these fields are read: privacyIDEA applies whatever else is in a phone's body, `pin`
// included, to the token. Each is about a token of the type at whose
// address it came. Source: docs/protocol.md, "Registration", "Phone answer", "Phone poll", "Registration token update" and "eduMFA"; golden 03-enroll-step2.

/** The phone completes enrollment: it names its key and where it can be reached. */
export interface RegisterRequest {
  readonly kind: 'register'
  readonly type: TokenType
  readonly serial: Serial
  readonly credential: string
  /** Where FCM reaches the phone; `no_firebase_token` or empty for none. */
  readonly registrationToken: string
  /** As sent; `readPhoneKey` judges it. */
  readonly phoneKey: string
  /** Names of features the app knows; absent from an app that names none. */
  readonly capabilities?: readonly string[]
}

/** The phone says yes or no to a prompt. */
export interface PhoneAnswer {
  readonly kind: 'answer'
  readonly type: TokenType
  readonly serial: Serial
  /** Absent from an app that keeps the nonce to itself; never in the plain dialect. */
  readonly nonce?: string
  /** Empty if the phone sent an empty signature: no key verifies that. */
  readonly signature: Bytes
  readonly decline: boolean
  /** Only with a decline. */
  readonly reason?: string
  /** The option tapped; never together with a decline. */
  readonly presence?: string
}

/** The phone has a new registration token. */
export interface RefreshRequest {
  readonly kind: 'refresh'
  readonly type: TokenType
  readonly serial: Serial
  readonly registrationToken: string
  /** As sent, since it is signed as sent. */
  readonly timestamp: string
  readonly signature: Bytes
  /** Unsigned, so a hint at most. */
  readonly capabilities?: readonly string[]
}

/** The phone asks for its prompts. */
export interface PhonePoll {
  readonly serial: Serial
  /** As sent, since it is signed as sent. */
  readonly timestamp: string
  readonly signature: Bytes
  /** Unsigned, so a hint at most. */
  readonly capabilities?: readonly string[]
}

const serialField = () => required('The serial of the token this phone holds', 255)
const signatureField = (over: string) => required(`The phone's signature with SHA-256 over \`${over}\`, padded base32`)
const timestampField = () => required('The time at the phone, ISO 8601; without a zone it is UTC', 64)
/** No body is longer, so its length is never a reason to refuse: see `namesIn`. */
const ANY_LENGTH = 65_536
const capabilitiesField = () =>
  optional('JSON list of feature names the app knows, such as ["decline_reason"]', ANY_LENGTH)
const registrationTokenField = () => requiredOrEmpty('FCM registration token, or no_firebase_token', 4096)

const registerSchema = z.object({
  serial: serialField(),
  enrollment_credential: required('The credential of the enrollment URI, once', 255),
  fbtoken: registrationTokenField(),
  pubkey: requiredOrEmpty(
    'Public key, DER SubjectPublicKeyInfo in base64: RSA, or for eduMFA also on the curve P-256 or P-384',
    4096,
  ),
  capabilities: capabilitiesField(),
})

const answerSchema = z.object({
  serial: serialField(),
  nonce: optional('The nonce of the prompt that is answered', 128),
  signature: requiredOrEmpty(
    "The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: " +
      'RSASSA-PKCS1-v1_5, or ECDSA in DER',
  ),
  decline: flag('1 for no'),
  decline_reason: optional('Why no: unknown_trigger or cancelled', 64),
  presence_answer: optional('The option the user tapped'),
})

/** The plain dialect knows no reasons and no options: they are of no account in it. */
const plainAnswerSchema = z.extend(z.omit(answerSchema, { decline_reason: true, presence_answer: true }), {
  nonce: required('The nonce of the prompt that is answered', 128),
})

const refreshSchema = z.object({
  serial: serialField(),
  new_fb_token: registrationTokenField(),
  timestamp: timestampField(),
  signature: signatureField('new_fb_token|serial|timestamp'),
  capabilities: capabilitiesField(),
})

const phonePollSchema = z.object({
  serial: serialField(),
  timestamp: timestampField(),
  signature: signatureField('serial|timestamp'),
  capabilities: capabilitiesField(),
})

/** What the phone posted, by the fields that are there.
 *  Refuses: `parameter_missing` (serial, credential), `parameters_missing` where no shape fits, and per shape as
 *  privacyIDEA words it, except that an answer's unreadable signature is `parameter_invalid`, not a fault of ours. */
export const phonePostParser = (dialect: Dialect): RequestParser<RegisterRequest | PhoneAnswer | RefreshRequest> =>
  parserOfVariants(postSchemas(dialect), (params) => posted(dialect, params))

const postSchemas = ({ isBasic: plain }: Dialect) => ({
  register: registerSchema,
  ...(plain ? { plainAnswer: plainAnswerSchema } : { answer: answerSchema }),
  refresh: refreshSchema,
})

function posted(dialect: Dialect, params: Parameters): Outcome<RegisterRequest | PhoneAnswer | RefreshRequest> {
  const has = (name: string) => isPresent(params[name])
  if (!has('serial') || params['serial'] === '') return refuse({ reason: 'parameter_missing', name: 'serial' })
  if (has('fbtoken') && has('pubkey')) return register(dialect, params)
  if (has('new_fb_token')) {
    return has('timestamp') && has('signature') ? refresh(dialect, params) : refuse({ reason: 'parameters_missing' })
  }
  return has('signature') ? answer(dialect, params) : refuse({ reason: 'parameters_missing' })
}

/** The phone's question for its prompts.
 *  Refuses: what is missing by name; a serial or signature that cannot be one like a signature that does not verify,
 *  so that a stranger learns nothing. Source: docs/protocol.md, "Phone poll". */
export const parsePhonePoll = parserOfVariants({ poll: phonePollSchema }, (params): Outcome<PhonePoll> => {
  const fields = parseParameters(phonePollSchema, params)
  if (!fields.ok) return refuse(asUnverified(fields.refusal))
  const { serial, timestamp } = fields.value
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined || !isSerial(serial)) return refuse({ reason: 'signature_invalid' })
  return done(present({ serial, timestamp, signature, capabilities: namesIn(fields.value.capabilities) }))
})

const typeSchema = z.object({ type: required('push or edupush, in any case', 64) })
const withType = (schemas: RequestParser<unknown>['schemas']) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, z.extend(schema, typeSchema.shape)]))

/** The same where the address says of which type the token is. */
export const parsePollOfAnyType = parserOfVariants(withType(parsePhonePoll.schemas), parsePhonePoll)

/** What a phone posted to an address that says of which type its token is. Refuses: as `phonePosts`; what is no type. */
export const parsePostOfAnyType = parserOfVariants(
  withType({ ...postSchemas(DIALECTS.push), ...postSchemas(DIALECTS.edupush) }),
  (params): Outcome<RegisterRequest | PhoneAnswer | RefreshRequest> => {
    const fields = parseParameters(typeSchema, params)
    if (!fields.ok) return fields
    const { type } = fields.value
    const dialect = dialectOf(type)
    return dialect === undefined ? refuse({ reason: 'endpoint_type_unknown', type }) : posted(dialect, params)
  },
)

function register({ type }: Dialect, params: Parameters): Outcome<RegisterRequest> {
  const fields = parseParameters(registerSchema, params)
  if (!fields.ok) return fields
  const { serial, enrollment_credential, fbtoken, pubkey } = fields.value
  if (!isSerial(serial)) return refuse({ reason: 'not_in_clientwait' })
  const capabilities = namesIn(fields.value.capabilities)
  return done({
    kind: 'register',
    type,
    serial,
    credential: enrollment_credential,
    registrationToken: fbtoken,
    phoneKey: pubkey,
    ...present({ capabilities }),
  })
}

function refresh({ type }: Dialect, params: Parameters): Outcome<RefreshRequest> {
  const fields = parseParameters(refreshSchema, params)
  if (!fields.ok) return refuse(asUnverified(fields.refusal))
  const { serial, new_fb_token, timestamp } = fields.value
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined || !isSerial(serial)) return refuse({ reason: 'signature_invalid' })
  const capabilities = namesIn(fields.value.capabilities)
  return done({
    kind: 'refresh',
    type,
    serial,
    registrationToken: new_fb_token,
    timestamp,
    signature,
    ...present({ capabilities }),
  })
}

type Said = z.output<typeof answerSchema>

function answer({ type, isBasic: plain }: Dialect, params: Parameters): Outcome<PhoneAnswer> {
  const fields: Outcome<Partial<Said> & Pick<Said, 'serial' | 'signature' | 'decline'>> = plain
    ? parseParameters(plainAnswerSchema, params)
    : parseParameters(answerSchema, params)
  if (!fields.ok) return fields
  const { serial, nonce, decline, decline_reason, presence_answer: presence } = fields.value
  if (!isSerial(serial)) return refuse({ reason: 'token_unknown' })
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined) {
    return refuse({ reason: 'parameter_invalid', name: 'signature', why: 'expected padded base32' })
  }
  // `nonce|serial|decline` is what a phone signs to decline, and what it would sign to accept the option "decline":
  // where both fields are there, or that option is, the signature does not tell which one was meant. No app sends both,
  // and no policy has such an option.
  if (presence !== undefined && (decline || /^decline(?:\||$)/.test(presence)))
    return refuse({ reason: 'answer_unacceptable' })
  const reason = decline ? decline_reason : undefined
  return done({ kind: 'answer', type, serial, signature, decline, ...present({ nonce, reason, presence }) })
}

/** An overlong signature or serial reads like one that does not verify. */
const asUnverified = (refusal: Refusal): Refusal =>
  refusal.reason === 'parameter_invalid' && (refusal.name === 'signature' || refusal.name === 'serial')
    ? { reason: 'signature_invalid' }
    : refusal

const featureNames = z.array(z.string().check(z.maxLength(64))).check(z.maxLength(32))

/** The feature names in a phone's `capabilities`; undefined if it is no list of names. Never a reason to refuse. */
function namesIn(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  try {
    return featureNames.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
