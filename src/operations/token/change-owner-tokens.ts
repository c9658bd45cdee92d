import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { Instant, Owner, Serial } from '../../vocabulary.ts'

/**
 * Runs a change of which tokens a user has. A login may be opened by an older list of them, which lacks one or still has one, so all
 * tokens of the user get the change's revision, and their phones hear of it: from then on each refuses a login that brings an older
 * one. `changed`: the token that the change is about, whose own phone hears otherwise.
 * Refuses: as `change`; `storage_unavailable` when a phone cannot be told. Before the change, then nothing has changed; after it, the
 * change has to be repeated.
 */
export async function changeOwnerTokens<T>(
  ports: Pick<Ports, 'phones' | 'userData'>,
  owner: Owner | undefined,
  changed: Serial,
  change: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  if (owner === undefined) return change()
  const others = await otherTokens(ports, owner, changed)
  if (!others.ok) return others
  const marks = await Promise.all(others.value.map((serial) => ports.phones.of(serial).beginOwnerChange()))
  const refused = marks.find(({ ok }) => !ok)
  if (refused?.ok === false) return refused
  const result = await change()
  // Another change may have given the user one more token meanwhile, which nobody has marked. It has its revision by now.
  const after = await otherTokens(ports, owner, changed)
  if (!after.ok) return after
  const markOf = (serial: Serial): Instant | undefined => {
    const mark = marks[others.value.indexOf(serial)]
    return mark?.ok === true ? mark.value : undefined
  }
  const all = [...new Set([...others.value, ...after.value])]
  const ends = await Promise.all(
    all.map(async (serial) => {
      const mark = markOf(serial)
      const ended = await ports.phones.of(serial).endOwnerChange({ mark })
      // A phone that is marked reads the catalogue before it rings.
      return mark === undefined ? ended : done(undefined)
    }),
  )
  const untold = ends.find(({ ok }) => !ok)
  return untold?.ok === false ? untold : result
}

async function otherTokens(
  { userData }: Pick<Ports, 'userData'>,
  owner: Owner,
  changed: Serial,
): Promise<Outcome<readonly Serial[]>> {
  const all = await userData.serialsOf(owner)
  return all.ok ? done(all.value.filter((serial) => serial !== changed)) : all
}
