import type { TokenType } from '../../vocabulary.ts'

/** The kind of a phone's signing key: RSA, or on an elliptic curve. */
export type KeyKind = 'rsa' | 'ec'

/** The differences between the protocols of the two apps, privacyIDEA's and eduMFA's. The differences in policies are
 *  in `rules/policy`.
 *  Source: docs/protocol.md, "eduMFA". */
export interface Dialect {
  readonly type: TokenType
  /** The path at which phones with this app register, answer, poll and refresh. */
  readonly path: string
  readonly serialPrefix: string
  readonly uri: {
    /** Scheme and host of the URI. Only privacyIDEA's app has two schemes. */
    readonly base: (scheme: 'otpauth' | 'pia') => string
    /** Parameters that this app does not know. */
    readonly omittedParameters: readonly string[]
    /** The description of the URI in the response to `/token/init`. */
    readonly description: string
  }
  /** The app's name for users. */
  readonly appName: string
  readonly keyKinds: readonly KeyKind[]
  /** Whether the app speaks only the first version of the protocol: a prompt has six fields and one signature, an
   *  answer is a yes or no with its nonce. Otherwise there are also options to tap, reasons for a decline, and
   *  capabilities. */
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

/** The dialect of a token type in any case of letters, or undefined. */
export const dialectOf = (type: string): Dialect | undefined =>
  Object.values(DIALECTS).find((one) => one.type === type.toLowerCase())
