/** The privacyIDEA Authenticator app 4.8, or eduMFA's, simulated from docs/protocol.md, which each
 *  behavior cites. It shares no line with the server under test, and runs in Node and inside workerd. */
import { PHONE_KEYS } from './keys.ts'
import { type App, EDUMFA, PRIVACYIDEA } from './phone/app.ts'
import { BadUri, type Credential, readEnrollmentUri } from './phone/enrollment-uri.ts'
import {
  type FormFields,
  NO_REGISTRATION_TOKEN,
  acceptForm,
  declineForm,
  phonePollQuery,
  refreshForm,
  registrationForm,
  withoutNonce,
} from './phone/forms.ts'
import { type Dropped, Inbox, type PhoneToken } from './phone/inbox.ts'
import { type Prompt, readPrompt } from './phone/prompt.ts'
import { RegistrationRefused, refuseExpired, refuseUnreachable, tokenFromReply } from './phone/registration.ts'
import { type Shown, screenFor, unreachableScreen } from './phone/screen.ts'
import { type Keys, generateKeys, keysFromPem, pemOf, publicKeyText, signed } from './phone/signing.ts'
import { type Fetch, type Transport, transport } from './phone/transport.ts'
import { type Reply, isFields } from './reply.ts'

export { BadUri, EDUMFA, PRIVACYIDEA, RegistrationRefused, generateKeys }
export type { Credential, Dropped, Fetch, FormFields, Keys, PhoneToken, Prompt, Shown }

export interface PhoneOptions {
  /** The privacyIDEA Authenticator, unless said otherwise. */
  readonly app?: App
  /** A pair, a PKCS#8 PEM, or an index into keys.ts; without it the next of those four. */
  readonly keys?: Keys | string | number
  readonly fetch?: Fetch
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** FCM's address of this phone. */
  readonly registrationToken?: string
  /** Milliseconds; the app waits 15 s. */
  readonly timeout?: number
  /** As in `Android/14` or `iOS/18.1`; an iPhone asks for network permission before it registers. */
  readonly system?: string
}

/** All of a phone that outlives a restart; plain JSON. */
export interface PhoneState {
  readonly key: string
  readonly registrationToken: string
  readonly tokens: readonly PhoneToken[]
  readonly seen: readonly string[]
}

let drawn = 0

export class Phone {
  registrationToken: string
  /** What the last phone poll of each serial brought, missing if nothing came; the app ignores all but a good one. */
  readonly lastPoll = new Map<string, Reply>()
  readonly #inbox = new Inbox()
  readonly #app: App
  readonly #transport: Transport
  readonly #keys: Keys | string
  #loading: Promise<Keys> | undefined
  readonly #now: () => number
  readonly #isIphone: boolean
  #instant = { milliseconds: 0, count: 0 }

  constructor(options: PhoneOptions = {}) {
    const { app = PRIVACYIDEA, keys = drawn++, system = 'Android/14', timeout = 15_000 } = options
    this.#app = app
    this.#now = options.now ?? (() => Date.now())
    this.#isIphone = system.startsWith('iOS')
    this.#transport = transport({ fetch: options.fetch, timeout, app, system })
    this.#keys = typeof keys === 'number' ? storedKey(keys) : keys
    this.registrationToken = options.registrationToken ?? `registration-token-${crypto.randomUUID()}`
  }

  static from(state: PhoneState, options: PhoneOptions = {}): Phone {
    const phone = new Phone({ ...options, keys: state.key, registrationToken: state.registrationToken })
    for (const token of state.tokens) phone.tokens.set(token.serial, token)
    phone.#inbox.seen = state.seen
    return phone
  }

  async state(): Promise<PhoneState> {
    const key = await pemOf(await this.#pair())
    return { key, registrationToken: this.registrationToken, tokens: [...this.tokens.values()], seen: this.#inbox.seen }
  }

  get tokens(): Map<string, PhoneToken> {
    return this.#inbox.tokens
  }

  /** What the app kept from its user, and why. */
  get dropped(): Dropped[] {
    return this.#inbox.dropped
  }

  /** The prompts on the screen now. */
  openPrompts(): Prompt[] {
    return this.#inbox.open(this.#now())
  }

  /** Read a QR code. Throws BadUri, with a sentence for the user, where the app refuses one. */
  scan(uri: string): Credential {
    return readEnrollmentUri(uri, this.#now(), this.#app)
  }

  /** Complete an enrollment (docs/protocol.md, "Registration"). Throws RegistrationRefused; the user may try again until the ttl is over. */
  async register(credential: Credential): Promise<PhoneToken> {
    const { url } = credential
    refuseExpired(credential, this.#now())
    // An iPhone sends an empty POST first, to get permission for the network; any status will do: docs/protocol.md, "Phone app"
    if (this.#isIphone) await this.#transport.postTwice(url, {}).catch(() => undefined)
    const form = await this.registrationForm(credential)
    const reply = await this.post(url, form).catch((why: unknown) => refuseUnreachable(url, why))
    const token = await tokenFromReply(credential, reply)
    this.tokens.set(token.serial, token)
    return token
  }

  /** Ask for prompts (docs/protocol.md, "Phone app"): one GET for each token, all at once. Answers with the prompts not shown before. */
  async poll(serial?: string): Promise<Prompt[]> {
    const serials = serial === undefined ? [...this.tokens.keys()] : [serial]
    return (await Promise.all(serials.map((each) => this.#pollOne(each)))).flat()
  }

  async #pollOne(serial: string): Promise<Prompt[]> {
    const reply = await this.get(this.#token(serial).url, await this.phonePollQuery(serial)).catch(() => undefined)
    if (reply === undefined) {
      this.lastPoll.delete(serial)
      return []
    }
    this.lastPoll.set(serial, reply)
    // 7: "On 403 or any other non-200 it ignores the answer"
    if (reply.status !== 200) return []
    // 7: "`result.value` must be a list of objects; one bad entry discards the whole answer"
    const entries: unknown[] = Array.isArray(reply.value) ? reply.value : [reply.value]
    const prompts = entries.map((entry) => this.#read(entry))
    if (!prompts.every((prompt) => prompt !== undefined)) {
      this.#inbox.dropped.push({ why: 'phone poll: an entry is unparsable', data: reply.value })
      return []
    }
    const unseen = await Promise.all(prompts.map((prompt) => this.#inbox.show(prompt)))
    return unseen.filter((prompt) => prompt !== undefined)
  }

  /** Take an FCM message's `data`. Undefined if the app shows nothing for it: see `dropped`. */
  async receive(data: unknown, { foreground = false } = {}): Promise<Prompt | undefined> {
    const prompt = this.#read(data)
    if (prompt !== undefined) return this.#inbox.show(prompt)
    this.#inbox.dropped.push({ why: 'FCM message: unparsable', data })
    // Data it cannot parse make the app poll in the foreground, and nothing in the background: docs/protocol.md, "FCM message"
    return foreground ? (await this.poll())[0] : undefined
  }

  /** The user's yes, with the option tapped where the prompt has options. The app would not offer a prompt older than
   *  2 minutes, nor an option that is not among its own; here both can be sent, to see them refused. */
  async accept(prompt: Prompt, how: { presence?: string; withNonce?: boolean } = {}): Promise<Shown> {
    const form = await acceptForm(prompt, how.presence, (text) => this.sign(text))
    return this.answer(prompt, how.withNonce === false ? withoutNonce(form) : form)
  }

  /** The user's no: `unknown_trigger` is "not me", `cancelled` "me, but stop"; left out where the server knows no reasons. */
  async decline(prompt: Prompt, how: { reason?: string; withNonce?: boolean } = {}): Promise<Shown> {
    const form = await declineForm(prompt, how.reason, (text) => this.sign(text))
    return this.answer(prompt, how.withNonce === false ? withoutNonce(form) : form)
  }

  /** The user closes the code window, which sends a signed decline. Source: docs/protocol.md, "Code to phone". */
  async closeCodeWindow(prompt: Prompt): Promise<Shown> {
    return this.decline(prompt)
  }

  /** Send an answer as it is, with the app's second try, and say what the user sees. */
  async answer(prompt: Prompt, form: FormFields): Promise<Shown> {
    const accepting = form['decline'] === undefined
    const reply = this.#transport.postTwice(prompt.url, form)
    const seen = await reply.then((came) => screenFor(prompt, came, accepting), unreachableScreen)
    if (seen.handled) this.#inbox.close(prompt.nonce)
    return seen
  }

  /** Tell the server of a new registration token (docs/protocol.md, "Registration token update"). Any status below 400 is a success; the body is not read. */
  async refresh(serial: string, newRegistrationToken: string): Promise<boolean> {
    const { url, pollOnly } = this.#token(serial)
    this.registrationToken = newRegistrationToken
    // 8: "with `no_firebase_token` for poll-only tokens"
    const form = await this.refreshForm(serial, pollOnly ? NO_REGISTRATION_TOKEN : newRegistrationToken)
    return (await this.post(url, form)).status < 400
  }

  async registrationForm(credential: Credential): Promise<FormFields> {
    return registrationForm(this.#app, credential, this.registrationToken, await publicKeyText(await this.#pair()))
  }

  async phonePollQuery(serial: string, timestamp = this.timestamp()): Promise<FormFields> {
    return phonePollQuery(this.#app, serial, timestamp, (text) => this.sign(text))
  }

  async refreshForm(serial: string, newRegistrationToken: string, timestamp = this.timestamp()): Promise<FormFields> {
    return refreshForm(this.#app, serial, newRegistrationToken, timestamp, (text) => this.sign(text))
  }

  /** This phone's signature over any text, as it goes on the wire. */
  async sign(text: string): Promise<string> {
    return signed(text, await this.#pair())
  }

  /** Any form, to any address, once. */
  async post(url: string, form: FormFields): Promise<Reply> {
    return this.#transport.post(url, form)
  }

  async get(url: string, query: FormFields): Promise<Reply> {
    return this.#transport.get(url, query)
  }

  /** The time at the phone, as `2026-11-24T06:28:20.123456Z` (docs/protocol.md, "Phone poll"). Another one each time, even
   *  while a test holds the clock. */
  timestamp(): string {
    const milliseconds = this.#now()
    const count = milliseconds === this.#instant.milliseconds ? this.#instant.count + 1 : 0
    this.#instant = { milliseconds, count }
    return new Date(milliseconds).toISOString().replace('Z', `${String(count % 1000).padStart(3, '0')}Z`)
  }

  #pair(): Promise<Keys> {
    this.#loading ??= typeof this.#keys === 'string' ? keysFromPem(this.#keys) : Promise.resolve(this.#keys)
    return this.#loading
  }

  #read(data: unknown): Prompt | undefined {
    return isFields(data) ? readPrompt(data, this.#now(), this.#app) : undefined
  }

  #token(serial: string): PhoneToken {
    const token = this.tokens.get(serial)
    if (token === undefined) throw new Error(`no token ${serial} on this phone`)
    return token
  }
}

function storedKey(index: number): string {
  const stored = PHONE_KEYS[index % PHONE_KEYS.length]
  if (stored === undefined) throw new Error(`no stored phone key ${index}`)
  return stored
}
