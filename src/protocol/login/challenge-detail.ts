import { present } from '../../present.ts'
import type { Mode, NamedToken, LoginStatus, TransactionId } from '../../vocabulary.ts'
import { boolean, integer, listOf, object, oneOf, type Shape, string } from '../shape.ts'

/** What the answer to an opened login needs. */
interface OpenedLogin {
  readonly transaction: TransactionId
  readonly message: string
  readonly challenges: readonly (NamedToken & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
  })[]
  /** Client modes, the most wanted first. */
  readonly preferredModes: readonly string[]
}

/** Renders the `detail` of an opened login. Its top level repeats the last challenge, for clients that look nowhere else.
 *  `attributes` is only there, because the PHP client cannot read an object in an entry. Source: docs/protocol.md,
 *  "Challenge answer". */
export function challengeDetail(login: OpenedLogin): Readonly<Record<string, unknown>> {
  const { transaction, message, preferredModes } = login
  const entries = login.challenges.map(({ serial, type, mode, message: text, presence }) => ({
    transaction_id: transaction,
    serial,
    type,
    // The user types the code of the phone at the login.
    client_mode: mode === 'code_to_phone' ? 'interactive' : 'poll',
    message: text,
    ...present({ presence_answer: presence }),
  }))
  const modes = entries.map((entry) => entry.client_mode)
  return {
    ...entries.at(-1),
    message,
    messages: entries.map((entry) => entry.message),
    transaction_ids: entries.map(() => transaction),
    multi_challenge: entries,
    attributes: { hideResponseInput: !modes.includes('interactive') },
    preferred_client_mode: preferredModes.find((mode) => modes.some((one) => one === mode)) ?? modes.at(-1),
  }
}

const STATUS: Readonly<Record<LoginStatus | 'unknown', 'accept' | 'declined' | 'cancelled' | 'pending'>> = {
  accepted: 'accept',
  declined: 'declined',
  cancelled: 'cancelled',
  pending: 'pending',
  // An ended login and an unknown one look the same.
  expired: 'pending',
  finalized: 'pending',
  unknown: 'pending',
}

/** Renders the status of a login in the words of polltransaction. Source: docs/protocol.md, "Transaction poll". */
export const statusDetail = (
  standing: LoginStatus | 'unknown',
): { readonly value: boolean; readonly detail: { readonly challenge_status: string } } => ({
  value: standing === 'accepted',
  detail: { challenge_status: STATUS[standing] },
})

export const statusShape = object({
  challenge_status: oneOf(
    'A login that is over, and one that never was, read pending',
    'accept',
    'declined',
    'cancelled',
    'pending',
  ),
})

const ENTRY: Readonly<Record<string, Shape>> = {
  transaction_id: string('The login: what to poll for, and what to finalize'),
  serial: string('Serial of the token that is asked'),
  type: oneOf('The app it is for', 'push', 'edupush'),
  client_mode: oneOf('interactive: a code from the phone is to be typed', 'poll', 'interactive'),
  message: string('What to tell the user'),
}
const ENROLLMENT: Readonly<Record<string, Shape>> = {
  image: string('A phone is to be enrolled: the QR code, a PNG as data URI'),
  link: string('The same as an address'),
}
const PRESENCE = { presence_answer: string('The option to tap on the phone: show it') }

/** The shape of the `detail` of a login, in all its states. */
export const loginShape = object(
  {},
  {
    ...ENTRY,
    ...PRESENCE,
    ...ENROLLMENT,
    messages: listOf(string('What to tell the user')),
    transaction_ids: listOf(string('The login')),
    multi_challenge: listOf(object(ENTRY, { ...PRESENCE, ...ENROLLMENT }), 'A challenge for each phone'),
    attributes: object({ hideResponseInput: boolean('Whether there is nothing to type') }),
    preferred_client_mode: oneOf('The mode a client offers first', 'poll', 'interactive'),
    enroll_via_multichallenge: boolean('A phone is to be enrolled during this login'),
    enroll_via_multichallenge_optional: boolean('And the user may leave it'),
    challenge_status: oneOf('How the user said no', 'declined', 'cancelled'),
    otplen: integer('6'),
  },
)
