/** The place of a value in an exchange: `json.detail.multi_challenge[0].serial`, `fcm[0].body.message.token`, `status`. */

export type Step = string | number
export type Path = readonly Step[]
/** A path in which `[*]` stands for any element. */
export type PathPattern = readonly (Step | { readonly any: true })[]

const STEP = /\[\*\]|\[(\d+)\]|\['([^']*)'\]|([^.[\]]+)/g

/** Parses the notation of the recordings' `volatile` lists, which divergences use as well. */
export function parsePattern(text: string): PathPattern {
  return [...text.replace(/^response\./, '').matchAll(STEP)].map(([whole, index, quoted, name]) => {
    if (whole === '[*]') return { any: true } as const
    return index === undefined ? (quoted ?? name ?? '') : Number(index)
  })
}

export function printPath(path: Path): string {
  return path
    .map((step, position) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w-]+$/.test(step)) return `['${step}']`
      return position === 0 ? step : `.${step}`
    })
    .join('')
}

const matchesStep = (step: Step, expected: PathPattern[number] | undefined): boolean =>
  typeof expected === 'object' ? typeof step === 'number' : step === expected

export const matches = (path: Path, pattern: PathPattern): boolean =>
  path.length === pattern.length && path.every((step, index) => matchesStep(step, pattern[index]))

/** Whether the pattern names the value or an object or list that contains it. */
export const isUnder = (path: Path, pattern: PathPattern): boolean =>
  pattern.length <= path.length && pattern.every((expected, index) => matchesStep(path[index] ?? '', expected))
