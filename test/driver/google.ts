/** The simulated Google, asked and told over HTTP by tests that do not run in its process. */
import type { Phone, Prompt } from '../simulation/phone.ts'
import { waitUntil } from './waiting.ts'

/** An FCM message as Google received it. */
export interface PushMessage {
  readonly registrationToken: string
  readonly data: Readonly<Record<string, string>>
  readonly message: Readonly<Record<string, unknown>>
  /** The HTTP status Google answered, or what it did instead. */
  readonly answered: number | string
}

export class GoogleControl {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** The messages sent to a phone so far, oldest first; waits for the first of them, `wait` milliseconds at most. */
  async messagesTo({ registrationToken }: Pick<Phone, 'registrationToken'>, wait = 0): Promise<readonly PushMessage[]> {
    const query = new URLSearchParams({ registration_token: registrationToken, wait: String(wait) })
    return (await fetch(`${this.#url}/_/messages?${query}`)).json() as Promise<readonly PushMessage[]>
  }

  /** The prompt that FCM delivered to a phone, verified as the app verifies it. */
  async deliveredPrompt(phone: Phone): Promise<Prompt> {
    let prompt: Prompt | undefined
    await waitUntil(async () => {
      for (const { data, answered } of await this.messagesTo(phone))
        prompt ??= answered === 200 ? await phone.receive(data) : undefined
      return prompt !== undefined
    })
    if (prompt === undefined) throw new Error(`nothing came by FCM; dropped: ${JSON.stringify(phone.dropped)}`)
    return prompt
  }

  /** Sets how Google treats the messages to a phone, all of them or the next `times`. */
  async behave(
    { registrationToken }: Pick<Phone, 'registrationToken'>,
    behavior: unknown,
    times?: number,
  ): Promise<void> {
    await fetch(`${this.#url}/_/behave`, {
      method: 'POST',
      body: JSON.stringify({ behavior, registrationToken, times }),
    })
  }

  /** Makes every access token that Google has issued invalid. */
  async revokeAccessTokens(): Promise<void> {
    await fetch(`${this.#url}/_/revoke-access-tokens`, { method: 'POST' })
  }
}
