/** Runs statements against a server and compares the findings with the divergences that are listed. */
import { reasonOf } from '../simulation/reply.ts'
import { DIVERGENCES, type Divergence } from './divergences.ts'
import {
  ALL_OF_IT,
  CARRIED_THROUGH,
  type Difference,
  Findings,
  NotApplicable,
  type Skipped,
  type Statement,
} from './statement.ts'
import type { World } from './world.ts'

export type Outcome = 'passed' | 'differs' | 'not applicable'

export interface Result {
  readonly number: number
  readonly text: string
  readonly outcome: Outcome
  /** `why` is absent if the difference is not listed. */
  readonly differences: readonly (Difference & { readonly why?: string })[]
  readonly skipped: readonly Skipped[]
  /** Listed differences that were not found. */
  readonly gone: readonly Divergence[]
}

/** Whether the findings are those listed. */
export const isExpected = ({ differences, gone }: Result): boolean =>
  gone.length === 0 && differences.every(({ why }) => why !== undefined)

export async function run(
  world: World,
  statements: readonly Statement[],
  onResult: (result: Result) => void = () => {},
  /** Stops before the next statement. */
  signal?: AbortSignal,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const statement of statements) {
    if (signal?.aborted === true) break
    const see = new Findings()
    try {
      if (statement.slow === true && !world.options.slow) throw new NotApplicable('takes time: --slow')
      await statement.check(world, see)
    } catch (error) {
      if (error instanceof NotApplicable) see.skip(ALL_OF_IT, error.message)
      else see.expect(CARRIED_THROUGH, false, reasonOf(error))
    } finally {
      await world.tidy()
    }
    const result = judge(statement, see, DIVERGENCES[world.kind])
    results.push(result)
    onResult(result)
  }
  return results
}

export function judge({ number, text }: Statement, see: Findings, listed: readonly Divergence[]): Result {
  const known = listed.filter(({ statement }) => statement === number)
  const differences = onePerClaim(see.differences).map((difference) => {
    const why = known.find(({ claim }) => claim === difference.claim)?.why
    return why === undefined ? difference : { ...difference, why }
  })
  // A claim that was skipped is not counted as missing.
  const judgedClaims = new Set([...see.held, ...see.differences.map(({ claim }) => claim)])
  const gone = known.filter(
    ({ claim, sometimes }) =>
      sometimes !== true && judgedClaims.has(claim) && !differences.some((one) => one.claim === claim),
  )
  const outcome = differences.length > 0 ? 'differs' : see.held.length > 0 ? 'passed' : 'not applicable'
  return { number, text, outcome, differences, skipped: see.skipped, gone }
}

const onePerClaim = (differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ claim }, index) => differences.findIndex((one) => one.claim === claim) === index)
