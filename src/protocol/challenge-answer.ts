import { present } from '../present.ts'
import type { Mode, Named, TransactionId } from '../vocabulary.ts'

/** What a service is told of an opened login. */
interface OpenedLogin {
  readonly transactionId: TransactionId
  readonly message: string
  readonly challenges: readonly (Named & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
  })[]
  /** Client modes, the most wanted first. */
  readonly preferredModes: readonly string[]
}

/** The `detail` of a challenge. What stands at the top once more is a copy of the last challenge, for clients that look
 *  nowhere else; `attributes` stands only there, since php-client cannot read an object in an entry. Source: contract 3.3. */
export function challengeDetail(login: OpenedLogin): Readonly<Record<string, unknown>> {
  const { transactionId, message, preferredModes } = login
  const entries = login.challenges.map(({ serial, type, mode, message: text, presence }) => ({
    transaction_id: transactionId,
    serial,
    type,
    // In this mode a code is to be typed at the login.
    client_mode: mode === 'code_to_phone' ? 'interactive' : 'poll',
    message: text,
    ...present({ presence_answer: presence }),
  }))
  const modes = entries.map((entry) => entry.client_mode)
  return {
    ...entries.at(-1),
    message,
    messages: entries.map((entry) => entry.message),
    transaction_ids: entries.map(() => transactionId),
    multi_challenge: entries,
    attributes: { hideResponseInput: !modes.includes('interactive') },
    preferred_client_mode: preferredModes.find((mode) => modes.some((one) => one === mode)) ?? modes.at(-1),
  }
}

type Standing = 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired' | 'finalized' | 'unknown'

const STATUS: Readonly<Record<Standing, 'accept' | 'declined' | 'cancelled' | 'pending'>> = {
  accepted: 'accept',
  declined: 'declined',
  cancelled: 'cancelled',
  pending: 'pending',
  // A login that is over, and one that never was, look alike to whoever asks.
  expired: 'pending',
  finalized: 'pending',
  unknown: 'pending',
}

/** How a login stands, in the words of polltransaction. Source: contract 9.1. */
export const statusDetail = (
  standing: Standing,
): { readonly value: boolean; readonly detail: { readonly challenge_status: string } } => ({
  value: standing === 'accepted',
  detail: { challenge_status: STATUS[standing] },
})
