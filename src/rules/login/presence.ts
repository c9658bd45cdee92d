/** Number matching: the options there are, and those that a login shows. Source: docs/protocol.md, "Number matching". */
import type { Random } from '../../vocabulary.ts'

export type PresenceKind = 'ALPHABETIC' | 'NUMERIC' | 'CUSTOM'

/** Lists all options: `A` to `Z`, `00` to `99`, or those of the policy, as in `01:02:1A`. CUSTOM without options is
 *  ALPHABETIC: too strict is better than too lax. */
export function presencePool(kind: PresenceKind, custom: string | undefined): readonly string[] {
  if (kind === 'NUMERIC') return Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
  if (kind === 'CUSTOM' && custom !== undefined) return custom.split(':')
  return Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
}

/** Chooses distinct options in random order, `count` or as many as there are, and the right one among them, all equally
 *  likely. `random` must be unpredictable: a number that can be foreseen confirms nothing. */
export function choosePresence(
  { pool }: { readonly pool: readonly string[] },
  count: number,
  random: Random,
): { readonly options: readonly string[]; readonly answer: string } {
  const left = [...new Set(pool)]
  const options: string[] = []
  while (options.length < count && left.length > 0) options.push(...left.splice(below(left.length, random), 1))
  const answer = options[options.length === 0 ? 0 : below(options.length, random)]
  if (answer === undefined) throw new Error('presence needs a pool and a count of one or more')
  return { options, answer }
}

/** Draws a whole number below `bound`, all equally likely. A draw that would favor low numbers is repeated. */
function below(bound: number, random: Random): number {
  const fair = 2 ** 32 - (2 ** 32 % bound)
  for (;;) {
    const drawn = new DataView(random(4).buffer).getUint32(0)
    if (drawn < fair) return drawn % bound
  }
}
