import type { BypassCode } from '../../ports/bypass-codes.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { drawBypassCode, formatBypassCode } from '../../protocol/login/bypass-code.ts'
import { bypassCodeIdOf, type BypassCodeRequest } from '../../protocol/token/bypass-code-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { addSeconds, type Owner, type Seconds, type Source } from '../../vocabulary.ts'
import type { Notice } from '../../vocabulary/notices.ts'
import { auditNameOf, authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { authorizeUserChange } from '../access/authorize-owner-change.ts'
import { tellPhonesOf } from './tell-phones.ts'

/** A new code, shown this once. */
export interface IssuedBypassCode extends BypassCode {
  readonly code: string
}

/** Issues a code that lets the user in once within `validFor` seconds, and voids an earlier one. The user's phones know of it before
 *  anybody has the code. The entry names who issues it.
 *  Refuses: `user_not_in_realm`, `storage_unavailable`. */
export async function issueBypassCode(
  ports: Pick<Ports, 'bypassCodes' | 'random' | 'phones' | 'log' | 'subjects' | 'deployment' | 'events'>,
  entry: AuditEntry,
  { owner, reason, validFor }: { readonly owner: Owner; readonly reason: string; readonly validFor: Seconds },
): Promise<Outcome<IssuedBypassCode>> {
  const code = drawBypassCode(ports.random)
  const { at: issuedAt, administrator: issuedBy } = entry
  const issuing = { owner, issuedAt, expiresAt: addSeconds(issuedAt, validFor), issuedBy, reason }
  const id = await ports.bypassCodes.issue(
    { ...issuing, code },
    { ...entry, owner, info: `${validFor / 60} minutes: ${reason}` },
  )
  if (!id.ok) return id
  if (id.value === undefined) return refuse({ reason: 'user_not_in_realm' })
  const notice: Notice = {
    id: `bypass_code:${id.value}`,
    at: issuedAt,
    subject: { kind: 'bypass_code_issued', code: id.value },
  }
  void ports.events.report({
    type: 'new_phone',
    id: notice.id,
    at: issuedAt,
    owner,
    ...(issuedBy === '' ? {} : { administrator: issuedBy }),
    change: 'bypass_code_issued',
  })
  await tellPhonesOf(ports, owner, notice, issuedAt)
  return done({ ...issuing, id: id.value, code: formatBypassCode(code) })
}

/** Issues a bypass code to a user at an administrator's request.
 *  Refuses: as `authorizeUserChange`; `user_not_in_realm`, `storage_unavailable`. */
export async function grantBypassCode(
  ports: Ports,
  credential: Credential,
  source: Source,
  { user, realm, reason, validFor }: BypassCodeRequest,
): Promise<Outcome<IssuedBypassCode>> {
  const change = await authorizeUserChange(ports, credential, source, 'bypass_write', 'POST /token/bypass', {
    user,
    realm,
  })
  if (!change.ok) return change
  const { owner, entry } = change.value
  return issueBypassCode(ports, entry, { owner, reason, validFor })
}

/** Lists the open codes of users that the caller may read, the newest first. Refuses: as `authorizeOwnerRight`. */
export async function listBypassCodes(ports: Ports, credential: Credential): Promise<Outcome<readonly BypassCode[]>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'bypass_read')
  if (!authorized.ok) return authorized
  const open = await ports.bypassCodes.listOpen(ports.now())
  return open.ok ? done(open.value.filter(({ owner }) => authorized.value.authorizeFor(owner).ok)) : open
}

/** Withdraws an open code. Refuses: as `authorizeOwnerRight`; `entry_unknown`, `storage_unavailable`. */
export async function withdrawBypassCode(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'bypass_write')
  if (!authorized.ok) return authorized
  const at = ports.now()
  const unknown = refuse({ reason: 'entry_unknown', entry: 'bypass code', name })
  const id = bypassCodeIdOf(name)
  if (id === undefined) return unknown
  const open = await ports.bypassCodes.listOpen(at, id)
  if (!open.ok) return open
  const [code] = open.value
  if (code === undefined) return unknown
  const caller = authorized.value.authorizeFor(code.owner)
  if (!caller.ok) return caller
  const { address, userAgent } = source
  const withdrawn = await ports.bypassCodes.withdraw(id, {
    at,
    action: 'DELETE /token/bypass/<id>',
    administrator: auditNameOf(caller.value),
    owner: code.owner,
    info: `bypass code of ${code.issuedBy}`,
    address,
    userAgent,
  })
  if (!withdrawn.ok) return withdrawn
  return withdrawn.value ? done(undefined) : unknown
}
