import type { TokenType } from '../../vocabulary.ts'

/** How a phone may sign: with an RSA key, or with one on an elliptic curve. */
export type KeyKind = 'rsa' | 'ec'

/** Where the two apps spell one protocol differently. What policies call things is in `rules/dialect.ts`.
 *  Source: docs/protocol.md, "eduMFA". */
export interface Dialect {
  readonly type: TokenType
  /** Where this app's phones register, answer, poll and refresh. */
  readonly path: string
  readonly serialPrefix: string
  readonly uri: {
    /** What stands before the label; `scheme` counts for the app that has two. */
    readonly base: (scheme: 'otpauth' | 'pia') => string
    /** Parameters of the URI that this app does not know. */
    readonly omittedParameters: readonly string[]
    /** What the answer to `/token/init` calls it. */
    readonly description: string
  }
  /** The app, as its users know it. */
  readonly appName: string
  readonly keyKinds: readonly KeyKind[]
  /** Only what the protocol began with: a prompt is six fields under one signature, an answer is yes or no and names its
   *  nonce. Else there may also be options to tap, reasons for a no, and capabilities. */
  readonly isBasic: boolean
}

export const DIALECTS: Readonly<Record<TokenType, Dialect>> = {
  push: {
    type: 'push',
    path: '/ttype/push',
    serialPrefix: 'PIPU',
    uri: {
      base: (scheme) => `${scheme}://pipush`,
      omittedParameters: [],
      description: 'URL for privacyIDEA Push Token',
    },
    appName: 'privacyIDEA Authenticator App',
    keyKinds: ['rsa'],
    isBasic: false,
  },
  edupush: {
    type: 'edupush',
    path: '/ttype/edupush',
    serialPrefix: 'EDUP',
    uri: {
      base: () => 'edumfa-push://edumfa',
      omittedParameters: ['poll_only', 'app_force_unlock'],
      description: 'URL for eduMFA Push Token',
    },
    appName: 'eduMFA Authenticator App',
    keyKinds: ['rsa', 'ec'],
    isBasic: true,
  },
}

/** The dialect of a type of token, in whatever case it is written; undefined if there is none. */
export const dialectOf = (type: string): Dialect | undefined =>
  Object.values(DIALECTS).find((one) => one.type === type.toLowerCase())
