import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { type Region, seconds } from '../../vocabulary.ts'
import { checkAuditRetention } from './audit-retention-health.ts'
import { checkCombinations } from './combined-settings.ts'
import type { CheckResult, HealthCheck } from './health-check.ts'
import { healthProbes } from './health-probes.ts'
import { checkMasterKeys } from './master-key-health.ts'
import { checkRateLimits } from './rate-limit-health.ts'
import { checkWebhooks } from './webhook-health.ts'

/** Each check has as long (seconds). */
const TIME_LIMIT = seconds(4)

/** Whether D1 was put back to an earlier state, and nobody has dealt with what that has undone. */
const restored: HealthCheck = {
  name: 'catalogue',
  async run({ journal }) {
    const checked = await journal.check({})
    const report = checked.ok ? await journal.restores({}) : checked
    if (!report.ok) return { isWell: false, info: 'the catalogue or the journal does not answer' }
    const open = report.value.restores.filter(({ acknowledged }) => acknowledged === undefined)
    const [latest] = open
    if (latest === undefined) return { isWell: true, info: 'the catalogue goes on from what is known of it' }
    const at = new Date(latest.noticedAt).toISOString()
    return {
      isWell: false,
      info: `the catalogue was put back to an earlier state, noticed ${at}: npm run nod -- restored`,
    }
  },
}

/** Whether every shard that opens logins knows the newest settings. */
const shards: HealthCheck = {
  name: 'settings',
  async run({ journal }) {
    const behind = await journal.shardsBehind()
    if (!behind.ok) return { isWell: false, info: 'the journal does not answer' }
    if (behind.value.length === 0) return { isWell: true, info: 'every shard knows the newest settings' }
    return { isWell: false, info: `not told of the last change yet: ${behind.value.join(', ')}` }
  },
}

/** What is looked at, in the order of the answer. */
export const HEALTH_CHECKS: readonly HealthCheck[] = [
  restored,
  shards,
  { name: 'keys', run: checkMasterKeys },
  { name: 'audit', run: checkAuditRetention },
  { name: 'policies', run: checkCombinations },
  { name: 'rate_limits', run: checkRateLimits },
  { name: 'webhooks', run: checkWebhooks },
]

/** Runs all probes and checks. Costs one written row, some thirty read ones, a signature, and for each configuration of Firebase two
 *  requests to Google. Refuses: as `authorize`. */
export async function deepHealth(
  ports: Ports,
  credential: Credential,
  near: Region,
): Promise<Outcome<readonly CheckResult[]>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  return done(await runAll(ports, [...healthProbes(ports), ...HEALTH_CHECKS], near))
}

/** Runs all checks, and no probe, for callers who may read settings. */
export const runHealthChecks = (ports: Ports): Promise<readonly CheckResult[]> => runAll(ports, HEALTH_CHECKS)

/** One that fails or is late is a finding, and keeps no other from being made. */
const runAll = (ports: Ports, checks: readonly HealthCheck[], near?: Region): Promise<readonly CheckResult[]> =>
  Promise.all(checks.map(async ({ name, run }) => ({ name, ...(await ending(ports, name, run(ports, near))) })))

async function ending(ports: Ports, name: string, check: ReturnType<HealthCheck['run']>) {
  try {
    const found = await withTimeLimit(check, TIME_LIMIT)
    return found === 'late' ? { isWell: false, info: 'it took too long' } : found
  } catch (error) {
    ports.log('check_failed', { check: name, error: String(error) })
    return { isWell: false, info: 'it could not be checked' }
  }
}
