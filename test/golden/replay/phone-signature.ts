import { constants, createHash, createPrivateKey, createPublicKey, publicDecrypt, sign } from 'node:crypto'
import { decodeBase32, encodeBase32 } from './base32.ts'
import { type Exchange, type Json, parametersOf, type Recording, textsIn } from './recording.ts'

/** Finds the text that a recorded signature of the phone covers, so that the same text can be signed with the values of this
 *  run, valid or not. The public key gives the hash back (RSA, PKCS#1 v1.5), and possible texts are tried. */

export interface SignedText {
  readonly key: string
  readonly spelling: Spelling
  /** The parts between the bars, as recorded. */
  readonly parts: readonly string[]
}

type Spelling = 'base32' | 'lower-case base32' | 'base64'

const SPELLINGS: Readonly<
  Record<Spelling, { read: (text: string) => Uint8Array | undefined; write: (bytes: Uint8Array) => string }>
> = {
  base32: { read: decodeBase32, write: encodeBase32 },
  'lower-case base32': {
    read: (text) => decodeBase32(text.toUpperCase()),
    write: (bytes) => encodeBase32(bytes).toLowerCase(),
  },
  base64: { read: (text) => Buffer.from(text, 'base64'), write: (bytes) => Buffer.from(bytes).toString('base64') },
}

/** Serials and nonces of the whole recording: the values that signed texts consist of. */
interface Vocabulary {
  readonly serials: readonly string[]
  readonly nonces: readonly string[]
}

export function vocabularyOf(recording: Recording): Vocabulary {
  const all = [...textsIn(JSON.parse(JSON.stringify(recording)) as Json)]
  const under = (...keys: string[]): string[] => [
    ...new Set(all.filter(({ key }) => keys.includes(key)).map(({ text }) => text)),
  ]
  return { serials: under('serial'), nonces: under('nonce', 'challenge') }
}

const WRONG_TEXT = [['x']]

/** Yields the texts a phone may have signed with these parameters, as lists of parts (docs/protocol.md, "Phone answer", "Phone poll" and "Registration token update"). */
function* possibleTexts(parameters: Readonly<Record<string, Json>>, words: Vocabulary): Generator<readonly string[]> {
  const value = (name: string): string[] => (typeof parameters[name] === 'string' ? [parameters[name]] : [])
  yield* WRONG_TEXT
  const [timestamp, registrationToken] = [value('timestamp'), value('new_fb_token')]
  for (const serial of words.serials) {
    yield [...registrationToken, serial, ...timestamp]
    for (const nonce of words.nonces) {
      yield [nonce, serial]
      yield [nonce, serial, ...value('presence_answer')]
      yield [nonce, serial, 'decline']
      yield [nonce, serial, 'decline', ...value('decline_reason')]
      yield [nonce, serial, 'decline', ...value('decline_reason'), ...value('presence_answer')]
    }
  }
}

const DIGEST_LENGTH = 32

/** The SHA-256 in the signature; undefined if another key made it. */
function digestIn(signature: Uint8Array, publicKey: ReturnType<typeof createPublicKey>): string | undefined {
  try {
    const info = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature)
    return info.subarray(-DIGEST_LENGTH).toString('hex')
  } catch {
    return undefined
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The signed text of an exchange. Undefined if no key of the recording signed any of the possible texts. */
export function readSignedText(exchange: Exchange, keys: Recording['keys'], words: Vocabulary): SignedText | undefined {
  const parameters = parametersOf(exchange.request)
  const recorded = parameters['signature']
  if (typeof recorded !== 'string' || recorded === '') return undefined
  for (const [key, pem] of Object.entries(keys)) {
    for (const spelling of Object.keys(SPELLINGS) as Spelling[]) {
      const bytes = SPELLINGS[spelling].read(recorded)
      const digest = bytes && digestIn(bytes, createPublicKey(pem))
      if (digest === undefined) continue
      for (const parts of possibleTexts(parameters, words)) {
        if (digestOf(parts.join('|')) === digest) return { key, spelling, parts }
      }
    }
  }
  return undefined
}

/** Signs the parts with the same key, and spells the signature like the recorded one. */
export function signLike(understood: SignedText, parts: readonly string[], keys: Recording['keys']): string {
  const bytes = sign('sha256', Buffer.from(parts.join('|')), createPrivateKey(keys[understood.key] ?? ''))
  return SPELLINGS[understood.spelling].write(bytes)
}
