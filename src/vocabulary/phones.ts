/** Nouns of phones, and of the reasons why push does not reach them. */
import type { Instant, Owner, Serial, TokenType } from '../vocabulary.ts'

/** The app on a phone as it names itself, which nothing proves: `privacyIDEA-App/4.8.0` on `Android/14`. */
export interface App {
  readonly app: string
  readonly system?: string
}

/** What a phone tells of its app in a request that is stored anyway. */
export interface AppReport extends Partial<App> {
  readonly capabilities?: readonly string[]
}

/** Why FCM reaches nobody at a registration token. */
export type QuarantineCause = 'unregistered' | 'registration_token_invalid'

/** Why push does not reach a phone that holds a token. */
export const UNREACHED_CAUSES = ['quarantined', 'no_registration_token', 'poll_only', 'gateway_missing'] as const
export type UnreachedCause = (typeof UNREACHED_CAUSES)[number]

/** A registration token that nothing is sent to any more. */
export interface Quarantine {
  readonly registrationToken: string
  readonly cause: QuarantineCause
  readonly at: Instant
}

/** A phone in the report. The causes are absent if push reaches it; `since` is absent if it is unknown. */
export interface PhoneLine extends AppReport {
  readonly serial: Serial
  readonly type: TokenType
  readonly owner?: Owner
  readonly active: boolean
  readonly firebase: string
  readonly cause?: UnreachedCause
  readonly quarantineCause?: QuarantineCause
  readonly since?: Instant
}

/** What an app without a registration token sends in its place. Source: docs/protocol.md, "Enrollment URI". */
export const NO_REGISTRATION_TOKEN = 'no_firebase_token'

/** Names an object of a phone. The first one has the number 0 and the serial for its name; each move goes to the next number. */
export interface PhoneObjectName {
  readonly serial: Serial
  readonly number: number
}

export const phoneObjectName = ({ serial, number }: PhoneObjectName): string =>
  number === 0 ? serial : `${serial}${SEPARATOR}${number}`

export function readPhoneObjectName(name: string): PhoneObjectName {
  const [serial = '', number = '0'] = name.split(SEPARATOR)
  return { serial: serial as Serial, number: Number(number) }
}

/** No serial contains it. */
const SEPARATOR = '/'

/** How often a phone's logins succeeded and failed. */
export interface PhoneCounters {
  readonly attempts: number
  readonly failures: number
  readonly successes: number
  readonly lastUse?: Instant
  /** When the phone last sent something that it had signed, since its object started. It is not stored. */
  readonly contactAt?: Instant
  /** When the last failed attempt was counted; a locked phone is locked since then. */
  readonly failedAt?: Instant
  /** When its owner last reported a login that was not theirs, if that still has consequences. */
  readonly reportedAt?: Instant
  /** Since when logins by PIN and a tap are suspended because of that. */
  readonly suspendedAt?: Instant
}
