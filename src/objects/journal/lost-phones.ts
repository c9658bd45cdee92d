/** The round that empties the objects of phones whose tokens a restore has taken away. Nothing else reaches them: no token names them,
 *  and a poll of a serial that is in no table wakes no object. Source: decision 0069. */
import type { Restore } from '../../ports/journal-object.ts'
import { addSeconds, type Epoch, type Revision, seconds, type Serial } from '../../vocabulary.ts'
import type { Changes } from './changes.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

/** How long an administrator may still restore D1 to the state with these tokens. */
const GRACE = seconds(86_400)
/** The last restore whose phones were emptied. */
const HANDLED = 'lost-phones:epoch'

export const forgetLostPhones = (changes: Pick<Changes, 'lostSince'>, restores: () => readonly Restore[]): Round => ({
  name: 'forget lost phones',
  async step({ ports, storage, cursor, keep }) {
    const handled = storage.kv.get<Epoch>(HANDLED) ?? 0
    const due = restores().filter(
      ({ epoch, noticedAt }) => epoch > handled && ports.now() >= addSeconds(noticedAt, GRACE),
    )
    const [latest] = due
    if (latest === undefined) return 'done'
    const page = changes.lostSince(due, cursor as Revision | undefined)
    const serials = [...new Set(page.changes.flatMap(({ serial }) => serial ?? []))] as Serial[]
    const existing = valueOf(await ports.tokens.existing(serials))
    for (const serial of serials)
      // The object reads its token, finds none, and forgets it.
      if (!existing.has(serial)) valueOf(await ports.phones.of(serial).endChange({ mark: ports.now() }))
    if (page.next === undefined) {
      storage.kv.put(HANDLED, latest.epoch)
      return 'done'
    }
    keep(page.next)
    return 'more'
  },
})
