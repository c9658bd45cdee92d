import type { Limits, Ports, Snapshot } from '../../ports/ports.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import {
  type CombinationFault,
  combinationFaults,
  type CombinedSettings,
  faultsOfChange,
} from '../../rules/policy/combinations.ts'

type Combined = Pick<Snapshot, 'policies' | 'settings'>
interface LimitedBy {
  readonly limits: Pick<Limits, 'publicUrl' | 'anonymousCheck'>
}

/** Finds the combinations that a change of policies or settings brings about. `written`: the names of the policies that it
 *  writes. */
export const faultsOfWriting = (
  { limits }: LimitedBy,
  snapshot: Combined,
  change: Partial<Combined>,
  written: readonly string[],
): readonly CombinationFault[] =>
  faultsOfChange(combinedSettings(limits, snapshot), combinedSettings(limits, { ...snapshot, ...change }), written)

const combinedSettings = (
  { publicUrl, anonymousCheck }: LimitedBy['limits'],
  { policies, settings }: Combined,
): CombinedSettings => ({ policies, system: readSystemSettings(settings), publicUrl, anonymousCheck })

/** How many combinations are named; the rest are counted. */
const MOST_NAMED = 10

/** Answers whether policies are stored that let somebody in together: by an older version, by a restore, or before
 *  ANONYMOUS_CHECK or PUBLIC_URL was set. Their logins are refused. */
export async function checkCombinations({
  deployment,
  limits,
}: Pick<Ports, 'deployment' | 'limits'>): Promise<{ readonly isWell: boolean; readonly info: string }> {
  const known = await deployment.cachedOrReload()
  if (!known.ok) return { isWell: false, info: 'the catalogue does not answer' }
  const faults = combinationFaults(combinedSettings(limits, known.value))
  const more = faults.length > MOST_NAMED ? [`and ${faults.length - MOST_NAMED} more`] : []
  return faults.length === 0
    ? { isWell: true, info: 'the policies go together' }
    : { isWell: false, info: [...faults.slice(0, MOST_NAMED).map(({ why }) => why), ...more].join('; ') }
}
