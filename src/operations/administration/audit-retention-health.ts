import type { Ports } from '../../ports/ports.ts'
import { disposalOf } from '../../rules/deployment/audit-retention.ts'

/** Whether old records of the audit can be archived and deleted. */
export async function checkAuditRetention({
  auditArchive,
  auditRetention,
  limits,
}: Ports): Promise<{ readonly isWell: boolean; readonly info: string }> {
  const status = await auditRetention.status()
  if (!status.ok) return { isWell: false, info: 'the catalogue does not answer' }
  const { failedSince, failure, hasParts } = status.value
  if (failedSince !== undefined) {
    const since = new Date(failedSince).toISOString()
    return { isWell: false, info: `nothing is archived or deleted since ${since}: ${failure}` }
  }
  const days = limits.auditPeriods.records
  if (days === undefined) return { isWell: true, info: 'records are kept for ever' }
  const disposal = disposalOf(limits.auditArchiveMode, auditArchive !== undefined, hasParts)
  if (disposal.kind === 'wait') return { isWell: false, info: `old records stay: ${disposal.why}` }
  return {
    isWell: true,
    info: `records are kept for ${days} days, then ${disposal.kind === 'archive' ? 'archived' : 'deleted'}`,
  }
}
