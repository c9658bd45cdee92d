import { parsePattern, type PathPattern } from './path.ts'
import { readSignedText, type SignedText, vocabularyOf } from './phone-signature.ts'
import { parametersOf, type Recording, textsIn } from './recording.ts'
import type { Service } from './service.ts'
import { Translation } from './translation.ts'

/** Whether the phone's answers name the nonce: the recorded ones do not, those of current apps do (docs/protocol.md, "Phone answer"). */
export type Mode = 'without nonce' | 'with nonce'
export const MODES = ['without nonce', 'with nonce'] as const satisfies readonly Mode[]

/** The state of one replay. */
export interface Run {
  readonly recording: Recording
  readonly service: Service
  readonly mode: Mode
  readonly translation: Translation
  readonly volatile: readonly PathPattern[]
  readonly isMadeByServer: (serial: string) => boolean
  /** The text that the phone's signature covers, by exchange. */
  readonly signedTexts: readonly (SignedText | undefined)[]
  /** By serial: the server's key as the phone got it, and the newest nonce it received. */
  readonly serverKeys: Map<string, string>
  readonly newestNonce: Map<string, string>
  /** Whether the exchange is sent with the administrator's token, in the user's name. */
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
