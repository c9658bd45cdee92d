/** Prints the findings of a run. */
import { isExpected, type Outcome, type Result } from './run.ts'

export function lines(result: Result): readonly string[] {
  const { number, text, outcome, differences, skipped, gone } = result
  return [
    `${String(number).padStart(2)}  ${outcome.padEnd(14)}  ${text}`,
    ...differences.map(({ claim, came, why }) => `      ${claim}: ${came}\n        ${why ?? 'NOT LISTED'}`),
    ...skipped.map(({ claim, why }) => `      ${claim}: not applicable, ${why}`),
    ...gone.map(({ claim, why }) => `      ${claim}: LISTED as a divergence and no longer one (${why})`),
  ]
}

export function summaryOf(results: readonly Result[]): string {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length
  const unexpected = results.filter((result) => !isExpected(result)).map(({ number }) => number)
  const found = `${count('passed')} passed, ${count('differs')} differ, ${count('not applicable')} not applicable`
  return unexpected.length === 0 ? `${found}; all as listed` : `${found}; NOT as listed: ${unexpected.join(', ')}`
}
