import type { Ports } from '../../ports/ports.ts'
import { addSeconds, instant, seconds } from '../../vocabulary.ts'

const INTERVAL = seconds(3600)

/** Returns what a shard calls at each of its alarms: at most once an hour, the first time at once, it makes sure that the journal's
 *  rounds go on. A journal whose storage was lost has no alarm. */
export function roundKeeper({ journal, now }: Pick<Ports, 'journal' | 'now'>): () => Promise<void> {
  let keptAt = instant(0)
  return async () => {
    if (now() < addSeconds(keptAt, INTERVAL)) return
    const kept = await journal.keepRound()
    if (kept.ok) keptAt = now()
  }
}
