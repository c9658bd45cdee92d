import { decodeBase64 } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { composeReceipt, type Receipt } from '../../protocol/login/receipt.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { LoginEvidence } from '../../vocabulary/receipts.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { mayReadLogin } from './timeline.ts'
import { findTransaction } from './transaction-address.ts'

/**
 * Issues a receipt of the answer that decided a login, as long as the login is kept. Whoever may read the timeline may have it.
 * Refuses: `authorization_missing`, `authorization_undecodable`, `right_missing`; `entry_unknown`, for another service's login too;
 * `receipt_unavailable`; `storage_unavailable`. Source: docs/receipts.md.
 */
export async function issueReceipt(ports: Ports, credential: Credential, name: string): Promise<Outcome<Receipt>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'timeline')
  if (!authorized.ok) return authorized
  const found = await evidenceOf(ports, name)
  if (!found.ok) return found
  const unknown = refuse({ reason: 'entry_unknown', entry: 'transaction', name })
  if (found.value === undefined) return unknown
  const caller = authorized.value.authorizeFor(found.value.owner)
  if (!caller.ok) return caller
  if (!mayReadLogin(caller.value, found.value)) return unknown
  const { evidence } = found.value
  if (typeof evidence === 'string') return refuse({ reason: 'receipt_unavailable', why: evidence })

  const { signingKey } = evidence
  const publicKey = await ports.signingKeys.publicKey(signingKey)
  if (!publicKey.ok) return publicKey
  const serverKey = decodeBase64(publicKey.value?.publicKey ?? '')
  if (publicKey.value === undefined || serverKey === undefined)
    return refuse({ reason: 'receipt_unavailable', why: 'key_deleted' })
  const { version } = publicKey.value
  return composeReceipt(evidence, serverKey, ports.now(), (text) => ports.signing.sign(signingKey, text, version))
}

/** Of a login that its shard does not know any more the audit tells whose it was. */
async function evidenceOf(ports: Ports, name: string): Promise<Outcome<LoginEvidence | undefined>> {
  const login = await findTransaction(ports, name)
  if (login === undefined) return done(undefined)
  const kept = await login.shard.receipt({ id: login.id })
  if (!kept.ok || kept.value !== undefined) return kept
  const stored = await ports.audit.loginRecord(login.id)
  if (!stored.ok) return stored
  if (stored.value === undefined) return done(undefined)
  const { owner, service } = stored.value
  return done({ ...present({ owner, service }), evidence: 'over' })
}
