/** Whether a text as a whole is what a regular expression says. All ways it may go on are followed at once, so the work is at most
 *  the length of the text times the size of the pattern: what backtracks could be made to hang a login. Source: Thompson's construction. */
import { type Node, parsePattern } from './pattern-syntax.ts'

type Step =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean; readonly next: number }
  | { readonly kind: 'ways'; readonly to: readonly number[] }
  | { readonly kind: 'begin' | 'end'; readonly next: number }
  | { readonly kind: 'done' }

export interface Pattern {
  readonly steps: readonly Step[]
  readonly start: number
}

/** Repetitions count as often as they repeat. Every isolate keeps all patterns of all policies, so none may be large. */
const LARGEST = 250

/** The pattern made ready, or what in it is not read: what needs memory (references back, looking around), or too much. */
export function compilePattern(
  text: string,
  anyCase: boolean,
): { readonly pattern: Pattern } | { readonly fault: string } {
  const read = parsePattern(text, anyCase)
  if ('fault' in read) return read
  if (sizeOf(read.tree) > LARGEST) return { fault: `repetitions come to more than ${LARGEST} steps` }
  const steps: Step[] = [{ kind: 'done' }]
  const start = build(steps, read.tree, 0)
  return { pattern: { steps, start } }
}

export const matchesPattern = (pattern: Pattern, text: string): boolean => runPattern(pattern, text).matches

/** Whether the text fits, and how many steps that took to tell. */
export function runPattern(
  { steps, start }: Pattern,
  text: string,
): { readonly matches: boolean; readonly stepCount: number } {
  const characters = Array.from(text)
  const seen = new Int32Array(steps.length).fill(-1)
  let taken = 0
  /** Every step that may come now, those taken without a character left behind. */
  const reach = (from: readonly number[], at: number): readonly Step[] => {
    const waiting = [...from]
    const here: Step[] = []
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const step = steps[next]
      if (step === undefined || seen[next] === at) continue
      seen[next] = at
      taken++
      if (step.kind === 'ways') waiting.push(...step.to)
      else if (step.kind === 'begin' || step.kind === 'end') {
        if (at === (step.kind === 'begin' ? 0 : characters.length)) waiting.push(step.next)
      } else here.push(step)
    }
    return here
  }
  let here = reach([start], 0)
  for (const [at, character] of characters.entries()) {
    if (here.length === 0) return { matches: false, stepCount: taken }
    const next = here.flatMap((step) => (step.kind === 'one' && step.fits(character) ? [step.next] : []))
    here = reach(next, at + 1)
  }
  return { matches: here.some(({ kind }) => kind === 'done'), stepCount: taken }
}

function sizeOf(node: Node): number {
  if (node.kind === 'all' || node.kind === 'any') return node.of.reduce((sum, one) => sum + sizeOf(one), 1)
  return node.kind === 'repeat' ? (sizeOf(node.of) + 1) * Math.max(node.least + 1, node.most ?? 0) : 1
}

/** Puts the steps of a node before `next`; where they begin. */
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
      return put({ kind: 'ways', to: node.of.map((one) => build(steps, one, next)) })
    case 'repeat': {
      let start = next
      if (node.most === undefined) {
        start = put({ kind: 'ways', to: [next] })
        steps[start] = { kind: 'ways', to: [build(steps, node.of, start), next] }
      } else {
        for (let more = node.most - node.least; more > 0; more--)
          start = put({ kind: 'ways', to: [build(steps, node.of, start), next] })
      }
      for (let must = node.least; must > 0; must--) start = build(steps, node.of, start)
      return start
    }
  }
}
