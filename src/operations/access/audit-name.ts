/** What the audit calls a caller. */
import type { Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import type { Caller } from '../../vocabulary.ts'
import type { Credential } from './credential.ts'

/** The caller's name in the audit: an administrator's login, or `service:<name>`, which no login can be; empty for anybody else. */
export const auditNameOf = (caller: Caller): string =>
  caller.kind === 'service' ? asService(caller.name) : callerName(caller)

const asService = (name: string): string => `service:${name}`

/** The name in the audit of a credential's holder, also if the credential is no longer valid. A key's name is known only if this
 *  isolate knows the deployment. */
export function auditNameOfCredential(credential: Credential, known: Outcome<Snapshot> | undefined): string {
  if (credential.kind === 'administrator' || credential.kind === 'enrolling') return credential.name
  const key = credential.kind === 'key' && known?.ok === true ? known.value.serviceKeys.get(credential.hash) : undefined
  return key === undefined ? '' : asService(key.name)
}

/** The name of an administrator or service; empty for anybody else. */
export const callerName = (caller: Caller): string =>
  caller.kind === 'nobody' || caller.kind === 'user' ? '' : caller.name
