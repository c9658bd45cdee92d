import type { HeadKey, SignedHead } from '../../ports/audit-heads.ts'
import type { AuditKey, LinkKey, RawPage } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Signs where all chains of the audit end now. Refuses: as `authorize`; `storage_unavailable`. */
export async function signAuditHead(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<SignedHead & { readonly keys: readonly HeadKey[] }>> {
  const authorized = await authorize(ports, credential, 'audit_proof')
  if (!authorized.ok) return authorized
  const head = await ports.auditHeads.sign()
  if (!head.ok) return head
  const keys = await ports.auditHeads.keys()
  return keys.ok ? done({ ...head.value, keys: keys.value }) : keys
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
