import type { Bytes } from '../../vocabulary.ts'
import { encodeBase32 } from '../encoding/base32.ts'
import type { Dialect } from './dialect.ts'
import type { PromptParts } from './signed-texts.ts'
import { capabilitiesText, promptText } from './signed-texts.ts'

/** The signed data a phone shows, as it goes into FCM's `data` and into the answer of a phone poll: every value is
 *  text, since FCM takes nothing else. Source: docs/protocol.md, "Prompt fields". */
export type Prompt = Readonly<{
  nonce: string
  url: string
  serial: string
  question: string
  title: string
  sslverify: '0' | '1'
  require_presence?: string
  version?: '2'
  signature: string
  capabilities?: string
  capabilities_signature?: string
}>

/** A text of JSON inside JSON, with the space it was recorded with; its signature covers the canonical form. */
const CAPABILITIES = '{"decline_reason": true}'

/** The prompt with its two signatures, or, where the app knows no capabilities, with its one. `sign` is
 *  RSASSA-PKCS1-v1_5 with SHA-256 over the text's UTF-8, with the key whose public half the token got at enrollment; it
 *  is called for both at once. Title and question must have been through `clipTexts`. */
export async function composePrompt(
  { isBasic: plain }: Dialect,
  parts: PromptParts,
  sign: (text: string) => Promise<Bytes>,
): Promise<Prompt> {
  const [signature, capabilitiesSignature] = await Promise.all([
    sign(promptText(parts)),
    plain ? undefined : sign(capabilitiesText(parts.nonce)),
  ])
  const { nonce, url, serial, question, title, options } = parts
  return {
    nonce,
    url,
    serial,
    question,
    title,
    sslverify: parts.sslVerify ? '1' : '0',
    ...(options === undefined ? {} : { require_presence: options.join(','), version: '2' }),
    signature: encodeBase32(signature),
    ...(capabilitiesSignature === undefined
      ? {}
      : { capabilities: CAPABILITIES, capabilities_signature: encodeBase32(capabilitiesSignature) }),
  }
}

/** FCM refuses a message above this many bytes. Source: docs/protocol.md, "FCM message". */
const MESSAGE_BYTES = 4_096
/** FCM's JSON around what `otherBytes` counts: field names, the nonce, priorities, labels. 719 as docs/protocol.md, "FCM message" draws
 *  it; the rest is for a header or label more. */
const FRAME_BYTES = 800
/** What a title may take of the room; the question gets all that is left. */
const TITLE_BYTES = 96

/** The bytes of an FCM message that are not title and question.
 *  `keyBits` is the size of the signing key, whose signatures are the largest part: two of 4096 bits are 1,648. */
export function messageOverhead(
  { isBasic: plain }: Dialect,
  message: {
    readonly url: string
    readonly serial: string
    readonly options?: readonly string[] | undefined
    readonly keyBits: number
    readonly registrationToken?: string | undefined
  },
): number {
  const signatures = (plain ? 1 : 2) * Math.ceil(message.keyBits / 8 / 5) * 8
  const texts = [message.url, message.serial, message.options?.join(',') ?? '', message.registrationToken ?? '']
  return FRAME_BYTES + signatures + texts.reduce((sum, text) => sum + bytesInJson(text), 0)
}

/** Title and question as they may be signed and sent: without control characters, without marks that turn the
 *  writing direction (a login name could reorder the sentence around it), with `¦` for `|` because the signed text
 *  escapes no separator, and cut so that the FCM message keeps within its 4,096 bytes. Both texts are in it three
 *  times: in the data, in the notification and in Apple's alert. */
export function clipTexts(
  texts: { readonly title: string; readonly question: string },
  overhead: number,
): { readonly title: string; readonly question: string } {
  const room = Math.max(0, Math.floor((MESSAGE_BYTES - overhead) / 3))
  const title = clip(plain(texts.title), Math.min(TITLE_BYTES, room))
  return { title, question: clip(plain(texts.question), room - bytesInJson(title)) }
}

/** The text, or as many of its characters as fit with `…` behind them into so many bytes of a JSON string's UTF-8.
 *  What a reader sees as one character is never cut in two. */
export function clip(text: string, bytes: number): string {
  if (bytesInJson(text) <= bytes) return text
  const mark = '…'
  const room = bytes - bytesInJson(mark)
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    used += bytesInJson(segment)
    if (used > room) break
    kept += segment
  }
  return room < 0 ? '' : kept.trimEnd() + mark
}

const plain = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replaceAll('|', '¦')

const bytesInJson = (text: string): number => new TextEncoder().encode(JSON.stringify(text)).length - 2
