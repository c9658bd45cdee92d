/** Number matching: the possible options, and the ones that a login shows. Source: docs/protocol.md, "Number matching". */
import type { Random } from '../../vocabulary.ts'

export type PresenceKind = 'ALPHABETIC' | 'NUMERIC' | 'CUSTOM'

/** All options of a kind: `A` to `Z`, `00` to `99`, or a policy's own such as `01:02:1A`. CUSTOM without options is read as ALPHABETIC,
 *  because a login without number matching would be weaker than one with letters. */
export function presencePool(kind: PresenceKind, custom: string | undefined): readonly string[] {
  if (kind === 'NUMERIC') return Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
  if (kind === 'CUSTOM' && custom !== undefined) return custom.split(':')
  return Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
}

/** Draws that many different options (at most the whole pool) in random order, and the right one among them; all are equally likely.
 *  `random` has to be cryptographically secure: a predictable number confirms nothing. */
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

/** Draws a whole number from 0 to `bound` - 1, each equally likely: values that would favor low numbers are drawn again. */
function below(bound: number, random: Random): number {
  const fair = 2 ** 32 - (2 ** 32 % bound)
  for (;;) {
    const drawn = new DataView(random(4).buffer).getUint32(0)
    if (drawn < fair) return drawn % bound
  }
}
