import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { Instant, Owner, Serial } from '../../vocabulary.ts'

/**
 * Runs a change that gives a user a token or takes one away. All tokens of the user get the change's revision, and their phones are told.
 * A login that was opened by an older list of the user's tokens has an older revision, and each of these phones refuses it.
 * `changed`: the token that the change is about; `change` tells its phone.
 * Refuses: as `change`; `storage_unavailable` when a phone cannot be told. If that happens before the change, nothing has changed. If it
 * happens after the change, the caller has to repeat the change.
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
  // Another change may have given the user one more token meanwhile, whose phone has no mark. In D1 it has this revision by now.
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
