import canonicalize from 'canonicalize'

// The texts that signatures cover; their bytes are UTF-8. No separator is ever escaped, so nothing that goes between
// two bars may hold a bar where it is ours to say: see `prompt.ts` for title and question. Source: docs/protocol.md, "Prompt", "Phone answer", "Phone poll" and "Registration token update".

/** The parts of a prompt that its signature covers. */
export interface PromptParts {
  readonly nonce: string
  /** The registration URL in normal form: the app rebuilds this text from a parsed URL. */
  readonly url: string
  readonly serial: string
  readonly question: string
  readonly title: string
  readonly sslVerify: boolean
  /** The options of presence, in the order shown; undefined in every other mode. */
  readonly options?: readonly string[] | undefined
}

/** What the server signs of a prompt: `nonce|url|serial|question|title|sslverify[|options]`, options joined by commas.
 *  Source: docs/protocol.md, "Signed text of the prompt". */
export function promptText(parts: PromptParts): string {
  const { nonce, url, serial, question, title, sslVerify, options } = parts
  const fields = [nonce, url, serial, question, title, sslVerify ? '1' : '0']
  if (options !== undefined) fields.push(options.join(','))
  return fields.join('|')
}

/** What the server signs to say which features the phone may use, apart from the prompt: canonical JSON with the
 *  nonce. No numbers and no null may enter it, or the app ignores it all. Source: docs/protocol.md, "Capabilities". */
export function capabilitiesText(nonce: string): string {
  return canonicalize({ capabilities: { decline_reason: true }, nonce }) ?? ''
}

/** What the phone signs to answer: `nonce|serial[|decline[|reason]][|presence]`. Absent parts leave no bar behind.
 *  A reason without a decline is no part of it. Source: docs/protocol.md, "Phone answer". */
export function answerText(
  nonce: string,
  serial: string,
  answer: { readonly decline: boolean; readonly reason?: string | undefined; readonly presence?: string | undefined },
): string {
  const fields = [nonce, serial]
  if (answer.decline) fields.push('decline')
  if (answer.decline && answer.reason !== undefined) fields.push(answer.reason)
  if (answer.presence !== undefined) fields.push(answer.presence)
  return fields.join('|')
}

/** What the phone signs to ask for its prompts: `serial|timestamp`, the timestamp as it was sent. Source: docs/protocol.md, "Phone poll". */
export const pollText = (serial: string, timestamp: string): string => `${serial}|${timestamp}`

/** What the phone signs to replace its registration token: `token|serial|timestamp`. Source: docs/protocol.md, "Registration token update". */
export const refreshText = (registrationToken: string, serial: string, timestamp: string): string =>
  `${registrationToken}|${serial}|${timestamp}`
