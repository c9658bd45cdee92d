/** Security events, which are pushed to webhooks. docs/webhooks.md has the token of each. */
import type { Instant, Owner, Serial, TransactionId } from '../vocabulary.ts'
import type { Binding } from './notices.ts'

/** The facts of every event. Never a PIN, a code, a nonce or a key. */
interface EventFacts {
  /** The same event always has the same id, however often it is reported. Receivers get its hash. */
  readonly id: string
  readonly at: Instant
  readonly owner?: Owner
  readonly serial?: Serial
  /** The name of the service key whose login it is. */
  readonly service?: string
  readonly transaction?: TransactionId
  /** Where the end user or administrator was, if that is believed. */
  readonly address?: string
  /** The administrator who caused it, or whom it is about. */
  readonly administrator?: string
}

/** The types of events, and the further facts of each. */
type EventDetails =
  /** The owner of a phone has signed that a login was not theirs. `pinKnown`: the login was opened with their PIN. */
  | {
      readonly type: 'not_me'
      readonly pinKnown: boolean
      readonly consequence: 'none' | 'source_shut_out' | 'code_or_number_required' | 'pin_suspended'
    }
  /** Too many failed attempts have locked a token. */
  | { readonly type: 'lockout' }
  /** A user has a new phone or bypass code. `undone`: the user said on another phone that it was not them, and it was taken back.
   *  `not_undone`: the user said so, and there was nothing left to take back. */
  | {
      readonly type: 'new_phone'
      readonly change: Binding | 'bypass_code_issued' | 'undone' | 'not_undone'
    }
  | { readonly type: 'bypass_code_used' }
  /** An administrator has signed in from a place where they were not before. */
  | { readonly type: 'administrator_new_place'; readonly administrator: string }
  /** An administrator has signed in with the deployment's secret for emergencies. */
  | { readonly type: 'break_glass_used'; readonly administrator: string }
  /** An administrator who needs a second factor and has none has signed in to enroll it. */
  | { readonly type: 'administrator_without_second_factor'; readonly administrator: string }
  | {
      readonly type: 'key_rotated'
      readonly key: 'master' | 'api_token' | 'signing' | 'service' | 'webhook'
      readonly keyId: string
    }

export type SecurityEvent = EventFacts & EventDetails
export type SecurityEventType = SecurityEvent['type']

export const SECURITY_EVENT_TYPES = [
  'not_me',
  'lockout',
  'new_phone',
  'bypass_code_used',
  'administrator_new_place',
  'break_glass_used',
  'administrator_without_second_factor',
  'key_rotated',
] as const satisfies readonly SecurityEventType[]
