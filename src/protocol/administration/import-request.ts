/** Requests that import tokens from another server. Source: docs/protocol.md, "Imports". */
import * as z from 'zod/mini'
import { decodeBase64 } from '../../bytes.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Bytes, instant, type Instant, type Serial } from '../../vocabulary.ts'
import { IMPORT_SOURCES, type ImportMark } from '../../vocabulary/imports.ts'
import { withDescription, flag, nameList, parserOf, required } from '../parameters.ts'

/** Tokens in one request: those to compare, and those to import or to try. */
const MAX_MARKS = 500
const MAX_TOKENS = 100
/** As many entries of a token's info, and of what length, as `POST /token/info` takes. */
const INFO_ENTRIES = 32
const INFO_LENGTH = 255
/** What PBKDF2 is computed with here at most. */
const MAX_ROUNDS = 100_000

const described = <Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema =>
  withDescription(description, schema)
const text = (description: string, most = 255) => described(z.string().check(z.maxLength(most)), description)
const maybe = <Schema extends z.ZodMiniType>(schema: Schema) => z.nullish(schema)
const count = (description: string) => described(z.int().check(z.minimum(0)), description)
const instantOf = (description: string) =>
  described(z.int().check(z.minimum(0)), `${description}, in milliseconds since 1970`)

const serialShape = described(z.string().check(z.regex(/^[0-9A-Za-z_-]{1,40}$/)), 'Serial')
const digest = described(z.string().check(z.regex(/^[0-9a-f]{64}$/)), 'SHA-256 of what is imported')

const markSchema = z.object({
  tokens: described(
    z.array(z.object({ serial: serialShape, digest })).check(z.maxLength(MAX_MARKS)),
    `At most ${MAX_MARKS} tokens`,
  ),
})

/** Parses which tokens to compare. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseImportMarks = parserOf(markSchema, ({ tokens }): Outcome<readonly ImportMark[]> =>
  done(tokens.map((one) => ({ serial: one.serial as Serial, digest: one.digest }))),
)

const hashSchema = z.object({
  digest: described(z.enum(['SHA-256', 'SHA-512']), 'What PBKDF2 was computed with'),
  rounds: described(z.int().check(z.minimum(1), z.maximum(MAX_ROUNDS)), `How many rounds, at most ${MAX_ROUNDS}`),
  salt: text('Base64'),
  hash: text('Base64'),
})

const tokenSchema = z.object({
  serial: serialShape,
  digest,
  type: described(z.enum(['push', 'edupush']), 'The app it is for'),
  user: maybe(
    described(
      z.object({
        login: text('Login name', 255),
        realm: text('Realm, which exists'),
        given_name: maybe(text('Given name')),
        surname: maybe(text('Surname')),
        email: maybe(text('Mail address')),
        user_id: maybe(text('Their id there', 320)),
        resolver: maybe(text('Their resolver there')),
      }),
      'The owner',
    ),
  ),
  description: maybe(text('Description', 1000)),
  state: described(z.enum(['clientwait', 'enrolled']), 'Whether a phone has registered'),
  active: described(z.boolean(), 'False: disabled'),
  revoked: described(z.boolean(), 'Revoked for good'),
  firebase: text('A Firebase configuration here, or `poll only`'),
  registration_url: text('Where its phone registered', 1000),
  registration_token: maybe(text('FCM’s address of the phone', 4096)),
  phone_key: maybe(text('Key of its phone: SPKI, base64', 2000)),
  private_key: maybe(text('Its signing key: PKCS#8, base64', 6000)),
  pin: maybe(
    described(
      z.union([hashSchema, z.enum(['upstream', 'unset'])]),
      'Its PIN by PBKDF2; or `upstream`: only the other server knows it, `unset`: needs one; null: none',
    ),
  ),
  polling_allowed: maybe(described(z.boolean(), 'null: policy decides')),
  attempts: count('Wrong PINs in a row'),
  max_attempts: described(z.int().check(z.minimum(1)), 'How many of them lock it'),
  failures: count('All failed attempts'),
  successes: count('All successful logins'),
  max_uses: maybe(described(z.int().check(z.minimum(1)), 'How often it may be used')),
  max_successes: maybe(described(z.int().check(z.minimum(1)), 'How often with success')),
  last_use: maybe(instantOf('When it was last used')),
  valid_from: maybe(instantOf('The begin of its validity')),
  valid_until: maybe(instantOf('The end of its validity')),
  created_at: instantOf('When it was made'),
  credential: maybe(text('The secret in the QR code')),
  credential_expires: maybe(instantOf('When that ends')),
  realms: described(z.array(z.string()).check(z.maxLength(100)), 'Further realms that list it'),
  info: described(
    z
      .record(z.string().check(z.maxLength(INFO_LENGTH)), z.string().check(z.maxLength(INFO_LENGTH)))
      .check(z.refine((info) => Object.keys(info).length <= INFO_ENTRIES, `more than ${INFO_ENTRIES} entries`)),
    'Entries of its info',
  ),
  kept: described(z.record(z.string(), z.string()), 'What else the other server says of it'),
})

const importSchema = z.object({
  source: required(`The other server: ${IMPORT_SOURCES.join(' or ')}`),
  skip: flag('Whether tokens at fault are left out; else nothing is stored'),
  tokens: described(z.array(tokenSchema).check(z.maxLength(MAX_TOKENS)), `At most ${MAX_TOKENS} tokens`),
})

type SentToken = z.output<typeof tokenSchema>

/** Parses tokens to import. What is wrong with one is named with its place in the list.
 *  Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseImport = Object.assign(
  (parameters: Parameters<typeof parser>[0]): ReturnType<typeof parser> => {
    const parsed = parser(parameters)
    const fault = parsed.ok ? undefined : importSchema.safeParse(parameters).error?.issues[0]
    if (fault === undefined || fault.path.length < 2) return parsed
    const [, index, ...path] = fault.path
    const named = (parameters['tokens'] as readonly { serial?: unknown }[])[Number(index)]?.serial
    return refuse({
      reason: 'parameter_invalid',
      name: `tokens[${String(index)}].${path.map(String).join('.')}`,
      why: `${fault.message}${typeof named === 'string' ? ` (${named.slice(0, 40)})` : ''}`,
    })
  },
  { schemas: { request: importSchema } },
)

const parser = parserOf(importSchema, ({ source: name, skip, tokens }) => {
  const source = IMPORT_SOURCES.find((one) => one === name)
  if (source === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'source', why: `expected ${IMPORT_SOURCES.join(' or ')}` })
  return done({ source, skip, tokens: tokens.map((token) => tokenOf(token)) })
})

/** A token as it was sent, before its keys and its realm are checked. */
export type SubmittedToken = ReturnType<typeof tokenOf>

const at = (time: number | null | undefined): Instant | undefined =>
  time === null || time === undefined ? undefined : instant(time)
const value = <T>(sent: T | null | undefined): T | undefined => sent ?? undefined

/** The bytes; empty ones for text that is no base64, which are no key and no salt. */
const bytes = (base64: string): Bytes => decodeBase64(base64) ?? new Uint8Array()

const tokenOf = (sent: SentToken) =>
  ({
    serial: sent.serial as Serial,
    digest: sent.digest,
    type: sent.type,
    state: sent.state,
    active: sent.active,
    revoked: sent.revoked,
    firebase: sent.firebase,
    registrationUrl: sent.registration_url,
    description: sent.description ?? '',
    attempts: sent.attempts,
    maxAttempts: sent.max_attempts,
    failures: sent.failures,
    successes: sent.successes,
    createdAt: instant(sent.created_at),
    realms: sent.realms,
    info: sent.info,
    kept: sent.kept,
    sentPhoneKey: value(sent.phone_key),
    sentPrivateKey: sent.private_key === null || sent.private_key === undefined ? undefined : bytes(sent.private_key),
    sentPin:
      sent.pin === null || sent.pin === undefined || typeof sent.pin === 'string'
        ? value(sent.pin)
        : { ...sent.pin, salt: bytes(sent.pin.salt), hash: bytes(sent.pin.hash) },
    sentCredential: value(sent.credential),
    ...(sent.user === null || sent.user === undefined
      ? {}
      : {
          owner: {
            login: sent.user.login,
            realm: sent.user.realm.toLowerCase(),
            givenName: sent.user.given_name ?? '',
            surname: sent.user.surname ?? '',
            email: sent.user.email ?? '',
          },
        }),
    ...present({
      userId: value(sent.user?.user_id),
      resolver: value(sent.user?.resolver),
      registrationToken: value(sent.registration_token),
      pollingAllowed: value(sent.polling_allowed),
      maxUses: value(sent.max_uses),
      maxSuccesses: value(sent.max_successes),
      lastUse: at(sent.last_use),
      validFrom: at(sent.valid_from),
      validUntil: at(sent.valid_until),
      credentialExpires: at(sent.credential_expires),
    }),
  }) as const

const trialSchema = z.object({
  tokens: nameList(`Serials of imported tokens; at most ${MAX_TOKENS}`, 8000),
  challenge: required('32 hexadecimal digits to sign', 32),
})

/** Parses which keys to try. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseImportTrial = parserOf(trialSchema, ({ tokens: serials = [], challenge }) => {
  if (!/^[0-9a-f]{32}$/.test(challenge))
    return refuse({ reason: 'parameter_invalid', name: 'challenge', why: 'expected 32 hexadecimal digits' })
  if (serials.length > MAX_TOKENS)
    return refuse({ reason: 'parameter_invalid', name: 'tokens', why: `expected at most ${MAX_TOKENS}` })
  return done({ serials: serials.map((one) => one as Serial), challenge })
})

/** What the key of an imported token signs when it is tried. It can be taken for nothing that a phone acts on: those begin with a nonce. */
export const trialText = (serial: Serial, challenge: string): string => `imported key|${serial}|${challenge}`
