import type { Ports } from '../../ports/ports.ts'
import type { TokenPhone } from '../../ports/user-data.ts'
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import { addSeconds, type Instant, type Owner, seconds, type Serial } from '../../vocabulary.ts'

type ChangePorts = Pick<Ports, 'phones' | 'userData' | 'now'>

/** How long a phone keeps a mark at least. Its alarm ends the mark a little later (`CHANGE_TIME`). */
export const MARK_TIME = seconds(2)

/**
 * Runs a change that gives a user a token, takes one away or decides whether it takes part. All tokens of the user get the change's
 * revision, and their phones are told. A login that was opened by an older list of the user's tokens has an older revision, and each
 * of these phones refuses it. `changed`: the token that the change is about; `change` tells its phone.
 * Refuses: as `change`; `storage_unavailable` when a phone cannot be told. If that happens before the change, nothing has changed. If it
 * happens after the change, the caller has to repeat the change, and that tells the phones again.
 */
export async function changeOwnerTokens<T>(
  ports: ChangePorts,
  owner: Owner | undefined,
  changed: Serial,
  change: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  if (owner === undefined) return change()
  const begun = await beginChanges(ports, owner, changed)
  if (!begun.ok) return begun
  const result = await change()
  const ended = await endChanges(ports, begun.value, isLate(result))
  return ended.ok ? result : ended
}

/** Runs a change as `changeOwnerTokens`. */
export type OwnerTokensChanger = <T>(
  owner: Owner | undefined,
  changed: Serial,
  change: () => Promise<Outcome<T>>,
) => Promise<Outcome<T>>

/**
 * Runs several changes as `changeOwnerTokens` does. Each phone of a user is told once when the first of them begins and once after all of
 * them, so that the calls for all tokens of a user rise with their number and not with its square. `end` has to be called after the last
 * change. Refuses: as `changeOwnerTokens`.
 */
export function ownerTokensBatch(ports: ChangePorts): {
  readonly run: OwnerTokensChanger
  readonly end: () => Promise<Outcome<void>>
} {
  const owners = new Map<string, { readonly begun: ReturnType<typeof beginChanges>; isLate: boolean }>()
  return {
    async run(owner, _changed, change) {
      if (owner === undefined) return change()
      const key = JSON.stringify([owner.realm, owner.login])
      const batch = owners.get(key) ?? { begun: beginChanges(ports, owner), isLate: false }
      owners.set(key, batch)
      const begun = await batch.begun
      if (!begun.ok) return begun
      const result = await change()
      if (isLate(result)) batch.isLate = true
      return result
    },
    async end() {
      const ends = await Promise.all(
        [...owners.values()].map(async (batch) => {
          const begun = await batch.begun
          return begun.ok ? endChanges(ports, begun.value, batch.isLate) : begun
        }),
      )
      return ends.find(({ ok }) => !ok) ?? done(undefined)
    },
  }
}

/** Whether a change took too long, and so may still happen. */
export const isLate = (result: Outcome<unknown>): boolean =>
  !result.ok && result.refusal.reason === 'storage_unavailable'

/** Changes of a user's tokens that have begun. */
interface BegunChanges {
  readonly owner: Owner
  readonly changed?: Serial
  readonly at: Instant
  /** The phones that were told, and their marks. */
  readonly told: readonly TokenPhone[]
  readonly marks: ReadonlyMap<Serial, Instant>
}

async function beginChanges(ports: ChangePorts, owner: Owner, changed?: Serial): Promise<Outcome<BegunChanges>> {
  const others = await otherPhones(ports, owner, changed)
  if (!others.ok) return others
  const at = ports.now()
  const marks = new Map<Serial, Instant>()
  const outcomes = await markAll(ports, others.value)
  for (const [index, { serial }] of others.value.entries()) {
    const mark = outcomes[index]
    if (mark?.ok === false) return mark
    if (mark !== undefined) marks.set(serial, mark.value)
  }
  return done({ owner, at, told: others.value, marks, ...present({ changed }) })
}

async function endChanges(
  ports: ChangePorts,
  { owner, changed, at, told, marks }: BegunChanges,
  mayStillHappen: boolean,
): Promise<Outcome<void>> {
  const marksStay = ports.now() < addSeconds(at, MARK_TIME)
  // Another change may have given the user one more phone meanwhile, which has no mark. In D1 its token has this revision by now.
  const after = await otherPhones(ports, owner, changed)
  if (mayStillHappen || !after.ok) {
    // The phones wait for their alarms, whose time starts again now.
    await markAll(ports, told)
    return after.ok ? done(undefined) : after
  }
  const ends = await Promise.all(
    [...told, ...after.value.filter(({ serial }) => !marks.has(serial))].map(async ({ serial, home }) => {
      const mark = marks.get(serial)
      const ended = await ports.phones.of(serial, home).endOwnerChange({ mark })
      // A phone that is marked reads the catalogue before it rings; by the time its alarm ends that, the change has happened.
      return mark !== undefined && marksStay ? done(undefined) : ended
    }),
  )
  return ends.find(({ ok }) => !ok) ?? done(undefined)
}

/** Tells the phones of a user's tokens once more of a change that has happened. The request that made it may not have reached all of
 *  them. Refuses: `storage_unavailable`. */
export const tellOwnerTokens = (
  ports: ChangePorts,
  owner: Owner | undefined,
  changed: Serial,
): Promise<Outcome<void>> => changeOwnerTokens(ports, owner, changed, async () => done(undefined))

const markAll = (
  { phones }: Pick<Ports, 'phones'>,
  told: readonly TokenPhone[],
): Promise<readonly Outcome<Instant>[]> =>
  Promise.all(told.map(({ serial, home }) => phones.of(serial, home).beginOwnerChange()))

/** A token that no phone has registered has no phone to tell: its registration reads it, and tells the others. */
async function otherPhones(
  { userData }: Pick<Ports, 'userData'>,
  owner: Owner,
  changed: Serial | undefined,
): Promise<Outcome<readonly TokenPhone[]>> {
  const all = await userData.phonesOf(owner)
  return all.ok ? done(all.value.filter(({ serial }) => serial !== changed)) : all
}
