/** The messages that reached the simulated Google, whatever it answered. */

export interface PushedMessage {
  readonly at: number
  readonly projectId: string
  readonly authorization: string
  readonly registrationToken: string
  readonly data: Readonly<Record<string, string>>
  /** `message` as it came. */
  readonly message: Readonly<Record<string, unknown>>
  /** 200: delivered. Another status: refused. Or what was done instead of answering. */
  readonly answered: number | string
}

type Fits = (message: PushedMessage) => boolean

export class Messages {
  readonly all: PushedMessage[] = []
  readonly #waiters = new Set<(message: PushedMessage) => void>()

  add(message: PushedMessage): void {
    this.all.push(message)
    for (const tell of this.#waiters) tell(message)
  }

  clear(): void {
    this.all.length = 0
  }

  /** The first that fits, already there or yet to come; rejects after `milliseconds`. */
  async wait(fits: Fits = () => true, milliseconds = 5000): Promise<PushedMessage> {
    const there = this.all.find(fits)
    if (there !== undefined) return there
    return new Promise((resolve, reject) => {
      const done = (message: PushedMessage): void => {
        if (!fits(message)) return
        this.#waiters.delete(done)
        clearTimeout(timer)
        resolve(message)
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(done)
        reject(new Error(`no such message within ${milliseconds} ms; ${this.all.length} others came`))
      }, milliseconds)
      this.#waiters.add(done)
    })
  }
}
