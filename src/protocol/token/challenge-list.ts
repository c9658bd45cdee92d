import * as z from 'zod/mini'
import { present } from '../../present.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant, Mode, Serial } from '../../vocabulary.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { optional, optionalOrEmpty, parserOf } from '../parameters.ts'
import { object, oneOf, string, boolean } from '../shape.ts'
import { parsePage } from '../page.ts'

const listSchema = z.object({
  serial: optional('Serial of one token', 255),
  user: optionalOrEmpty('Owner, in place of a serial: all challenges of their tokens, on one page', 320),
  realm: optional('Realm of the owner', 255),
  transaction_id: optional('Of one login; `*` stands for anything', 64),
  sortby: optional('timestamp', 32),
  sortdir: optional('asc, unless it says desc', 8),
  page: optional('Page, from 1', 16),
  pagesize: optional('Challenges per page, 15 unless said, at most 500', 16),
})

export interface ChallengeListRequest {
  readonly serial?: Serial
  readonly user?: string
  readonly realm?: string
  readonly transactionId?: string
  readonly descending: boolean
  readonly page: number
  readonly pageSize: number
}

/** Which challenges an administrator wants to see. Refuses: `parameter_missing`, `parameter_invalid`; `token_unknown` for
 *  what no token is called. Source: docs/protocol.md, "Challenge list", golden 18-challenges. */
export const parseChallengeList = parserOf(listSchema, (fields): Outcome<ChallengeListRequest> => {
  const { serial, user, realm, transaction_id: transactionId, sortby, sortdir } = fields
  if (user === '') return refuse({ reason: 'parameter_missing', name: 'user' })
  if (user !== undefined && serial !== undefined)
    return refuse({ reason: 'parameter_invalid', name: 'user', why: 'not together with a serial' })
  if (serial !== undefined && !isSerial(serial)) return refuse({ reason: 'token_unknown' })
  if (sortby !== undefined && sortby !== 'timestamp')
    return refuse({ reason: 'parameter_invalid', name: 'sortby', why: 'expected timestamp' })
  const page = parsePage(fields)
  if (!page.ok) return page
  return done({ ...present({ serial, user, realm, transactionId }), descending: sortdir === 'desc', ...page.value })
})

interface Listed {
  readonly transaction: string
  readonly serial: string
  readonly mode: Mode
  readonly state: string
  readonly openedAt: Instant
  readonly validUntil: Instant
}

/** Stands where privacyIDEA shows the value that a phone signs, the option to tap and the code to type: whoever reads a
 *  list could finish somebody else's login with them. Source: docs/protocol.md, "Hardenings". */
const MASK = '***'

/** A challenge as lists show it. One that was declined looks as if it were open, as in privacyIDEA. Source: docs/protocol.md,
 *  "Challenge list"; golden 18-challenges. */
export function challengeItem({ transaction, serial, mode, state, openedAt, validUntil }: Listed) {
  const accepted = state === 'accepted'
  return {
    transaction_id: transaction,
    challenge: MASK,
    serial,
    data: {
      type: 'push',
      mode,
      ...(mode === 'presence' ? { correct_answer: MASK } : {}),
      ...(mode === 'code_to_phone'
        ? { display_code: MASK, smartphone_confirmed: state === 'confirmed' || accepted }
        : {}),
    },
    otp_received: accepted,
    received_count: Number(accepted),
    otp_valid: accepted,
    expiration: httpDate(validUntil),
    timestamp: httpDate(openedAt),
  }
}

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'short',
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
/** `Tue, 24 Nov 2026 07:11:12 GMT` */
function httpDate(at: Instant): string {
  const { weekday, day, month, year, hour, minute, second } = Object.fromEntries(
    parts.formatToParts(at).map(({ type, value }) => [type, value]),
  )
  // British English shortens September to four letters.
  return `${weekday}, ${day} ${month?.slice(0, 3)} ${year} ${hour}:${minute}:${second} GMT`
}

export const challengeShape = object({
  transaction_id: string('The login'),
  challenge: string(MASK),
  serial: string('Serial of the token that is asked'),
  data: object(
    { type: string('push'), mode: string('How it is to be confirmed') },
    {
      correct_answer: string(MASK),
      display_code: string(MASK),
      smartphone_confirmed: boolean('Confirmed on the phone'),
    },
  ),
  otp_received: boolean('Whether the phone has accepted'),
  received_count: oneOf('The same as a number', 0, 1),
  otp_valid: boolean('The same'),
  expiration: string('HTTP date'),
  timestamp: string('HTTP date'),
})
