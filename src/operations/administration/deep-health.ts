import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { checkAuditRetention } from './audit-retention-health.ts'
import { checkCombinations } from './combined-settings.ts'
import { checkMasterKeys } from './master-key-health.ts'
import { checkRateLimits } from './rate-limit-health.ts'
import { checkWebhooks } from './webhook-health.ts'

/** One thing that is looked at. */
export interface HealthCheck {
  /** Stands in the answer. */
  readonly name: string
  /** Answers what was found, and whether an administrator has to do something about it. */
  readonly run: (ports: Ports) => Promise<{ readonly isWell: boolean; readonly info: string }>
}

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

/** What a check has found. */
export interface CheckResult {
  readonly name: string
  readonly isWell: boolean
  readonly info: string
}

/** Runs all checks. Refuses: as `authorize`. */
export async function deepHealth(ports: Ports, credential: Credential): Promise<Outcome<readonly CheckResult[]>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  return done(await runHealthChecks(ports))
}

/** Runs all checks, for callers who may read settings. */
export const runHealthChecks = (ports: Ports): Promise<readonly CheckResult[]> =>
  Promise.all(HEALTH_CHECKS.map(async ({ name, run }) => ({ name, ...(await run(ports)) })))
