import * as z from 'zod/mini'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import type { Bytes, Serial, TokenType } from '../../vocabulary.ts'
import { decodeBase32 } from '../encoding/base32.ts'
import { type Dialect, dialectOf, DIALECTS } from './dialect.ts'
import {
  answerSchema,
  phonePollSchema,
  basicAnswerSchema,
  refreshSchema,
  registerSchema,
  typeSchema,
} from './phone-fields.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { isPresent, type Parameters, parseParameters, parserOfVariants, type RequestParser } from '../parameters.ts'

// The requests of a phone. Only the fields here are read; privacyIDEA applies every other field of a phone's body,
// `pin` included, to the token. The path gives the token type.
// Source: docs/protocol.md, "Registration", "Phone answer", "Phone poll", "Registration token update" and "eduMFA";
// golden 03-enroll-step2.

/** The phone completes enrollment with its key and registration token. */
export interface RegisterRequest {
  readonly kind: 'register'
  readonly type: TokenType
  readonly serial: Serial
  readonly credential: string
  /** FCM's address of the phone; `no_firebase_token` or empty if it has none. */
  readonly registrationToken: string
  /** As sent; `parsePhoneKey` checks it. */
  readonly phoneKey: string
  /** Names of the features that the app knows; undefined if it sent none. */
  readonly capabilities?: readonly string[]
}

/** The phone accepts or declines a prompt. */
export interface PhoneAnswer {
  readonly kind: 'answer'
  readonly type: TokenType
  readonly serial: Serial
  /** Undefined if the app does not send the nonce, which only the extended dialect allows. */
  readonly nonce?: string
  /** Empty if the phone sent an empty signature, which no key verifies. */
  readonly signature: Bytes
  readonly decline: boolean
  /** The reason for a decline. */
  readonly reason?: string
  /** The option that the user tapped. Never together with a decline. */
  readonly presence?: string
}

/** The phone replaces its registration token. */
export interface RefreshRequest {
  readonly kind: 'refresh'
  readonly type: TokenType
  readonly serial: Serial
  readonly registrationToken: string
  /** As sent, because the signature covers the text. */
  readonly timestamp: string
  readonly signature: Bytes
  /** Not signed, so no more than a hint. */
  readonly capabilities?: readonly string[]
}

/** The phone lists its prompts. */
export interface PhonePoll {
  readonly serial: Serial
  /** As sent, since it is signed as sent. */
  readonly timestamp: string
  readonly signature: Bytes
  /** Unsigned, so a hint at most. */
  readonly capabilities?: readonly string[]
}

/** Makes the parser of what a phone posts at this dialect's path. The fields that are present decide between
 *  registration, refresh and answer.
 *  Refuses: `parameter_missing` without serial or credential, `parameters_missing` if no request matches,
 *  `parameter_invalid`, `answer_unacceptable`, `not_in_clientwait`, `token_unknown`, `signature_invalid`. */
export const phonePostParser = (dialect: Dialect): RequestParser<RegisterRequest | PhoneAnswer | RefreshRequest> =>
  parserOfVariants(postSchemas(dialect), (params) => parsePost(dialect, params))

const postSchemas = ({ isBasic: plain }: Dialect) => ({
  register: registerSchema,
  ...(plain ? { plainAnswer: basicAnswerSchema } : { answer: answerSchema }),
  refresh: refreshSchema,
})

function parsePost(dialect: Dialect, params: Parameters): Outcome<RegisterRequest | PhoneAnswer | RefreshRequest> {
  const isSent = (name: string) => isPresent(params[name])
  if (!isSent('serial') || params['serial'] === '') return refuse({ reason: 'parameter_missing', name: 'serial' })
  if (isSent('fbtoken') && isSent('pubkey')) return parseRegister(dialect, params)
  if (isSent('new_fb_token')) {
    return isSent('timestamp') && isSent('signature')
      ? parseRefresh(dialect, params)
      : refuse({ reason: 'parameters_missing' })
  }
  return isSent('signature') ? parseAnswer(dialect, params) : refuse({ reason: 'parameters_missing' })
}

/** Parses a phone poll.
 *  Refuses: `parameter_missing`; `signature_invalid` also for a malformed serial or signature, so that a stranger
 *  learns nothing. Source: docs/protocol.md, "Phone poll". */
export const parsePhonePoll = parserOfVariants({ poll: phonePollSchema }, (params): Outcome<PhonePoll> => {
  const fields = parseParameters(phonePollSchema, params)
  if (!fields.ok) return refuse(asUnverified(fields.refusal))
  const { serial, timestamp } = fields.value
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined || !isSerial(serial)) return refuse({ reason: 'signature_invalid' })
  return done({ serial, timestamp, signature, capabilities: parseFeatureNames(fields.value.capabilities) })
})

const withType = (schemas: RequestParser<unknown>['schemas']) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, z.extend(schema, typeSchema.shape)]))

/** The parser of a phone poll whose path has the token type. */
export const parsePollOfAnyType = parserOfVariants(withType(parsePhonePoll.schemas), parsePhonePoll)

/** The parser of what a phone posts at a path with the token type. Refuses: as `phonePostParser`;
 *  `endpoint_type_unknown`. */
export const parsePostOfAnyType = parserOfVariants(
  withType({ ...postSchemas(DIALECTS.push), ...postSchemas(DIALECTS.edupush) }),
  (params): Outcome<RegisterRequest | PhoneAnswer | RefreshRequest> => {
    const fields = parseParameters(typeSchema, params)
    if (!fields.ok) return fields
    const { type } = fields.value
    const dialect = dialectOf(type)
    return dialect === undefined ? refuse({ reason: 'endpoint_type_unknown', type }) : parsePost(dialect, params)
  },
)

function parseRegister({ type }: Dialect, params: Parameters): Outcome<RegisterRequest> {
  const fields = parseParameters(registerSchema, params)
  if (!fields.ok) return fields
  const { serial, enrollment_credential, fbtoken, pubkey } = fields.value
  if (!isSerial(serial)) return refuse({ reason: 'not_in_clientwait' })
  const capabilities = parseFeatureNames(fields.value.capabilities)
  return done({
    kind: 'register',
    type,
    serial,
    credential: enrollment_credential,
    registrationToken: fbtoken,
    phoneKey: pubkey,
    capabilities,
  })
}

function parseRefresh({ type }: Dialect, params: Parameters): Outcome<RefreshRequest> {
  const fields = parseParameters(refreshSchema, params)
  if (!fields.ok) return refuse(asUnverified(fields.refusal))
  const { serial, new_fb_token, timestamp } = fields.value
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined || !isSerial(serial)) return refuse({ reason: 'signature_invalid' })
  const capabilities = parseFeatureNames(fields.value.capabilities)
  return done({
    kind: 'refresh',
    type,
    serial,
    registrationToken: new_fb_token,
    timestamp,
    signature,
    capabilities,
  })
}

type AnswerFields = z.output<typeof answerSchema>

function parseAnswer({ type, isBasic: plain }: Dialect, params: Parameters): Outcome<PhoneAnswer> {
  const fields: Outcome<Partial<AnswerFields> & Pick<AnswerFields, 'serial' | 'signature' | 'decline'>> = plain
    ? parseParameters(basicAnswerSchema, params)
    : parseParameters(answerSchema, params)
  if (!fields.ok) return fields
  const { serial, nonce, decline, decline_reason, presence_answer: presence } = fields.value
  if (!isSerial(serial)) return refuse({ reason: 'token_unknown' })
  const signature = decodeBase32(fields.value.signature)
  if (signature === undefined) {
    return refuse({ reason: 'parameter_invalid', name: 'signature', why: 'expected padded base32' })
  }
  // A phone signs `nonce|serial|decline` to decline, and would sign the same text to accept the option "decline". With
  // both fields, or with that option, the signature does not tell which one is meant. No app sends both, and no policy
  // has that option.
  if (presence !== undefined && (decline || /^decline(?:\||$)/.test(presence)))
    return refuse({ reason: 'answer_unacceptable' })
  const reason = decline ? decline_reason : undefined
  return done({ kind: 'answer', type, serial, signature, decline, nonce, reason, presence })
}

/** Reports an overlong signature or serial like a signature that does not verify. */
const asUnverified = (refusal: Refusal): Refusal =>
  refusal.reason === 'parameter_invalid' && (refusal.name === 'signature' || refusal.name === 'serial')
    ? { reason: 'signature_invalid' }
    : refusal

const featureNames = z.array(z.string().check(z.maxLength(64))).check(z.maxLength(32))

/** Parses the feature names in `capabilities`; undefined if it is not a list of names. Never a reason to refuse. */
function parseFeatureNames(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  try {
    return featureNames.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
