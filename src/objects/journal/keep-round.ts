import type { Ports } from '../../ports/ports.ts'
import { addSeconds, instant, seconds } from '../../vocabulary.ts'

const INTERVAL = seconds(3600)

/** Returns a function that makes sure, at most once an hour, that the journal's alarm is set and that it knows this shard. A shard calls
 *  it at each of its own alarms, because a journal whose storage was lost has no alarm and knows no shard. */
export function roundKeeper({ journal, now }: Pick<Ports, 'journal' | 'now'>, shard: string): () => Promise<void> {
  let keptAt = instant(0)
  return async () => {
    if (now() < addSeconds(keptAt, INTERVAL)) return
    const kept = await journal.keepRound({ shard })
    if (kept.ok) keptAt = now()
  }
}
