import type { HeadKey, SignedHead } from '../../ports/audit-heads.ts'
import type { AuditKey, LinkKey, NumberedShard, RawPage } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { Instant } from '../../vocabulary.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Where the audit stands, for whoever verifies it. */
export interface AuditEnds extends SignedHead {
  readonly keys: readonly HeadKey[]
  readonly numbers: Readonly<Record<NumberedShard, number>>
  /** Retention has deleted records before this time. */
  readonly deletedBefore: Instant
  /** Days for which records are kept; undefined: for ever. */
  readonly days: number | undefined
}

/** Signs where all chains of the audit end now. Refuses: as `authorize`; `storage_unavailable`. */
export async function signAuditHead(ports: Ports, credential: Credential): Promise<Outcome<AuditEnds>> {
  const authorized = await authorize(ports, credential, 'audit_proof')
  if (!authorized.ok) return authorized
  const head = await ports.auditHeads.sign()
  if (!head.ok) return head
  const keys = await ports.auditHeads.keys()
  if (!keys.ok) return keys
  const numbers = await ports.audit.numbers()
  if (!numbers.ok) return numbers
  const retention = await ports.auditRetention.status()
  if (!retention.ok) return retention
  const { deletedBefore } = retention.value
  const days = ports.limits.auditPeriods.records
  return done({ ...head.value, keys: keys.value, numbers: numbers.value, deletedBefore, days })
}

/** Lists records as they are stored. Refuses: as `signAuditHead`. */
export async function listRawRecords(
  ports: Ports,
  credential: Credential,
  after: AuditKey | undefined,
): Promise<Outcome<RawPage<AuditKey>>> {
  const authorized = await authorize(ports, credential, 'audit_proof')
  return authorized.ok ? ports.audit.rawRecords(after) : authorized
}

/** Lists links as they are stored. Refuses: as `signAuditHead`. */
export async function listRawLinks(
  ports: Ports,
  credential: Credential,
  after: LinkKey | undefined,
): Promise<Outcome<RawPage<LinkKey>>> {
  const authorized = await authorize(ports, credential, 'audit_proof')
  return authorized.ok ? ports.audit.rawLinks(after) : authorized
}
