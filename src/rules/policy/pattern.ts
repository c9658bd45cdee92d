/** Matches regular expressions in time proportional to the length of the text: every alternative is followed at the same time.
 *  An engine that backtracks could be made to hang a login. Source: Thompson's construction; decision 0010. */
import { type Node, parsePattern } from './pattern-syntax.ts'

/** A step of a compiled expression. `fork`: all of `to` are tried at the same position. */
type Step =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean; readonly next: number }
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'begin' | 'end'; readonly next: number }
  | { readonly kind: 'done' }

export interface Pattern {
  readonly steps: readonly Step[]
  readonly start: number
}

/** A repetition counts as many steps as it may repeat. Every isolate keeps all patterns of all policies, so each is small. */
const LARGEST = 250

type Compiled = { readonly pattern: Pattern } | { readonly fault: string }

/** Compiles an expression that has to match a text as a whole, or says why it cannot: it needs memory (back references,
 *  lookaround), or it is too large. */
export const compilePattern = (text: string, anyCase: boolean): Compiled => compile(text, anyCase, (tree) => tree)

/** Compiles an expression that has to match somewhere in a text. */
const compileSearch = (text: string): Compiled =>
  compile(text, false, (tree) => ({ kind: 'all', of: [ANYTHING, tree, ANYTHING] }))

const ANYTHING: Node = { kind: 'repeat', of: { kind: 'one', fits: () => true }, least: 0, most: undefined }

/** What is wrong with an expression, or undefined if nothing is. */
export function regularExpressionFault(text: string): string | undefined {
  const compiled = compileSearch(text)
  return 'fault' in compiled ? `'${text}': ${compiled.fault}` : undefined
}

/** Whether the expression matches somewhere in the text; one that does not compile matches nothing. */
export function isFoundIn(expression: string, text: string): boolean {
  const compiled = compileSearch(expression)
  return 'pattern' in compiled && matchesPattern(compiled.pattern, text)
}

function compile(text: string, anyCase: boolean, place: (tree: Node) => Node): Compiled {
  const parsed = parsePattern(text, anyCase)
  if ('fault' in parsed) return parsed
  if (sizeOf(parsed.tree) > LARGEST) return { fault: `repetitions come to more than ${LARGEST} steps` }
  const steps: Step[] = [{ kind: 'done' }]
  const start = build(steps, place(parsed.tree), 0)
  return { pattern: { steps, start } }
}

export const matchesPattern = (pattern: Pattern, text: string): boolean => runPattern(pattern, text).matches

/** Matches a text as a whole, and counts the steps that takes. */
export function runPattern(
  { steps, start }: Pattern,
  text: string,
): { readonly matches: boolean; readonly stepCount: number } {
  const characters = Array.from(text)
  /** By step: the position at which it was last reached. */
  const seen = new Int32Array(steps.length).fill(-1)
  let stepCount = 0
  /** The steps that are reachable at a position without taking a character. */
  const reach = (starts: readonly number[], position: number): readonly Step[] => {
    const waiting = [...starts]
    const reached: Step[] = []
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const step = steps[next]
      if (step === undefined || seen[next] === position) continue
      seen[next] = position
      stepCount++
      if (step.kind === 'fork') waiting.push(...step.to)
      else if (step.kind === 'begin' || step.kind === 'end') {
        if (position === (step.kind === 'begin' ? 0 : characters.length)) waiting.push(step.next)
      } else reached.push(step)
    }
    return reached
  }
  let current = reach([start], 0)
  for (const [position, character] of characters.entries()) {
    if (current.length === 0) return { matches: false, stepCount }
    const next = current.flatMap((step) => (step.kind === 'one' && step.fits(character) ? [step.next] : []))
    current = reach(next, position + 1)
  }
  return { matches: current.some(({ kind }) => kind === 'done'), stepCount }
}

function sizeOf(node: Node): number {
  if (node.kind === 'all' || node.kind === 'any') return node.of.reduce((sum, one) => sum + sizeOf(one), 1)
  return node.kind === 'repeat' ? (sizeOf(node.of) + 1) * Math.max(node.least + 1, node.most ?? 0) : 1
}

/** Adds the steps of a node, which continue at `next`. Returns the step they begin at. */
function build(steps: Step[], node: Node, next: number): number {
  const put = (step: Step): number => steps.push(step) - 1
  switch (node.kind) {
    case 'one':
      return put({ ...node, next })
    case 'begin':
    case 'end':
      return put({ kind: node.kind, next })
    case 'all':
      return node.of.reduceRight((after, one) => build(steps, one, after), next)
    case 'any':
      return put({ kind: 'fork', to: node.of.map((one) => build(steps, one, next)) })
    case 'repeat': {
      let start = next
      if (node.most === undefined) {
        start = put({ kind: 'fork', to: [next] })
        steps[start] = { kind: 'fork', to: [build(steps, node.of, start), next] }
      } else {
        for (let more = node.most - node.least; more > 0; more--)
          start = put({ kind: 'fork', to: [build(steps, node.of, start), next] })
      }
      for (let must = node.least; must > 0; must--) start = build(steps, node.of, start)
      return start
    }
  }
}
