import type { Ports } from '../../ports/ports.ts'
import type { FirewallReportRequest } from '../../protocol/administration/firewall-report.ts'
import { done, type Outcome } from '../../refusal.ts'
import { startOfDay } from '../../timestamps.ts'
import { type Instant, instant } from '../../vocabulary.ts'
import type { FirewallCount } from '../../vocabulary/firewall-report.ts'
import { authorize, type Credential } from '../access/identify.ts'

interface Report {
  readonly from: Instant
  readonly until: Instant
  readonly counts: readonly FirewallCount[]
}

const DAY_MS = 86_400_000

/** Reports, for each of the last days and each service, how many logins rang no phone because of the push firewall, or would not have
 *  under `shadow`, and how many of these were finalized. Today is the last day. Refuses: as `authorize`; `storage_unavailable`. */
export async function reportFirewall(
  ports: Ports,
  credential: Credential,
  { days, service }: FirewallReportRequest,
): Promise<Outcome<Report>> {
  const authorized = await authorize(ports, credential, 'firewall_read')
  if (!authorized.ok) return authorized
  const until = ports.now()
  const from = instant(startOfDay(until) - (days - 1) * DAY_MS)
  const counts = await ports.firewallReports.counts({ from, until, service })
  return counts.ok ? done({ from, until, counts: counts.value }) : counts
}
