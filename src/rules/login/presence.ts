/** Number matching: which options there are, and which of them a login shows. Source: docs/protocol.md, "Number matching". */
import type { Random } from '../../vocabulary.ts'

export type PresenceKind = 'ALPHABETIC' | 'NUMERIC' | 'CUSTOM'

/** Every option of a kind: `A` to `Z`, `00` to `99`, or a policy's own as in `01:02:1A`. Without its own, CUSTOM is ALPHABETIC:
 *  a login that asks for too little is worse than one that asks for letters. */
export function presencePool(kind: PresenceKind, custom: string | undefined): readonly string[] {
  if (kind === 'NUMERIC') return Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
  if (kind === 'CUSTOM' && custom !== undefined) return custom.split(':')
  return Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
}

/** Distinct options in random order, as many as asked for or as the pool has, and the right one, each equally likely.
 *  `random` has to be fit for secrets: a number that can be foreseen confirms nothing. */
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

/** A whole number from 0 to `bound` - 1, each equally likely: what would favor the low ones is drawn again. */
function below(bound: number, random: Random): number {
  const fair = 2 ** 32 - (2 ** 32 % bound)
  for (;;) {
    const drawn = new DataView(random(4).buffer).getUint32(0)
    if (drawn < fair) return drawn % bound
  }
}
