import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { addSeconds, type Instant, type Owner, seconds, type Serial } from '../../vocabulary.ts'

/** How long a phone keeps a mark at least. Its alarm ends the mark a little later (`CHANGE_TIME`). */
const MARK_TIME = seconds(2)

/**
 * Runs a change that gives a user a token, takes one away or decides whether it takes part. All tokens of the user get the change's
 * revision, and their phones are told. A login that was opened by an older list of the user's tokens has an older revision, and each
 * of these phones refuses it. `changed`: the token that the change is about; `change` tells its phone.
 * Refuses: as `change`; `storage_unavailable` when a phone cannot be told. If that happens before the change, nothing has changed. If it
 * happens after the change, the caller has to repeat the change, and that tells the phones again.
 */
export async function changeOwnerTokens<T>(
  ports: Pick<Ports, 'phones' | 'userData' | 'now'>,
  owner: Owner | undefined,
  changed: Serial,
  change: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  if (owner === undefined) return change()
  const others = await otherTokens(ports, owner, changed)
  if (!others.ok) return others
  const begun = ports.now()
  const marks = await markAll(ports, others.value)
  const refused = marks.find(({ ok }) => !ok)
  if (refused?.ok === false) return refused
  const result = await change()
  const marksStay = ports.now() < addSeconds(begun, MARK_TIME)
  const isLate = !result.ok && result.refusal.reason === 'storage_unavailable'
  // Another change may have given the user one more token meanwhile, whose phone has no mark. In D1 it has this revision by now.
  const after = isLate ? result : await otherTokens(ports, owner, changed)
  if (!after.ok) {
    // A change that took too long may still happen, so the phones wait for their alarms, whose time starts again now.
    await markAll(ports, others.value)
    return after
  }
  const markOf = (serial: Serial): Instant | undefined => {
    const mark = marks[others.value.indexOf(serial)]
    return mark?.ok === true ? mark.value : undefined
  }
  const all = [...new Set([...others.value, ...after.value])]
  const ends = await Promise.all(
    all.map(async (serial) => {
      const mark = markOf(serial)
      const ended = await ports.phones.of(serial).endOwnerChange({ mark })
      // A phone that is marked reads the catalogue before it rings; by the time its alarm ends that, the change has happened.
      return mark !== undefined && marksStay ? done(undefined) : ended
    }),
  )
  const untold = ends.find(({ ok }) => !ok)
  return untold?.ok === false ? untold : result
}

/** Tells the phones of a user's tokens once more of a change that has happened. The request that made it may not have reached all of
 *  them. Refuses: `storage_unavailable`. */
export const tellOwnerTokens = (
  ports: Pick<Ports, 'phones' | 'userData' | 'now'>,
  owner: Owner | undefined,
  changed: Serial,
): Promise<Outcome<void>> => changeOwnerTokens(ports, owner, changed, async () => done(undefined))

const markAll = ({ phones }: Pick<Ports, 'phones'>, serials: readonly Serial[]): Promise<readonly Outcome<Instant>[]> =>
  Promise.all(serials.map((serial) => phones.of(serial).beginOwnerChange()))

async function otherTokens(
  { userData }: Pick<Ports, 'userData'>,
  owner: Owner,
  changed: Serial,
): Promise<Outcome<readonly Serial[]>> {
  const all = await userData.serialsOf(owner)
  return all.ok ? done(all.value.filter((serial) => serial !== changed)) : all
}
