import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { withZeros } from '../../rules/deployment/metric-counters.ts'
import type { Metrics } from '../../vocabulary/metrics.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Reads the metrics: one call of the journal, which reads rows of D1 (`LoginCounts.metrics` says how many) and writes one row of its own
 *  if a counter has risen. Refuses: as `authorize`; `storage_unavailable`. */
export async function readMetrics(ports: Ports, credential: Credential): Promise<Outcome<Metrics>> {
  const authorized = await authorize(ports, credential, 'metrics_read')
  if (!authorized.ok) return authorized
  const read = await ports.journal.metrics()
  if (!read.ok) return read
  const { counters, gauges } = read.value
  return done({ counters: withZeros(counters, ports.limits.firebase), gauges })
}
