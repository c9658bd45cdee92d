import * as z from 'zod/mini'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant, Serial, TokenType } from '../../vocabulary.ts'
import { TOKEN_TYPES } from '../../vocabulary.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { flag, isPresent, nameList, optional, optionalOrEmpty, parserOf } from '../parameters.ts'
import { clipDescription, parsePeriodBound } from './token-fields.ts'

/** A request to enroll a token. Source: docs/protocol.md, "Token init". */
export interface EnrollmentRequest {
  readonly type: TokenType
  /** The existing token to enroll again, or the serial of a new one. */
  readonly serial?: Serial
  /** As sent; `splitUser` separates login and realm. */
  readonly user?: string
  readonly realm?: string
  readonly pin?: string
  readonly description: string
  /** Further realms that list the token. */
  readonly tokenRealms: readonly string[]
  /** Texts of the enrollment URI, unless a policy sets them. */
  readonly tokenLabel?: string
  readonly tokenIssuer?: string
  readonly image?: string
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  /** A token whose QR code is still open may be enrolled again. */
  readonly rollover: boolean
}

const initSchema = z.object({
  type: optional('Must be push, or edupush for the app of eduMFA; in any case', 64),
  genkey: optionalOrEmpty('Must be there; its value does not matter', 64),
  user: optional('Owner: a login name, alone or as user@realm or realm\\user', 320),
  realm: optional('Realm of the owner', 255),
  serial: optional('Serial; without it one is drawn. An enrolled token of that serial starts anew', 255),
  pin: optionalOrEmpty('PIN, the first factor of a login', 1024),
  description: optional('Shown in lists, cut after 80 characters'),
  tokenrealm: nameList('Further realms, separated by commas or as a list'),
  tokenlabel: optional('Label in the app, where no policy sets one', 500),
  tokenissuer: optional('Issuer in the app, where no policy sets one', 500),
  appimageurl: optional('Image in the app, where no policy sets one', 500),
  validity_period_start: optional('ISO 8601 with offset', 64),
  validity_period_end: optional('ISO 8601 with offset', 64),
  rollover: flag('Needed to start anew while the QR code is still out'),
})

/** Parses `POST /token/init`.
 *  Refuses: `serial_malformed`, `token_type_unknown` (a missing type is privacyIDEA's hotp), `genkey_missing`,
 *  `period_unparsable`, `parameter_invalid`. Source: docs/protocol.md, "Token init", golden 02-enroll-step1. */
export const parseEnrollmentRequest = parserOf(initSchema, (fields): Outcome<EnrollmentRequest> => {
  const { type: typeName = 'hotp', genkey, serial, realm, pin, rollover } = fields
  if (serial !== undefined && !isSerial(serial)) return refuse({ reason: 'serial_malformed' })
  const type = TOKEN_TYPES.find((one) => one === typeName.toLowerCase())
  if (type === undefined) return refuse({ reason: 'token_type_unknown', type: typeName, serial })
  if (!isPresent(genkey)) return refuse({ reason: 'genkey_missing' })
  const trimmed = fields.user?.trim()
  const user = trimmed === '' ? undefined : trimmed
  const validFrom = parsePeriodBound('start', fields.validity_period_start)
  if (!validFrom.ok) return validFrom
  const validUntil = parsePeriodBound('end', fields.validity_period_end)
  if (!validUntil.ok) return validUntil
  const { tokenlabel: tokenLabel, tokenissuer: tokenIssuer, appimageurl: image } = fields
  return done({
    type,
    description: clipDescription(fields.description ?? ''),
    tokenRealms: (fields.tokenrealm ?? []).map((name) => name.toLowerCase()),
    rollover,
    serial,
    user,
    realm,
    pin,
    tokenLabel,
    tokenIssuer,
    image,
    validFrom: validFrom.value,
    validUntil: validUntil.value,
  })
})
