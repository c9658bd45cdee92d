import type { Json } from './recording.ts'

/** The kind of a value that later requests send back. Those of the first three identify something: two recorded ones never
 *  become one live one. */
export type Kind = 'transaction' | 'nonce' | 'credential' | 'serial' | 'signature' | 'key' | 'jwt' | 'timestamp'
const UNIQUE: ReadonlySet<Kind> = new Set(['transaction', 'nonce', 'credential'])

/** Shorter values may occur in a text by chance: they are replaced only where they are the whole value. */
const SAFE_INSIDE_TEXT = 8

/** Translates values of the recording into those of this run, learned as the answers come in. */
export class Translation {
  readonly #live = new Map<string, string>()
  readonly #recordedOf = new Map<string, string>()
  #longestFirst: readonly string[] = []
  /** Presence options and display codes. They are short, and the same one stands for another in a later login. */
  readonly #short = new Map<string, string>()

  /** Keeps the first live value of a recorded one. Returns another recorded value that has this live one already, where two
   *  must not share one. */
  learn(kind: Kind, recorded: string, live: string): string | undefined {
    if (recorded === '' || this.#live.has(recorded)) return undefined
    const earlier = this.#recordedOf.get(live)
    this.#live.set(recorded, live)
    this.#recordedOf.set(live, recorded)
    this.#longestFirst = [...this.#live.keys()].toSorted((one, other) => other.length - one.length)
    return UNIQUE.has(kind) && earlier !== undefined && earlier !== recorded ? earlier : undefined
  }

  /** Keeps the newest live value: an option is valid within its login only. */
  learnShort(recorded: string, live: string): void {
    this.#short.set(recorded, live)
  }

  /** Pairs the right option with the right one and the others in order, since the lists are shuffled. */
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

  /** The recorded text with the values of this run. */
  text(recorded: string): string {
    const whole = this.#live.get(recorded)
    if (whole !== undefined) return whole
    return this.#longestFirst
      .filter((value) => value.length >= SAFE_INSIDE_TEXT && recorded.includes(value))
      .reduce((text, value) => text.replaceAll(value, this.#live.get(value) ?? value), recorded)
  }

  /** The same for a text shown to a person, in which options and codes are words. */
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
