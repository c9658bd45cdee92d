import type { Ports, Snapshot } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { isStrangers } from '../../rules/login/audit-evidence.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { auditNameOfCredential, type Credential, identifyCaller } from '../access/identify.ts'
import { durationOf } from '../access/request-duration.ts'
import { believedAddress } from '../access/believed-address.ts'
import { ownerOf, userInputOf } from './login-subject.ts'

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
  /** Why the request was refused, and whether it was about a login; absent for one that succeeded. */
  readonly refused?: { readonly reason: Refusal['reason']; readonly isLogin: boolean }
  /** Whether it let somebody in without a token. */
  readonly isTokenless?: boolean
  /** The credential of the service that asked for the login: reports name it. */
  readonly service?: Credential
  /** Whether a stranger caused it, if that does not follow from `refused`. */
  readonly isStrangers?: boolean
}

/** Longer texts are cut: both may repeat what a caller wrote in a path. No token has a longer serial. */
const MAX_INFO = 500
const MAX_SERIAL = 40

/** Records the request in the audit, by the outbox of a shard of the caller's region, drawn at random: a flood burdens all of them
 *  alike, and each has its part of the region's budget for strangers (`Outbox.addRequest`). Never throws. */
export async function recordRequest(
  ports: Pick<Ports, 'transactions' | 'deployment' | 'limits' | 'random' | 'now' | 'log'>,
  request: AuditedRequest,
  kind?: string,
): Promise<void> {
  const { action, success, authentication, info, source, serial, credential } = request
  const number = (ports.random(1)[0] ?? 0) % ports.limits.shards
  const at = ports.now()
  const userInput = request.owner === undefined ? userInputOf(request) : undefined
  const names = [credential, request.service].some((one) => (one?.kind ?? 'none') !== 'none')
  const isLookedUp = userInput !== undefined || names || source.claims !== undefined
  const snapshot = isLookedUp ? await ports.deployment.cachedOrReload() : undefined
  const { address } = snapshot?.ok === true ? believedAddress(source, snapshot.value) : source
  const record: AuditRecord = {
    at,
    action,
    success,
    authentication,
    info: info.slice(0, MAX_INFO),
    serial: serial?.slice(0, MAX_SERIAL),
    transaction: /^\d{20}$/.test(request.transactionId ?? '') ? request.transactionId : undefined,
    owner: request.owner ?? (userInput && knownOwner(userInput, snapshot)),
    administrator: request.administrator ?? ((credential && auditNameOfCredential(credential, snapshot)) || undefined),
    address,
    userAgent: source.userAgent,
    ...durationOf(at, source.receivedAt),
    stranger: isCausedByStranger(request, snapshot) || undefined,
    unopened: unopenedLogin(request, snapshot),
  }
  const failed = (error: unknown): void => ports.log('record_failed', { action, error: String(error) })
  const recorded = await ports.transactions
    .inShard({ region: source.region, number })
    .recordAudit({ record, kind })
    .catch(failed)
  if (recorded?.ok === false) failed(recorded.refusal.reason)
}

/** What the counts of logins keep of it; undefined if it was about no login. */
function unopenedLogin(
  { refused, isTokenless = false, service: credential }: AuditedRequest,
  snapshot: Outcome<Snapshot> | undefined,
): AuditRecord['unopened'] {
  if (refused?.isLogin !== true && !isTokenless) return undefined
  const keys = snapshot?.ok === true ? snapshot.value.serviceKeys : undefined
  const service = credential?.kind === 'key' ? keys?.get(credential.hash)?.name : undefined
  return { outcome: isTokenless ? 'tokenless' : 'refused', ...present({ reason: refused?.reason, service }) }
}

function isCausedByStranger(
  { refused, isStrangers: known = false, user = '', realm, credential = { kind: 'none' } }: AuditedRequest,
  snapshot: Outcome<Snapshot> | undefined,
): boolean {
  if (refused === undefined) return known
  const deployment = snapshot?.ok === true ? snapshot.value : undefined
  // A credential whose holder this isolate cannot look up counts as good: what administrators do must not be lost in a flood.
  const hasCredential =
    credential.kind !== 'none' && (deployment === undefined || identifyCaller(credential, deployment).ok)
  // With a realm it is the sign-in of a user, and no pause bounds it.
  const namesAdministrator = realm === undefined && (deployment?.administrators.has(user) ?? true)
  return isStrangers({ ...refused, hasCredential, namesAdministrator })
}

/** The owner that a name means, as far as this isolate knows the deployment. */
const knownOwner = (userInput: UserInput, snapshot: Outcome<Snapshot> | undefined): Owner =>
  snapshot?.ok === true ? ownerOf(userInput, snapshot.value) : { login: userInput.user, realm: userInput.realm ?? '' }
