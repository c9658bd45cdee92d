import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { auditNameOfCredential, type Credential } from '../access/identify.ts'
import { ownerOf, resolveSource, userInputOf } from './login-subject.ts'

/** A request that opened no login, and its result. It holds no secret. */
export interface AuditedRequest {
  readonly action: string
  readonly source: Source
  readonly success: boolean
  readonly authentication: string
  readonly info: string
  /** As the caller wrote it. */
  readonly user?: string
  readonly realm?: string
  /** The owner, if known; else `user` is looked up. */
  readonly owner?: Owner
  readonly serial?: string
  /** As the caller wrote it; text that cannot be an id is not recorded. */
  readonly transactionId?: string
  readonly administrator?: string
  /** The request's credential, if `administrator` is not known. */
  readonly credential?: Credential
}

/** Records the request in the audit, by the outbox of a shard drawn at random. Requests of one `kind` are kept up to twenty a
 *  second (see `Outbox.addRequest`). Never throws. */
export async function recordRequest(
  ports: Pick<Ports, 'transactions' | 'deployment' | 'limits' | 'random' | 'now' | 'log'>,
  request: AuditedRequest,
  kind?: string,
): Promise<void> {
  const { action, success, authentication, info, source, serial, credential } = request
  const number = (ports.random(1)[0] ?? 0) % ports.limits.shards
  const at = ports.now()
  const userInput = request.owner === undefined ? userInputOf(request) : undefined
  const isLookedUp = userInput !== undefined || credential?.kind === 'key' || source.claims !== undefined
  const snapshot = isLookedUp ? await ports.deployment.cachedOrReload() : undefined
  const { address, userAgent } = snapshot?.ok === true ? resolveSource(source, snapshot.value) : source
  const record: AuditRecord = {
    at,
    action,
    success,
    authentication,
    info,
    serial,
    transaction: /^\d{20}$/.test(request.transactionId ?? '') ? request.transactionId : undefined,
    owner: request.owner ?? (userInput && knownOwner(userInput, snapshot)),
    administrator: request.administrator ?? ((credential && auditNameOfCredential(credential, snapshot)) || undefined),
    address,
    userAgent,
  }
  const failed = (error: unknown): void => ports.log('record_failed', { action, error: String(error) })
  const recorded = await ports.transactions
    .inShard({ region: source.region, number })
    .recordAudit({ record, kind })
    .catch(failed)
  if (recorded?.ok === false) failed(recorded.refusal.reason)
}

/** The owner that a name means, as far as this isolate knows the deployment. */
const knownOwner = (userInput: UserInput, snapshot: Outcome<Snapshot> | undefined): Owner =>
  snapshot?.ok === true ? ownerOf(userInput, snapshot.value) : { login: userInput.user, realm: userInput.realm ?? '' }
