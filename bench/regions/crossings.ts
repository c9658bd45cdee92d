/** Counts the crossings of a request: how often it went to another continent, one journey after the other. */

/** Half a round trip, recorded by `around.mjs`. Times in milliseconds. */
export interface Leg {
  readonly what: string
  readonly at: 'before' | 'after'
  readonly from: string
  readonly to: string
  readonly start: number
  readonly end: number
}

/** Regions between which no ocean lies. */
const NEAR: readonly (readonly string[])[] = [
  ['weur', 'eeur'],
  ['wnam', 'enam'],
]

/** Whether an ocean lies between these regions. */
const isCrossing = ({ from, to }: Pick<Leg, 'from' | 'to'>): boolean =>
  from !== to && !NEAR.some((coast) => coast.includes(from) && coast.includes(to))

/** How late a leg may have begun after the one before it had ended, in milliseconds: computing takes time. */
const PAUSE_MS = 40

/** The legs that the end of a request waited for, walked back from its end: each one ended when the next began. `end`: the leg of
 *  its reply to its caller; the last reply of all unless given. */
export function criticalPath(
  legs: readonly Leg[],
  end: Leg | undefined = legs.findLast(({ what, at }) => what === 'edge' && at === 'after'),
): readonly Leg[] {
  const path: Leg[] = []
  for (let leg = end; leg !== undefined;) {
    path.unshift(leg)
    const { start } = leg
    const before: Leg[] = legs.filter((one) => one !== leg && one.end <= start && start - one.end <= PAUSE_MS)
    leg = before.toSorted((one, other) => one.end - other.end || one.start - other.start).at(-1)
  }
  return path
}

/** Whole crossings of an ocean on the path: there and back is one. */
export const crossings = (path: readonly Leg[]): number => path.filter(isCrossing).length / 2
