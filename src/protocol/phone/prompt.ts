import { utf8 } from '../../bytes.ts'
import type { Bytes } from '../../vocabulary.ts'
import { encodeBase32 } from '../encoding/base32.ts'
import type { Dialect } from './dialect.ts'
import { capabilitiesText, type PromptParts, promptText } from './signed-texts.ts'

/** The signed data that a phone shows, in FCM's `data` and in the response to a phone poll. Every value is text,
 *  because FCM accepts nothing else. Source: docs/protocol.md, "Prompt fields". */
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

/** The parts of a prompt that its user reads. */
export interface ShownPrompt {
  readonly title: string
  readonly question: string
  readonly options?: readonly string[]
}

/** Reads title, question and options from the fields of a prompt; undefined if there are none. */
export function shownPrompt(prompt: Readonly<Record<string, string>>): ShownPrompt | undefined {
  const { title, question, require_presence: options } = prompt
  if (title === undefined || question === undefined) return undefined
  return { title, question, ...(options === undefined ? {} : { options: options.split(',') }) }
}

/** JSON as text, with the space of the recordings. The signature covers the canonical form. */
const CAPABILITIES = '{"decline_reason": true}'

/** Signs a prompt and its capabilities, or the prompt alone for the basic dialect.
 *  @param parts title and question have been through `clipTexts`.
 *  @param sign signs a text's UTF-8 by RSASSA-PKCS1-v1_5 with SHA-256, with the key whose public half the token got at
 *  its registration. Both calls run at once. */
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

/** Largest message in bytes that FCM accepts. Source: docs/protocol.md, "FCM message". */
const MESSAGE_BYTES = 4_096
/** Bytes of FCM's JSON that `messageOverhead` does not count: field names, the nonce, priorities, labels. These are 719
 *  (docs/protocol.md, "FCM message"); the rest is a reserve for one more header or label. */
const FRAME_BYTES = 800
/** Largest title in bytes. The question gets the rest. */
const TITLE_BYTES = 96

/** Counts the bytes of an FCM message without title and question.
 *  @param message `keyBits` is the size of the signing key. Signatures are the largest part: two of 4096 bits take
 *  1,648 bytes. */
export function messageOverhead(
  { isBasic: plain }: Dialect,
  message: {
    readonly url: string
    readonly serial: string
    readonly options?: readonly string[]
    readonly keyBits: number
    readonly registrationToken?: string
  },
): number {
  const signatures = (plain ? 1 : 2) * Math.ceil(message.keyBits / 8 / 5) * 8
  const texts = [message.url, message.serial, message.options?.join(',') ?? '', message.registrationToken ?? '']
  return FRAME_BYTES + signatures + texts.reduce((sum, text) => sum + jsonBytes(text), 0)
}

/** Prepares title and question for signing. Removes control characters and marks that change the writing direction,
 *  with which a login name could reorder the sentence around it. Replaces `|` by `¦`, because the signed text escapes
 *  no separator. Cuts both so that the FCM message keeps within 4,096 bytes; each text is in it three times: in the
 *  data, the notification and Apple's alert.
 *  @param texts `distinction` ends the question, and the question is cut in front of it.
 *  @param overhead bytes of the message without title and question. */
export function clipTexts(
  texts: { readonly title: string; readonly question: string; readonly distinction?: string | undefined },
  overhead: number,
): { readonly title: string; readonly question: string } {
  const room = Math.max(0, Math.floor((MESSAGE_BYTES - overhead) / 3))
  const title = clip(sanitize(texts.title), Math.min(TITLE_BYTES, room))
  const end = texts.distinction === undefined ? '' : ` ${sanitize(texts.distinction)}`
  const rest = room - jsonBytes(title)
  const question = clip(sanitize(texts.question), rest - jsonBytes(end))
  return { title, question: clip(`${question}${end}`, rest) }
}

/** Cuts a text to this many bytes of UTF-8 in a JSON string, with `…` at the end. Never cuts within what a reader sees
 *  as one character. */
export function clip(text: string, bytes: number): string {
  if (jsonBytes(text) <= bytes) return text
  const mark = '…'
  const room = bytes - jsonBytes(mark)
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    used += jsonBytes(segment)
    if (used > room) break
    kept += segment
  }
  return room < 0 ? '' : kept.trimEnd() + mark
}

const sanitize = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replaceAll('|', '¦')

const jsonBytes = (text: string): number => utf8(JSON.stringify(text)).length - 2
