import canonicalize from 'canonicalize'

// The texts that signatures cover, as UTF-8. No separator is escaped, so a field that Nod composes must not hold a bar:
// `prompt.ts` replaces it in title and question.
// Source: docs/protocol.md, "Prompt", "Phone answer", "Phone poll" and "Registration token update".

/** The fields of a prompt that its signature covers. */
export interface PromptParts {
  readonly nonce: string
  /** The normalized registration URL: the app rebuilds this text from a parsed URL. */
  readonly url: string
  readonly serial: string
  readonly question: string
  readonly title: string
  readonly sslVerify: boolean
  /** The options to tap, in the order shown; undefined in every other mode. */
  readonly options?: readonly string[]
}

/** The text that the server signs for a prompt: `nonce|url|serial|question|title|sslverify[|options]`, options joined
 *  by commas.
 *  Source: docs/protocol.md, "Signed text of the prompt". */
export function promptText(parts: PromptParts): string {
  const { nonce, url, serial, question, title, sslVerify, options } = parts
  const fields = [nonce, url, serial, question, title, sslVerify ? '1' : '0']
  if (options !== undefined) fields.push(options.join(','))
  return fields.join('|')
}

/** The text that the server signs for the capabilities: canonical JSON with the nonce. With a number or null in it, the
 *  app ignores the capabilities. Source: docs/protocol.md, "Capabilities". */
export function capabilitiesText(nonce: string): string {
  return canonicalize({ capabilities: { decline_reason: true }, nonce }) ?? ''
}

/** The text that a phone signs to answer: `nonce|serial[|decline[|reason]][|presence]`. An absent part has no bar
 *  either. A reason counts only with a decline. Source: docs/protocol.md, "Phone answer". */
export function answerText(
  nonce: string,
  serial: string,
  answer: { readonly decline: boolean; readonly reason?: string; readonly presence?: string },
): string {
  const fields = [nonce, serial]
  if (answer.decline) fields.push('decline')
  if (answer.decline && answer.reason !== undefined) fields.push(answer.reason)
  if (answer.presence !== undefined) fields.push(answer.presence)
  return fields.join('|')
}

/** The text that a phone signs to poll: `serial|timestamp`, the timestamp as sent.
 *  Source: docs/protocol.md, "Phone poll". */
export const pollText = (serial: string, timestamp: string): string => `${serial}|${timestamp}`

/** The text that a phone signs to replace its registration token: `token|serial|timestamp`.
 *  Source: docs/protocol.md, "Registration token update". */
export const refreshText = (registrationToken: string, serial: string, timestamp: string): string =>
  `${registrationToken}|${serial}|${timestamp}`
