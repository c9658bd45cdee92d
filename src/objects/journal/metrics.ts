import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { keepCounters, type KeptCounters, NOTHING_KEPT, shownCounters } from '../../rules/deployment/metric-counters.ts'
import type { Metrics } from '../../vocabulary/metrics.ts'
import { Mutex } from '../mutex.ts'

const KEPT = 'metrics:kept'
/** With so many links waiting they are added up before the next round, at most so many times 200. */
const MANY_LINKS = 200
const MAX_STEPS = 5

/** The metrics. Their counts are D1's; what D1 has lost by being put back is kept here, so that no counter falls. */
export class MetricReader {
  readonly #storage: DurableObjectStorage
  readonly #ports: Ports
  readonly #later: (work: Promise<unknown>) => void
  // One read of D1 after the other: an earlier state that came later would look like a loss.
  readonly #reads = new Mutex()

  constructor(storage: DurableObjectStorage, ports: Ports, later: (work: Promise<unknown>) => void) {
    this.#storage = storage
    this.#ports = ports
    this.#later = later
  }

  /** Reads the counters, and how many links are not added up yet. Refuses: `storage_unavailable`. */
  read(): Promise<Outcome<Pick<Metrics, 'counters'> & { readonly linksWaiting: number }>> {
    return this.#reads.run(async () => {
      const { kv } = this.#storage
      const read = await this.#ports.loginCounts.metrics()
      if (!read.ok) return read
      const { parts, linksWaiting } = read.value
      const before = kv.get<KeptCounters>(KEPT) ?? NOTHING_KEPT
      const kept = keepCounters(before, parts)
      if (JSON.stringify(kept) !== JSON.stringify(before)) kv.put(KEPT, kept)
      if (linksWaiting > MANY_LINKS) this.#later(this.#addUp())
      return done({ counters: shownCounters(kept), linksWaiting })
    })
  }

  async #addUp(): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const more = await this.#ports.loginCounts.addUp()
      if (!more.ok || !more.value) return
    }
  }
}
