/** Parses the regular expressions of policies. The syntax is Python's, because privacyIDEA's policies are written in it. What
 *  cannot be matched in linear time (back references, lookaround) is refused, so that no expression can hang a login. */

/** A parsed expression. `one`: a character that passes the test. `all`: the parts in sequence. `any`: one of the branches. */
export type Node =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
  | { readonly kind: 'all'; readonly of: readonly Node[] }
  | { readonly kind: 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number | undefined }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }

type CharacterTest = (character: string) => boolean

/** Matches the empty text. */
const EMPTY: Node = { kind: 'all', of: [] }
/** Characters of an expression. */
const LONGEST = 200
const MOST_REPEATED = 200

const CLASSES: Readonly<Record<string, CharacterTest>> = {
  d: (character) => /^\p{Nd}$/u.test(character),
  w: (character) => /^[\p{L}\p{N}_]$/u.test(character),
  s: (character) => /^\s$/u.test(character),
}
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Groups that are refused, and what each of them is. */
const UNSUPPORTED_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'looks around'],
  [/^\(\?P=/, 'refers back'],
  [/^\(\?>/, 'is an atomic group'],
  [/^\(\?\(/, 'is a condition'],
  [/^\(\?/, 'sets flags, of which only (?i) at the beginning is read'],
]

/** Parses an expression into a tree, or says what in it is not supported. With `anyCase`, or `(?i)` at the beginning, upper and
 *  lower case are the same. */
export function parsePattern(pattern: string, anyCase: boolean): { readonly tree: Node } | { readonly fault: string } {
  if (pattern.length > LONGEST) return { fault: `a pattern has at most ${LONGEST} characters` }
  const hasFlag = pattern.startsWith('(?i)')
  const parser = new Parser(Array.from(pattern.slice(hasFlag ? 4 : 0)), anyCase || hasFlag)
  const tree = parser.alternatives()
  const fault = parser.fault ?? (parser.rest === '' ? undefined : "')' closes nothing")
  return fault === undefined ? { tree } : { fault }
}

/** Parses by recursive descent. The first fault is kept, and parsing then ends. */
class Parser {
  fault: string | undefined
  readonly #characters: readonly string[]
  readonly #anyCase: boolean
  /** The position of the next character. */
  #at = 0

  constructor(characters: readonly string[], anyCase: boolean) {
    this.#characters = characters
    this.#anyCase = anyCase
  }

  get rest(): string {
    return this.#characters.slice(this.#at).join('')
  }

  alternatives(): Node {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return branches.length === 1 ? (branches[0] ?? EMPTY) : { kind: 'any', of: branches }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#repeated(this.#atom()))
    return { kind: 'all', of: parts }
  }

  #atom(): Node {
    const { rest } = this
    const character = this.#next()
    if (character === '(') return this.#group(rest)
    if (character === '[') return this.#set()
    if (character === '\\') return this.#escaped()
    if (character === '^') return { kind: 'begin' }
    if (character === '$') return { kind: 'end' }
    if (character === '.') return one((found) => found !== '\n')
    if (/^[*+?{]$/.test(character)) return this.#fail(`'${character}' repeats nothing`)
    return one(this.#same(character))
  }

  #group(rest: string): Node {
    const plain = /^\((?:\?:|\?P?<[A-Za-z_]\w*>)?(?!\?)/.exec(rest)?.[0]
    if (plain === undefined) {
      const [found, why] = UNSUPPORTED_GROUPS.find(([form]) => form.test(rest)) ?? [/^/, 'is not read']
      return this.#fail(`'${found.exec(rest)?.[0] ?? ''}' ${why}`)
    }
    this.#at += plain.length - 1
    const inside = this.alternatives()
    return this.#take(')') ? inside : this.#fail("'(' is not closed")
  }

  #escaped(): Node {
    const character = this.#next()
    if (character === 'A') return { kind: 'begin' }
    if (character === 'Z') return { kind: 'end' }
    return one(this.#escape(character))
  }

  #escape(character: string): CharacterTest {
    const named = Object.hasOwn(CLASSES, character.toLowerCase()) ? CLASSES[character.toLowerCase()] : undefined
    if (named !== undefined) return character === character.toLowerCase() ? named : (found) => !named(found)
    const control = Object.hasOwn(CONTROLS, character) ? CONTROLS[character] : undefined
    if (control !== undefined) return this.#same(control)
    if (/^\d$/.test(character)) this.#fail(`'\\${character}' refers back`)
    else if (character === '' || /^[A-Za-z]$/.test(character)) this.#fail(`'\\${character}' is no escape that is read`)
    return this.#same(character)
  }

  #set(): Node {
    const negated = this.#take('^')
    if (this.#peek() === ']') return this.#fail("a set that begins with ']'; write '\\]'")
    const members: CharacterTest[] = []
    while (!this.#take(']')) {
      if (this.#peek() === undefined) return this.#fail("'[' is not closed")
      members.push(this.#member())
    }
    return one((found) => members.some((fits) => fits(found)) !== negated)
  }

  /** One character of a set, a range of them, or a class. */
  #member(): CharacterTest {
    const first = this.#next()
    const escaped = first === '\\' ? this.#next() : undefined
    if (escaped !== undefined && /^[A-Za-z\d]$/.test(escaped)) return this.#escape(escaped)
    const from = escaped ?? first
    if (!/^-[^\]]/u.test(this.rest)) return this.#same(from)
    this.#at++
    const last = this.#next()
    const to = last === '\\' ? this.#next() : last
    if (last === '\\' && /^[A-Za-z\d]$/.test(to)) this.#fail(`'${from}-\\${to}' is no range`)
    else if (code(to) < code(from)) this.#fail(`'${from}-${to}' is no range`)
    return this.#inCase((found) => code(from) <= code(found) && code(found) <= code(to))
  }

  #repeated(node: Node): Node {
    const times = /^(?:[*+?]|\{(\d{0,9})(,?)(\d{0,9})\})/.exec(this.rest)
    if (times === null) return this.#peek() === '{' ? this.#fail("'{' is no count; write '\\{'") : node
    const [sign, least = '', comma, most = ''] = times
    if (node.kind === 'begin' || node.kind === 'end') return this.#fail(`'${sign}' repeats a place`)
    if (sign.startsWith('{') && least === '' && most === '') return this.#fail(`'${sign}' is no count`)
    this.#at += sign.length
    // A lazy repetition (`a*?`) matches the same texts as a greedy one.
    this.#take('?')
    if (/^[*+{]/.test(this.rest)) return this.#fail(`'${sign}${this.#next()}' repeats a repetition`)
    if (!sign.startsWith('{')) {
      return { kind: 'repeat', of: node, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : undefined }
    }
    const fewest = Number(least)
    const highest = comma === '' ? fewest : most === '' ? undefined : Number(most)
    if (Math.max(fewest, highest ?? 0) > MOST_REPEATED)
      return this.#fail(`'${sign}' is more than ${MOST_REPEATED} times`)
    if (highest !== undefined && highest < fewest) return this.#fail(`'${sign}' is no count`)
    return { kind: 'repeat', of: node, least: fewest, most: highest }
  }

  #same(character: string): CharacterTest {
    return this.#inCase((found) => found === character)
  }

  #inCase(fits: CharacterTest): CharacterTest {
    return this.#anyCase ? (found) => fits(found) || fits(found.toLowerCase()) || fits(found.toUpperCase()) : fits
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #next(): string {
    return this.#characters[this.#at++] ?? ''
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #fail(why: string): Node {
    this.fault ??= why
    this.#at = this.#characters.length
    return EMPTY
  }
}

const one = (fits: CharacterTest): Node => ({ kind: 'one', fits })
const code = (character: string): number => character.codePointAt(0) ?? 0
