import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import {
  planRotation,
  type RotationPlan,
  SECRETS_SPREAD,
  settlesIn,
} from '../../rules/deployment/master-key-rotation.ts'
import { addSeconds, type Seconds, seconds, type Source } from '../../vocabulary.ts'
import type { MasterKeyId, MasterKeyRecord, MasterKeyState } from '../../vocabulary/master-keys.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { reportKeyRotation } from './report-key-rotation.ts'

/** What one step of a rotation did, or what the next one waits for. */
export type RotationStep =
  /** The new key is not readable everywhere yet: the next step may succeed after so long. */
  | { readonly phase: 'waiting'; readonly key: MasterKeyId; readonly retryAfter: Seconds }
  /** So many values were sealed anew. `next`: where the next step begins; absent after the last value. */
  | { readonly phase: 'resealing'; readonly key: MasterKeyId; readonly resealed: number; readonly next?: string }
  /** All values are sealed anew, and for so long another isolate may still seal one with the key before. */
  | { readonly phase: 'settling'; readonly key: MasterKeyId; readonly retryAfter: Seconds }
  /** `MASTER_KEY_PREVIOUS` may go. `unreadable`: identities of values that opened with neither key. */
  | { readonly phase: 'done'; readonly key: MasterKeyId; readonly unreadable: readonly string[] }

export interface RotationRequest {
  /** `next` of the step before. */
  readonly after?: string
  /** Somebody else knows the key before. */
  readonly compromised: boolean
}

type RotationPorts = Ports & { readonly entry: AuditEntry; readonly state: MasterKeyState }

const ACTION = 'POST /deployment/keys/master/rotate'

/**
 * Takes one bounded step on the way to a deployment where only `MASTER_KEY` is in use: makes it current once it is readable
 * everywhere, seals a part of the values anew, and in the end writes down that the key before may go. A step may be taken twice, by
 * several callers at once, and after a crash. With `compromised`, all API tokens are void at once, and the ids of open logins as soon
 * as the new key is current.
 * Refuses: as `authorizeDeploymentChange`; `rotation_refused`; `storage_unavailable`.
 */
export async function rotateMasterKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: RotationRequest,
): Promise<Outcome<RotationStep>> {
  const authorized = await authorizeDeploymentChange(ports, credential, source, 'keys_write', ACTION)
  if (!authorized.ok) return authorized
  const { entry, snapshot } = authorized.value
  const state = snapshot.masterKeys
  const { configured } = ports.masterKeys
  // Whether anything remains matters only where no key before is configured.
  const remaining =
    configured.previous === undefined ? await ports.masterKeyTable.remaining(configured.key) : done<Counts>({})
  if (!remaining.ok) return remaining
  const plan = planRotation(state, configured, total(remaining.value), ports.now())
  if (plan.kind === 'refuse') return refuse({ reason: 'rotation_refused', why: plan.why })
  const step = { ...ports, entry, state }
  if (request.compromised) {
    const voided = await voidWhatOthersKnow(step, configured.key)
    if (!voided.ok) return voided
  }
  return takeStep(step, configured.key, plan, request)
}

async function takeStep(
  ports: RotationPorts,
  key: MasterKeyId,
  plan: Exclude<RotationPlan, { readonly kind: 'refuse' }>,
  { after, compromised }: RotationRequest,
): Promise<Outcome<RotationStep>> {
  const { masterKeyTable, deployment, entry } = ports
  if (plan.kind === 'wait') return done({ phase: 'waiting', key, retryAfter: plan.seconds })
  if (plan.kind === 'switch') {
    const seenBy = addSeconds(entry.at, seconds(0 - SECRETS_SPREAD))
    const info = `the key ${key} is current instead of ${plan.from}`
    const changed = await masterKeyTable.makeCurrent({ from: plan.from, to: key, seenBy }, { ...entry, info })
    if (!changed.ok) return changed
    deployment.markOutdated()
    if (changed.value) reportKeyRotation(ports, entry, 'master', key)
    // Another caller may have been faster: the next step finds what is to do.
    if (changed.value && compromised) {
      // Drawn before, it was sealed with the key that somebody else knows.
      const voided = await voidApiTokens(ports)
      if (!voided.ok) return voided
    }
    return done({ phase: 'resealing', key, resealed: 0 })
  }
  const part = await masterKeyTable.resealPart(key, after)
  if (!part.ok) return part
  if (part.value.next !== undefined || part.value.resealed > 0) return done({ phase: 'resealing', key, ...part.value })
  return finish(ports, key)
}

/** Stores that nothing is sealed with the earlier key, if that is so. */
async function finish(ports: RotationPorts, key: MasterKeyId): Promise<Outcome<RotationStep>> {
  const { masterKeyTable, entry, state } = ports
  const wait = settlesIn(state, ports.now())
  if (wait > 0) return done({ phase: 'settling', key, retryAfter: wait })
  const rest = await masterKeyTable.rest(key)
  if (!rest.ok) return rest
  const { openable, unreadable, isTooMany } = rest.value
  if (openable > 0) return done({ phase: 'resealing', key, resealed: 0 })
  if (isTooMany)
    return refuse({
      reason: 'rotation_refused',
      why: 'a thousand values or more open with neither key; set MASTER_KEY_PREVIOUS to the key that they were sealed with',
    })
  const marked = await masterKeyTable.markUnused(key, { ...entry, info: 'the keys before may go' })
  return marked.ok ? done({ phase: 'done', key, unreadable }) : marked
}

/** Voids all API tokens, once, when the caller says that somebody else knows the earlier keys. */
async function voidWhatOthersKnow(ports: RotationPorts, key: MasterKeyId): Promise<Outcome<void>> {
  const isKnown = ports.state.keys.every(
    ({ id, currentSince, compromisedAt }) => id === key || currentSince === undefined || compromisedAt !== undefined,
  )
  if (isKnown) return done(undefined)
  const voided = await voidApiTokens(ports)
  if (!voided.ok) return voided
  const info = 'the keys before are compromised'
  const marked = await ports.masterKeyTable.markCompromised(key, { ...ports.entry, info })
  return marked.ok ? done(undefined) : marked
}

async function voidApiTokens(ports: RotationPorts): Promise<Outcome<void>> {
  const key = await ports.credentials.newApiTokenKey()
  const info = 'all API tokens are void: the master key is compromised'
  const rotated = await ports.apiTokenKeys.rotate(key, true, { ...ports.entry, info })
  if (!rotated.ok) return rotated
  reportKeyRotation(ports, ports.entry, 'api_token', key.id)
  return done(undefined)
}

type Counts = Readonly<Record<string, number>>
const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

export interface MasterKeyStatus {
  /** The key that seals and signs. */
  readonly current?: MasterKeyId
  /** `variable`: where the key is configured in the isolate that answers. */
  readonly keys: readonly (MasterKeyRecord & { readonly variable?: 'MASTER_KEY' | 'MASTER_KEY_PREVIOUS' })[]
  /** By table, how many values are not sealed with `MASTER_KEY`. */
  readonly remaining: Counts
}

/** Lists the master keys that the database knows, and counts what a rotation to `MASTER_KEY` has still to do.
 *  Refuses: as `authorize`; `storage_unavailable`. */
export async function masterKeyStatus(ports: Ports, credential: Credential): Promise<Outcome<MasterKeyStatus>> {
  const authorized = await authorize(ports, credential, 'keys_read')
  if (!authorized.ok) return authorized
  const { current, keys } = authorized.value.snapshot.masterKeys
  const { key, previous } = ports.masterKeys.configured
  const remaining = await ports.masterKeyTable.remaining(key)
  if (!remaining.ok) return remaining
  const variableOf = (id: MasterKeyId) =>
    id === key ? 'MASTER_KEY' : id === previous ? 'MASTER_KEY_PREVIOUS' : undefined
  return done({
    current,
    keys: keys.map((record) => ({ ...record, variable: variableOf(record.id) })),
    remaining: remaining.value,
  })
}
