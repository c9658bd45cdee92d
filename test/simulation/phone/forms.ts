/** The forms the app sends, signed but not sent. An attack is one of these, changed. */
import type { App } from './app.ts'
import type { Credential } from './enrollment-uri.ts'
import { type Prompt, mayGiveReason } from './prompt.ts'

export type FormFields = Readonly<Record<string, string>>
export type Sign = (text: string) => Promise<string>

/** What a poll-only phone sends as registration token. Source: docs/protocol.md, "Registration". */
export const NO_REGISTRATION_TOKEN = 'no_firebase_token'

const features = ({ capabilities }: App): FormFields => (capabilities === undefined ? {} : { capabilities })

/** The fields of docs/protocol.md, "Registration". */
export function registrationForm(
  app: App,
  credential: Credential,
  registrationToken: string,
  publicKey: string,
): FormFields {
  const { serial, enrollmentCredential, pollOnly } = credential
  return {
    enrollment_credential: enrollmentCredential,
    serial,
    fbtoken: pollOnly ? NO_REGISTRATION_TOKEN : registrationToken,
    pubkey: publicKey,
    ...features(app),
  }
}

/** docs/protocol.md, "Phone poll": signed over `serial|timestamp`, the timestamp as it is sent. */
export async function phonePollQuery(app: App, serial: string, timestamp: string, sign: Sign): Promise<FormFields> {
  return { serial, timestamp, signature: await sign(`${serial}|${timestamp}`), ...features(app) }
}

/** docs/protocol.md, "Registration token update": signed over `new_fb_token|serial|timestamp`. */
export async function refreshForm(
  app: App,
  serial: string,
  newRegistrationToken: string,
  timestamp: string,
  sign: Sign,
): Promise<FormFields> {
  const signature = await sign([newRegistrationToken, serial, timestamp].join('|'))
  return { new_fb_token: newRegistrationToken, serial, timestamp, signature, ...features(app) }
}

/** docs/protocol.md, "Phone answer": accept `nonce|serial`, with number matching `nonce|serial|<answer>`. */
export async function acceptForm(
  { nonce, serial }: Prompt,
  presence: string | undefined,
  sign: Sign,
): Promise<FormFields> {
  if (presence === undefined) return { serial, nonce, signature: await sign(`${nonce}|${serial}`) }
  return { serial, nonce, presence_answer: presence, signature: await sign(`${nonce}|${serial}|${presence}`) }
}

/** docs/protocol.md, "Phone answer": decline `nonce|serial|decline`, then `|<reason>`. A reason is sent only if the
 *  server has announced it, and never an option. */
export async function declineForm(prompt: Prompt, reason: string | undefined, sign: Sign): Promise<FormFields> {
  const { nonce, serial } = prompt
  const said = { serial, nonce, decline: '1' }
  if (reason === undefined || !mayGiveReason(prompt, reason))
    return { ...said, signature: await sign(`${nonce}|${serial}|decline`) }
  return { ...said, decline_reason: reason, signature: await sign(`${nonce}|${serial}|decline|${reason}`) }
}

/** An app that keeps the nonce to itself: "Nod SHOULD select by `nonce` when present (all supported apps send it)". */
export function withoutNonce(form: FormFields): FormFields {
  return Object.fromEntries(Object.entries(form).filter(([name]) => name !== 'nonce'))
}
