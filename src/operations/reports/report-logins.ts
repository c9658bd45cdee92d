import type { CountQuery, LoginTotals } from '../../ports/login-counts.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { type StepSummary, stepSummaries } from '../../rules/login/login-counts.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import { authorize, type Credential } from '../access/identify.ts'

const DAY = 86_400
/** So long hours are kept. */
const HOURS_KEPT = 8 * DAY

/** A time, and which logins of it are counted. */
export interface CountRequest {
  readonly from?: Instant | undefined
  readonly until?: Instant | undefined
  readonly service?: string | undefined
  readonly mode?: string | undefined
  readonly region?: string | undefined
}

export interface LoginReport {
  readonly query: CountQuery
  readonly totals: LoginTotals
  readonly steps: readonly StepSummary[]
}

/** The query that a request means: the last day, unless it says otherwise. */
export function countQuery({ from, until, ...rest }: CountRequest, now: Instant): CountQuery {
  const end = until ?? now
  const start = from ?? addSeconds(end, seconds(-DAY))
  const byDay = start < addSeconds(now, seconds(-HOURS_KEPT))
  return { from: start, until: end, byDay, ...rest }
}

export const loginReport = (query: CountQuery, totals: LoginTotals): LoginReport => ({
  query,
  totals,
  steps: stepSummaries(totals.total),
})

/** The steps of the logins of each service. */
export const stepsByService = ({
  totals,
}: LoginReport): readonly { readonly service: string; readonly steps: readonly StepSummary[] }[] =>
  totals.services.map(({ of, counts }) => ({ service: of, steps: stepSummaries(counts) }))

/** Reports how many logins there were and how long their steps took. Reads rows of D1: `LoginCounts.totals` says how many. Refuses: as
 *  `authorize`; `storage_unavailable`. */
export async function reportLogins(
  ports: Ports,
  credential: Credential,
  request: CountRequest,
): Promise<Outcome<LoginReport>> {
  const authorized = await authorize(ports, credential, 'report_read')
  if (!authorized.ok) return authorized
  const query = countQuery(request, ports.now())
  const totals = await ports.loginCounts.totals(query)
  return totals.ok ? done(loginReport(query, totals.value)) : totals
}
