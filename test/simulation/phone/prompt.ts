/** A prompt, read and verified as the app does it (docs/protocol.md, "Prompt"). What does not hold is dropped without a word to the
 *  server; only tests get to know why. */
import { fields, isFields } from '../reply.ts'
import { type App, PRIVACYIDEA } from './app.ts'
import { type Plain, canonical, isPlainObject } from './canonical-json.ts'
import { canonicalUrl } from './canonical-url.ts'
import { verified } from './signing.ts'

export interface Prompt {
  readonly nonce: string
  /** Where the answer goes (docs/protocol.md, "Phone app"). */
  readonly url: string
  readonly serial: string
  readonly question: string
  readonly title: string
  readonly sslVerify: boolean
  /** The options to tap, with number matching; "buttons, 3 per row; tapping one = accept with that answer". */
  readonly options: readonly string[] | undefined
  readonly signature: string
  readonly capabilities: SignedCapabilities | undefined
  readonly receivedAt: number
}

export interface SignedCapabilities {
  readonly entries: Readonly<Record<string, Plain>>
  readonly signature: string
}

/** The prompt, if the seven base fields are there as texts; undefined if it cannot be parsed. Source: docs/protocol.md, "FCM message". */
export function readPrompt(
  data: Readonly<Record<string, unknown>>,
  receivedAt: number,
  app: App = PRIVACYIDEA,
): Prompt | undefined {
  const text = (name: string): string | undefined => {
    const value = data[name]
    return typeof value === 'string' ? value : undefined
  }
  const [nonce, url, serial] = [text('nonce'), canonicalUrl(text('url') ?? ''), text('serial')]
  const [question, title] = [text('question'), text('title')]
  const [sslVerify, signature] = [text('sslverify'), text('signature')]
  if (nonce === undefined || url === undefined || serial === undefined || question === undefined) return undefined
  if (title === undefined || sslVerify === undefined || signature === undefined) return undefined
  return {
    nonce,
    url,
    serial,
    question,
    title,
    sslVerify: sslVerify === '1',
    // eduMFA's app knows no options: docs/protocol.md, "eduMFA".
    options: app.capabilities === undefined ? undefined : text('require_presence')?.split(','),
    signature,
    capabilities: app.capabilities === undefined ? undefined : readCapabilities(data),
    receivedAt,
  }
}

/** The capabilities, given as text or as an object; undefined, so ignored, without a signature or with a number or null in them.
 *  Source: docs/protocol.md, "Capabilities". */
function readCapabilities(data: Readonly<Record<string, unknown>>): SignedCapabilities | undefined {
  const { capabilities, capabilities_signature: signature } = data
  if (typeof signature !== 'string') return undefined
  const entries = typeof capabilities === 'string' ? parsed(capabilities) : capabilities
  return isFields(entries) && isPlainObject(entries) ? { entries, signature } : undefined
}

/** Why the app drops the prompt, or undefined if it may be shown. */
export async function flawOf(prompt: Prompt, serverKey: CryptoKey): Promise<string | undefined> {
  // Dropped without a word: docs/protocol.md, "Signed text of the prompt".
  if (!(await verified(signedText(prompt), prompt.signature, serverKey))) return 'signature does not verify'
  const { capabilities, nonce } = prompt
  if (capabilities === undefined) return undefined
  const text = canonical({ capabilities: capabilities.entries, nonce })
  // The whole prompt is dropped: docs/protocol.md, "Capabilities".
  if (!(await verified(text, capabilities.signature, serverKey))) return 'capabilities_signature does not verify'
  return undefined
}

/** 5.2: `nonce|url|serial|question|title|sslverify` "and, only with number matching, `|<require_presence string>`".
 *  Built from parsed values, as the app does: a URL that is not in normal form does not verify. */
function signedText(prompt: Prompt): string {
  const { nonce, url, serial, question, title, sslVerify, options } = prompt
  const base = [nonce, url, serial, question, title, sslVerify ? '1' : '0']
  return (options === undefined ? base : [...base, options.join(',')]).join('|')
}

/** Whether the server has announced that it takes this reason. Source: docs/protocol.md, "Capabilities". */
export function mayGiveReason(prompt: Prompt, reason: string): boolean {
  const entry = prompt.capabilities?.entries['decline_reason']
  if (entry === undefined || entry === false) return false
  const { values } = fields(entry)
  return Array.isArray(values) ? values.includes(reason) : true
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
