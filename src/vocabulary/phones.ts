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
