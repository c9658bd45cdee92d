import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import {
  countsUnder,
  type DeliveryCounts,
  deliveriesOf,
  type DeliveryState,
  deliveryState,
} from '../../rules/login/login-counts.ts'
import { searchRanges } from '../../rules/token/search-ranges.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { Counts } from '../../vocabulary/login-reports.ts'
import type { SearchResult, TokenStatus } from '../../vocabulary/tokens.ts'
import { authorize, type Credential, ownerAuthorization, requestOriginOf } from '../access/identify.ts'
import { rightsFor } from '../access/caller-rights.ts'
import { runHealthChecks } from '../administration/deep-health.ts'
import type { CheckResult } from '../administration/health-check.ts'
import { countQuery, type CountRequest, type LoginReport, loginReport } from './report-logins.ts'
import { firebaseName } from '../../vocabulary/firebase.ts'

/** So many tokens stand with an alarm. */
const SHOWN = 10

/** What an administrator looks at first. What the caller has no right to read is absent. */
export interface Overview extends LoginReport {
  /** Logins of the last day that their users called somebody else's. */
  readonly notMe: number
  /** Rings of the last day that the push firewall silenced. */
  readonly silenced: number
  /** By cause; with `/shadow` those that would have been silenced. */
  readonly rings: Counts
  /** By Firebase configuration; `state` is that of this hour and the one before. */
  readonly deliveries: readonly (DeliveryCounts & { readonly state: DeliveryState })[]
  /** The tokens that are locked, and the phones that FCM cannot reach: how many, and the first of them. */
  readonly tokens?: Readonly<Record<'locked' | 'unreachable', SearchResult>>
  /** What is not well. */
  readonly health?: readonly CheckResult[]
}

/**
 * Reports the counts of logins, and what needs somebody. Reads rows of D1: three times what `LoginCounts.totals` reads, once if the last day
 * is asked for; of the tokens an index of those that are locked or unreachable; for administrators who may read settings also what
 * `deepHealth` reads. No object but the journal is called. Refuses: as `authorize`; `storage_unavailable`.
 */
export async function reportOverview(
  ports: Ports,
  credential: Credential,
  request: CountRequest,
): Promise<Outcome<Overview>> {
  const authorized = await authorize(ports, credential, 'report_read')
  if (!authorized.ok) return authorized
  const { caller, snapshot } = authorized.value
  const now = ports.now()
  const query = countQuery(request, now)
  const isLastDay = Object.values(request).every((one) => one === undefined)
  const origin = requestOriginOf(credential)
  const rights = rightsFor(snapshot, caller, origin)
  const realms = rights.includes('tokenlist')
    ? ownerAuthorization(caller, snapshot, origin, 'tokenlist').visibleRealms()
    : undefined
  const tokensOf = (status: TokenStatus) =>
    realms?.ok === true
      ? ports.tokens.search({ ranges: searchRanges('', 'user', realms.value), texts: [], status, limit: SHOWN })
      : undefined
  const [totals, lastDay, recent, locked, unreachable, health] = await Promise.all([
    ports.loginCounts.totals(query),
    isLastDay ? undefined : ports.loginCounts.totals(countQuery({}, now)),
    ports.loginCounts.totals({ from: addSeconds(now, seconds(-3600)), until: now, byDay: false }),
    tokensOf('locked'),
    tokensOf('unreachable'),
    rights.includes('configread') ? runHealthChecks(ports) : undefined,
  ])
  if (!totals.ok) return totals
  if (lastDay?.ok === false) return lastDay
  if (!recent.ok) return recent
  if (locked?.ok === false) return locked
  if (unreachable?.ok === false) return unreachable
  return done({
    ...loginReport(query, totals.value),
    ...urgent((lastDay ?? totals).value.total),
    rings: countsUnder('ring/', totals.value.total),
    deliveries: deliveriesIn(totals.value.total, recent.value.total, ports.limits.firebase),
    ...(locked === undefined || unreachable === undefined
      ? {}
      : { tokens: { locked: locked.value, unreachable: unreachable.value } }),
    ...(health === undefined ? {} : { health: health.filter(({ isWell }) => !isWell) }),
  })
}

function urgent(lastDay: Counts): Pick<Overview, 'notMe' | 'silenced'> {
  const rings = Object.entries(countsUnder('ring/', lastDay)).filter(([why]) => !why.endsWith('/shadow'))
  return {
    notMe: lastDay['outcome/not_me'] ?? 0,
    silenced: rings.reduce((sum, [, number]) => sum + number, 0),
  }
}

/** The deliveries of every Firebase configuration that there is, or that one was made over. */
function deliveriesIn(total: Counts, recent: Counts, configured: readonly string[]): Overview['deliveries'] {
  const none = { delivered: 0, failures: {} }
  const before = deliveriesOf(recent)
  const made = deliveriesOf(total)
  const unused = configured.filter((name) => !made.some(({ firebase }) => firebaseName(firebase) === name))
  return [...made, ...unused.map((firebase) => ({ firebase, ...none }))].map((one) => ({
    ...one,
    state: deliveryState(before.find(({ firebase }) => firebase === one.firebase) ?? none),
  }))
}
