/** The prompts a phone has seen and those on its screen now; and, for tests, what it kept from its user. */
import { type Prompt, flawOf } from './prompt.ts'
import { serverKeyFrom } from './signing.ts'

/** An enrolled token, as the app keeps it. */
export interface PhoneToken {
  readonly serial: string
  readonly url: string
  readonly issuer: string
  readonly label: string
  readonly sslVerify: boolean
  readonly pollOnly: boolean
  /** As it came: base64 of the PKCS#1 key. */
  readonly serverKey: string
}

export interface Dropped {
  readonly why: string
  readonly data: unknown
}

// A request is shown for two minutes: docs/protocol.md, "Life on the phone".
const SHOWN_FOR = 120_000

export class Inbox {
  readonly tokens = new Map<string, PhoneToken>()
  readonly dropped: Dropped[] = []
  seen: readonly string[] = []
  readonly #open = new Map<string, Prompt>()

  open(now: number): Prompt[] {
    return [...this.#open.values()].filter((prompt) => now < prompt.receivedAt + SHOWN_FOR)
  }

  close(nonce: string): void {
    this.#open.delete(nonce)
  }

  /** Put a prompt on the screen if it verifies and was never there. */
  async show(prompt: Prompt): Promise<Prompt | undefined> {
    // A nonce is shown once, also if it is polled again: docs/protocol.md, "Life on the phone".
    if (this.seen.includes(prompt.nonce)) return undefined
    const why = await this.#flaw(prompt)
    // A second look after the await: the same prompt may have come by poll and by FCM at once.
    if (this.seen.includes(prompt.nonce)) return undefined
    if (why !== undefined) {
      this.dropped.push({ why, data: prompt })
      return undefined
    }
    // The app remembers the last hundred.
    this.seen = [...this.seen, prompt.nonce].slice(-100)
    this.#open.set(prompt.nonce, prompt)
    return prompt
  }

  async #flaw(prompt: Prompt): Promise<string | undefined> {
    // The app finds tokens by serial alone: docs/protocol.md, "Phone app".
    const token = this.tokens.get(prompt.serial)
    if (token === undefined) return `no token ${prompt.serial} on this phone`
    const serverKey = await serverKeyFrom(token.serverKey)
    return serverKey === undefined ? `the server key of ${prompt.serial} is unreadable` : flawOf(prompt, serverKey)
  }
}
