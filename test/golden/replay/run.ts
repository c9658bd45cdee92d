import { parsePattern, type PathPattern } from './path.ts'
import { readSignedText, type SignedText, vocabularyOf } from './phone-signature.ts'
import { parametersOf, type Recording, textsIn } from './recording.ts'
import type { Service } from './service.ts'
import { Translation } from './translation.ts'

/** As recorded: the phone's answers do not name the nonce. As current apps send them: they do (docs/protocol.md, "Phone answer"). */
export type Mode = 'without nonce' | 'with nonce'
export const MODES: readonly Mode[] = ['without nonce', 'with nonce']

/** What is known while one file is replayed. */
export interface Run {
  readonly recording: Recording
  readonly service: Service
  readonly mode: Mode
  readonly translation: Translation
  readonly volatile: readonly PathPattern[]
  readonly isMadeByServer: (serial: string) => boolean
  /** What each recorded phone signature covers, by exchange. */
  readonly signedTexts: readonly (SignedText | undefined)[]
  /** By serial: the server's key as that phone got it, and the newest nonce it was shown. */
  readonly serverKeys: Map<string, string>
  readonly newestNonce: Map<string, string>
  /** Users that the server does not sign in: these exchanges are the administrator's, in the user's name. */
  readonly isSentByAdministrator: (label: string) => boolean
}

export function startRun(
  recording: Recording,
  service: Service,
  mode: Mode,
  isStandIn: (label: string) => boolean,
): Run {
  const words = vocabularyOf(recording)
  const brought = new Set(recording.tokens.map((token) => token.serial))
  for (const { request } of recording.exchanges) {
    for (const { key, text } of textsIn({ ...parametersOf(request) })) if (key === 'serial') brought.add(text)
  }
  return {
    recording,
    service,
    mode,
    translation: new Translation(),
    volatile: recording.volatile.map(parsePattern),
    isMadeByServer: (serial) => !brought.has(serial),
    signedTexts: recording.exchanges.map((exchange) => readSignedText(exchange, recording.keys, words)),
    serverKeys: new Map(),
    newestNonce: new Map(),
    isSentByAdministrator: isStandIn,
  }
}
