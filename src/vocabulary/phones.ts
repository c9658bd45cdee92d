/** Nouns of phones, and of what keeps push from them. */
import type { Instant, Owner, Serial, TokenType } from '../vocabulary.ts'

/** The app on a phone, by its own word, which nothing vouches for: `privacyIDEA-App/4.8.0` on `Android/14`. */
export interface App {
  readonly app: string
  readonly system?: string
}

/** What a phone says of its app where it says it with something that is written anyway. */
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

/** One phone: what keeps push from it, absent where nothing does, and since when as far as that is known. */
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

/** What an app that has no registration token sends in place of one. Source: docs/protocol.md, "Enrollment URI". */
export const NO_REGISTRATION_TOKEN = 'no_firebase_token'
