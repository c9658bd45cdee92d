import type { Outcome } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { addSeconds, instant, type Instant, seconds } from '../vocabulary.ts'
import { storageUnavailable } from './run-query.ts'

/** How long after one query the next begins, and how many keys one may have. */
const INTERVAL = seconds(1)
const MOST_KEYS = 1000
/** How long to wait for a query that another request began. Its promise never settles when that request is cancelled. */
const TIME_LIMIT = seconds(4)

interface Batch<Key, Value> {
  readonly keys: Set<Key>
  readonly beganAt: Instant
  readonly result: Promise<Outcome<ReadonlyMap<Key, Value>>>
}

/** Returns a function that looks up one key together with all others that callers ask for meanwhile, with one query a second.
 *  Refuses: `storage_unavailable`, also for a key that does not fit into the query. */
export function batchedLookup<Key, Value>(
  query: (keys: readonly Key[]) => Promise<Outcome<ReadonlyMap<Key, Value>>>,
  now: () => Instant,
): (key: Key) => Promise<Outcome<ReadonlyMap<Key, Value>>> {
  let lastQuery = instant(0)
  let open: Batch<Key, Value> | undefined

  function begin(key: Key): Batch<Key, Value> {
    const keys = new Set([key])
    const run = async () => {
      const rest = addSeconds(lastQuery, INTERVAL) - now()
      await pause(Math.min(Math.max(rest, 0), INTERVAL * 1000))
      if (open?.keys === keys) open = undefined
      lastQuery = now()
      return query([...keys])
    }
    return { keys, beganAt: now(), result: run() }
  }

  const isStuck = ({ beganAt }: Batch<Key, Value>): boolean =>
    now() < beganAt || now() > addSeconds(beganAt, TIME_LIMIT)

  return async (key) => {
    if (open === undefined || isStuck(open)) open = begin(key)
    else if (open.keys.size < MOST_KEYS) open.keys.add(key)
    else if (!open.keys.has(key)) return storageUnavailable()
    const found = await withTimeLimit(open.result, TIME_LIMIT)
    return found === 'late' ? storageUnavailable() : found
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds))
