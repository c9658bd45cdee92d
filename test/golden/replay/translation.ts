import type { Json } from './recording.ts'

/** What kind of travelling value: those of the first three name something, so two recorded ones never become one live one. */
export type Kind = 'transaction' | 'nonce' | 'credential' | 'serial' | 'signature' | 'key' | 'jwt' | 'timestamp'
const UNIQUE: ReadonlySet<Kind> = new Set(['transaction', 'nonce', 'credential'])

/** Shorter values could stand in a text by chance; they are replaced only where they are the whole value. */
const SAFE_INSIDE_TEXT = 8

/** From the values of the recording to those of the run, learned as the answers come in. */
export class Translation {
  readonly #live = new Map<string, string>()
  readonly #recordedOf = new Map<string, string>()
  #longestFirst: readonly string[] = []
  /** Presence options and display codes: two characters, and the same ones come again with another meaning. */
  readonly #short = new Map<string, string>()

  /** Keeps the first live value of a recorded one. Answers the recorded value that already has this live one, if that is a fault. */
  learn(kind: Kind, recorded: string, live: string): string | undefined {
    if (recorded === '' || this.#live.has(recorded)) return undefined
    const earlier = this.#recordedOf.get(live)
    this.#live.set(recorded, live)
    this.#recordedOf.set(live, recorded)
    this.#longestFirst = [...this.#live.keys()].toSorted((one, other) => other.length - one.length)
    return UNIQUE.has(kind) && earlier !== undefined && earlier !== recorded ? earlier : undefined
  }

  /** The newest meaning counts: an option is only good within its login. */
  learnShort(recorded: string, live: string): void {
    this.#short.set(recorded, live)
  }

  /** Presence lists are shuffled: the right option is paired with the right one, the others in order. */
  learnOptions(recorded: readonly string[], live: readonly string[]): void {
    const right = recorded.find((option) => live.includes(this.#short.get(option) ?? ''))
    const liveRight = right === undefined ? undefined : this.#short.get(right)
    const others = live.filter((option) => option !== liveRight)
    for (const option of recorded) if (option !== right) this.#short.set(option, others.shift() ?? option)
  }

  knows(recorded: string): boolean {
    return this.#live.has(recorded)
  }

  short(recorded: string): string {
    return this.#short.get(recorded) ?? recorded
  }

  /** A recorded text as it has to read in this run. */
  text(recorded: string): string {
    const whole = this.#live.get(recorded)
    if (whole !== undefined) return whole
    return this.#longestFirst
      .filter((value) => value.length >= SAFE_INSIDE_TEXT && recorded.includes(value))
      .reduce((text, value) => text.replaceAll(value, this.#live.get(value) ?? value), recorded)
  }

  /** A text shown to a person: options and codes stand in it as words. */
  message(recorded: string): string {
    const words = [...this.#short.keys()].filter((word) => /^\w+$/.test(word))
    const shown = this.text(recorded)
    if (words.length === 0) return shown
    return shown.replace(new RegExp(`(?<=[:\\s])(${words.join('|')})(?=$|[\\s.!])`, 'g'), (word) => this.short(word))
  }

  json(recorded: Json): Json {
    if (typeof recorded === 'string') return this.text(recorded)
    if (Array.isArray(recorded)) return recorded.map((item) => this.json(item))
    if (typeof recorded !== 'object' || recorded === null) return recorded
    return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, this.json(value)]))
  }
}
