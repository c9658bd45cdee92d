/** The apps a phone may have, where they differ: the privacyIDEA Authenticator (docs/protocol.md, "Enrollment", "Opening a login", "Delivery by FCM", "Prompt", "Phone answer", "Phone poll" and "Registration token update") and eduMFA's (15). */
export interface App {
  /** In its User-Agent. */
  readonly name: string
  readonly version: string
  /** What the QR codes it takes begin with, and what it calls one. */
  readonly schemes: readonly string[]
  readonly host: string
  readonly issuer: string
  /** The features it names, as canonical JSON; undefined where the app sends none. Source: docs/protocol.md, "Registration". */
  readonly capabilities: string | undefined
}

export const PRIVACYIDEA: App = {
  name: 'privacyIDEA-App',
  version: '4.8.0',
  // It reads both alike: docs/protocol.md, "Enrollment URI".
  schemes: ['otpauth', 'pia'],
  host: 'pipush',
  issuer: 'privacyIDEA',
  capabilities: '["decline_reason"]',
}

/** 15: "`edumfa-push://edumfa/<label>?…`", "smartphone data only the six base fields + `signature`", "no decline reason". */
export const EDUMFA: App = {
  name: 'eduMFA-App',
  version: '1.0.0',
  schemes: ['edumfa-push'],
  host: 'edumfa',
  issuer: 'eduMFA',
  capabilities: undefined,
}
