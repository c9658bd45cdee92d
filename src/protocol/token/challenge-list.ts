import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Instant, Mode, Serial } from '../../vocabulary.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { optional, optionalOrEmpty, parserOf } from '../parameters.ts'
import { httpDate } from '../../timestamps.ts'
import { present } from '../../present.ts'
import type { NoticeKind } from '../../vocabulary/notices.ts'
import type { ShownPrompt } from '../phone/prompt.ts'
import { object, oneOf, string, boolean, listOf } from '../shape.ts'
import { parsePage } from '../page.ts'

const listSchema = z.object({
  serial: optional('Serial of one token', 255),
  user: optionalOrEmpty('Owner, in place of a serial: all challenges of their tokens, on one page', 320),
  realm: optional('Realm of the owner', 255),
  transaction_id: optional('Of one login; `*` stands for anything', 64),
  sortby: optional('timestamp', 32),
  sortdir: optional('asc, unless it says desc', 8),
  page: optional('Page, from 1', 16),
  pagesize: optional('Challenges per page, 15 by default, at most 500', 16),
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

/** Parses filter and page of a list of challenges. Refuses: `parameter_missing`, `parameter_invalid`; `token_unknown` for a malformed
 *  serial. Source: docs/protocol.md, "Challenge list", golden 18-challenges. */
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
  return done({ serial, user, realm, transactionId, descending: sortdir === 'desc', ...page.value })
})

interface Listed {
  readonly transaction: string
  readonly attemptId?: string
  readonly shown?: ShownPrompt
  readonly serial: string
  readonly mode: Mode
  readonly notice?: NoticeKind
  readonly state: string
  readonly openedAt: Instant
  readonly validUntil: Instant
}

/** Replaces the nonce, the option to tap and the code to type, which privacyIDEA shows: whoever reads the list could finalize
 *  somebody else's login with them. Source: docs/protocol.md, "Hardenings". */
const MASK = '***'

/** A challenge as lists show it. As in privacyIDEA, a declined challenge looks open. The options do not tell which of them is right. Source: docs/protocol.md,
 *  "Challenge list"; golden 18-challenges. */
export function challengeItem(challenge: Listed) {
  const { transaction, attemptId, notice, shown, serial, mode, state, openedAt, validUntil } = challenge
  const accepted = state === 'accepted'
  const isConfirmed = state === 'confirmed' || accepted
  return {
    transaction_id: transaction,
    challenge: MASK,
    serial,
    data: {
      type: 'push',
      mode: mode === 'presence' ? 'require_presence' : mode,
      ...present({ attempt_id: attemptId, notice }),
      ...(shown === undefined ? {} : { notification: { question: shown.question, title: shown.title } }),
      ...(mode === 'presence' ? { ...present({ options: shown?.options }), correct_answer: MASK } : {}),
      ...(mode === 'code_to_phone'
        ? { ...(isConfirmed ? { display_code: MASK } : {}), smartphone_confirmed: isConfirmed }
        : {}),
    },
    otp_received: accepted,
    received_count: Number(accepted),
    otp_valid: accepted,
    expiration: httpDate(validUntil),
    timestamp: httpDate(openedAt),
  }
}

export const challengeShape = object({
  transaction_id: string('The login'),
  challenge: string(MASK),
  serial: string('Serial of the token that is asked'),
  data: object(
    { type: string('push'), mode: oneOf('How it is to be confirmed', 'standard', 'require_presence', 'code_to_phone') },
    {
      attempt_id: string('32 hex digits, the same for all challenges of a login'),
      notice: string(
        'What the phone is told, where this is no login: `phone_bound`, `bypass_code_issued`, `bypass_code_used`, `pin_stopped`, `phone_changed`',
      ),
      notification: object({ question: string('As the phone shows it'), title: string('As the phone shows it') }),
      options: listOf(string('What the phone offers to tap')),
      correct_answer: string(MASK),
      display_code: string(`${MASK}, once the phone shows it`),
      smartphone_confirmed: boolean('Confirmed on the phone'),
    },
  ),
  otp_received: boolean('Whether the phone has accepted'),
  received_count: oneOf('The same as a number', 0, 1),
  otp_valid: boolean('The same'),
  expiration: string('HTTP date'),
  timestamp: string('HTTP date'),
})
