import { present } from '../../present.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { auditNameOfCredential } from '../access/identify.ts'
import { resolveSource, ownerOf } from './login-subject.ts'

/** A request that opened no login: what it was and what came of it. No secret is among this. */
export interface AuditedRequest {
  readonly action: string
  readonly source: Source
  readonly success: boolean
  readonly authentication: string
  readonly info: string
  /** As the caller wrote it. */
  readonly user?: string
  readonly realm?: string
  /** Where it is known who that is. */
  readonly owner?: Owner
  readonly serial?: string
  /** As the caller wrote it: what cannot be an id is not recorded. */
  readonly transactionId?: string
  readonly administrator?: string
  /** What it came with, where nobody has looked yet who that is. */
  readonly credential?: Credential
}

/** It is in the audit; in the outbox of a shard drawn at random. `kind`: what it is counted as, where many may come at
 *  once (see `Outbox.keep`). Never throws. */
export async function recordRequest(
  ports: Pick<Ports, 'transactions' | 'deployment' | 'limits' | 'random' | 'now' | 'log'>,
  request: AuditedRequest,
  kind?: string,
): Promise<void> {
  const { source, user, realm, owner, credential, transactionId = '', ...rest } = request
  const number = (ports.random(1)[0] ?? 0) % ports.limits.shards
  const at = ports.now()
  const transaction = /^\d{20}$/.test(transactionId) ? transactionId : undefined
  const given = owner !== undefined || user === undefined ? undefined : { user, ...present({ realm }) }
  const asks = given !== undefined || credential?.kind === 'key' || source.claims !== undefined
  const known = asks ? await ports.deployment.any() : undefined
  const whose = owner ?? (given && meant(given, known))
  const administrator = (credential && auditNameOfCredential(credential, known)) || undefined
  const { address, userAgent } = known?.ok === true ? resolveSource(source, known.value) : source
  const recorded = ports.transactions
    .inShard({ region: source.region, number })
    .record({ at, administrator, owner: whose, transaction, ...rest, address, userAgent }, kind)
  await recorded.catch((error: unknown) => ports.log('record_failed', { action: rest.action, error: String(error) }))
}

/** Whom a name means, as far as this isolate knows the deployment. */
const meant = (given: UserInput, known: Outcome<Snapshot> | undefined): Owner =>
  known?.ok === true ? ownerOf(given, known.value) : { login: given.user, realm: given.realm ?? '' }
