/** A prompt, read and verified as the app does it (docs/protocol.md, "Prompt"). What does not hold is dropped without a word to the
 *  server; only tests get to know why. */
import { fields, isFields } from '../reply.ts'
import { type App, PRIVACYIDEA } from './app.ts'
import { type Plain, canonical, isPlainObject } from './canonical-json.ts'
import { canonicalUrl } from './canonical-url.ts'
import { verified } from './signing.ts'

export interface Prompt {
  readonly nonce: string
  /** Where the answer goes (docs/protocol.md, "Phone app": "uses the challenge's `url`"). */
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

/** docs/protocol.md, "FCM message": "requires the seven base fields (5.1) as strings". Undefined: unparsable. */
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
    // 5.1: "options joined by `,`"; 15, of eduMFA: "no `require_presence`, `version`, capabilities"
    options: app.capabilities === undefined ? undefined : text('require_presence')?.split(','),
    signature,
    capabilities: app.capabilities === undefined ? undefined : readCapabilities(data),
    receivedAt,
  }
}

/** docs/protocol.md, "Prompt fields": "In poll results `capabilities` may also be a JSON object". 5.3: "If `capabilities_signature` is
 *  missing, the capabilities are ignored"; with "numbers or null the app then ignores the whole set". */
function readCapabilities(data: Readonly<Record<string, unknown>>): SignedCapabilities | undefined {
  const { capabilities, capabilities_signature: signature } = data
  if (typeof signature !== 'string') return undefined
  const entries = typeof capabilities === 'string' ? parsed(capabilities) : capabilities
  return isFields(entries) && isPlainObject(entries) ? { entries, signature } : undefined
}

/** Why the app drops the prompt, or undefined if it may be shown. */
export async function flawOf(prompt: Prompt, serverKey: CryptoKey): Promise<string | undefined> {
  // 5.2: "A request whose signature fails is dropped silently."
  if (!(await verified(signedText(prompt), prompt.signature, serverKey))) return 'signature does not verify'
  const { capabilities, nonce } = prompt
  if (capabilities === undefined) return undefined
  // 5.3: "RFC 8785 (JCS) serialisation of `{"capabilities": <object>, "nonce": "<nonce>"}`"
  const text = canonical({ capabilities: capabilities.entries, nonce })
  // 5.3: "with a string signature that does not verify, the app drops the *whole* request"
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

/** docs/protocol.md, "Phone answer": "A reason is sent only if the server advertised the capability." 5.3: "A feature entry
 *  `{"values":["a","b"]}` restricts the values the app may send." */
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
