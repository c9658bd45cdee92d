/** Python literals: texts, whole numbers, lists and dictionaries. privacyIDEA exports policies in them. */

export type Literal = string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal }

const WORDS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' }
/** Levels of nested lists and dictionaries. */
const DEEPEST = 8

/** Parses a literal; undefined for any other text. A tuple becomes a list. */
export function parseLiteral(text: string): Literal | undefined {
  const parser = new Parser(text)
  const value = parser.value(0)
  return parser.isAtEnd ? value : undefined
}

/** Writes a value as a Python literal. */
export function renderLiteral(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(renderLiteral).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, one]) => `${renderLiteral(key)}: ${renderLiteral(one)}`)
      .join(', ')}}`
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? String(value) : 'None'
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text.replaceAll(/[\\\n\r\t\p{Cc}\u2028\u2029'"]/gu, (found) => {
    if (found === "'" || found === '"') return found === quote ? `\\${found}` : found
    const known = Object.entries(ESCAPES).find(([, character]) => character === found)?.[0]
    return `\\${known ?? `u${found.charCodeAt(0).toString(16).padStart(4, '0')}`}`
  })
  return `${quote}${inner}${quote}`
}

/** Parses by recursive descent. */
class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#match(/\s*/y) !== undefined && this.#at === this.#text.length
  }

  value(depth: number): Literal | undefined {
    this.#match(/\s*/y)
    if (depth > DEEPEST) return undefined
    const word = this.#match(/(?:True|False|None)\b/y)
    if (word !== undefined) return WORDS.get(word)
    const number = this.#match(/-?\d{1,15}/y)
    if (number !== undefined) return Number(number)
    const text = this.#match(/u?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/sy)
    if (text !== undefined) return unescaped(text.replace(/^u/, '').slice(1, -1))
    if (this.#match(/\[/y) !== undefined) return this.#list(/\s*\]/y, depth)
    if (this.#match(/\(/y) !== undefined) return this.#list(/\s*\)/y, depth)
    return this.#match(/\{/y) === undefined ? undefined : this.#mapping(depth)
  }

  #list(end: RegExp, depth: number): Literal | undefined {
    const entries: Literal[] = []
    while (this.#match(end) === undefined) {
      const value = this.value(depth + 1)
      if (value === undefined || !this.#isSeparated(end)) return undefined
      entries.push(value)
    }
    return entries
  }

  #mapping(depth: number): Literal | undefined {
    const entries: [string, Literal][] = []
    while (this.#match(/\s*\}/y) === undefined) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string' || this.#match(/\s*:/y) === undefined) return undefined
      const value = this.value(depth + 1)
      if (value === undefined || !this.#isSeparated(/\s*\}/y)) return undefined
      entries.push([key, value])
    }
    return Object.fromEntries(entries)
  }

  /** Whether a comma follows, or the end of the list, which it does not take. */
  #isSeparated(end: RegExp): boolean {
    if (this.#match(/\s*,/y) !== undefined) return true
    const before = this.#at
    const isEnd = this.#match(end) !== undefined
    this.#at = before
    return isEnd
  }

  #match(form: RegExp): string | undefined {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

const unescaped = (text: string): string =>
  text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U(000[\da-fA-F]{5}|0010[\da-fA-F]{4})|([^xuU]))/gs,
    (...found) => {
      const [, two, four, eight, other = ''] = found as readonly (string | undefined)[]
      const code = two ?? four ?? eight
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
      return Object.hasOwn(ESCAPES, other) ? (ESCAPES[other] ?? '') : `\\${other}`
    },
  )
