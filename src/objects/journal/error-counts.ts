import { type Instant, instant } from '../../vocabulary.ts'
import type { ErrorCount } from '../../vocabulary/doctor.ts'

const HOUR_MS = 3_600_000
/** How many hours are counted, the present one included. */
const HOURS = 24
/** Events that are counted apart in one hour. There are some fifty. */
const MAX_EVENTS = 100
const PREFIX = 'errors:'
/** The counts since the deployment began, which only rise. */
const TOTALS = 'error-totals'

type Hour = Readonly<Record<string, { readonly count: number; readonly lastAt: Instant }>>

type Totals = Readonly<Record<string, number>>

/** Higher totals. At most a hundred events are counted. */
function raised(totals: Totals, counts: readonly ErrorCount[]): Totals {
  const all = new Map(Object.entries(totals))
  for (const { event, count } of counts)
    if (all.has(event) || all.size < MAX_EVENTS) all.set(event, (all.get(event) ?? 0) + count)
  return Object.fromEntries(all)
}

const keyOf = (hour: number): string => `${PREFIX}${String(hour).padStart(8, '0')}`

/** What went wrong in all isolates: within the last day by event and hour, one row for each hour with an error; and in all. */
export class ErrorCounts {
  readonly #storage: DurableObjectStorage

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Adds what an isolate has met. */
  add(counts: readonly ErrorCount[], now: Instant): void {
    const { kv } = this.#storage
    const hour = Math.floor(now / HOUR_MS)
    const key = keyOf(hour)
    const before = kv.get<Hour>(key)
    if (before === undefined)
      for (const old of Array.from(kv.list({ prefix: PREFIX, end: keyOf(hour - HOURS + 1) }), ([name]) => name))
        kv.delete(old)
    const found = new Map(Object.entries(before ?? {}))
    for (const { event, count, lastAt } of counts) {
      const one = found.get(event)
      if (one === undefined && found.size >= MAX_EVENTS) continue
      found.set(event, {
        count: (one?.count ?? 0) + count,
        lastAt: instant(Math.max(one?.lastAt ?? 0, Math.min(lastAt, now))),
      })
    }
    kv.put(key, Object.fromEntries(found))
    kv.put(TOTALS, raised(this.totals(), counts))
  }

  /** The counts of all errors ever reported, by event. None falls. */
  totals(): Totals {
    return this.#storage.kv.get<Totals>(TOTALS) ?? {}
  }

  /** The counts of the last day, the latest first. */
  read(now: Instant): readonly ErrorCount[] {
    const start = keyOf(Math.floor(now / HOUR_MS) - HOURS + 1)
    const found = new Map<string, ErrorCount>()
    for (const [, hour] of this.#storage.kv.list<Hour>({ prefix: PREFIX, start }))
      for (const [event, { count, lastAt }] of Object.entries(hour))
        found.set(event, { event, count: (found.get(event)?.count ?? 0) + count, lastAt })
    return [...found.values()].toSorted((one, other) => other.lastAt - one.lastAt)
  }
}
