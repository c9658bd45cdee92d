import { present } from '../../present.ts'
import type { OpenResult } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { authenticationPolicy, pushWaitOf, policiesForTokens } from '../../rules/login/authentication-policy.ts'
import type { SystemSettings } from '../../rules/deployment/system-settings.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { SuccessEffects, Used } from '../../rules/login/transaction.ts'
import type { Caller, Instant, Serial, Source, TransactionId } from '../../vocabulary.ts'
import { addSeconds, POLL_ONLY, seconds, SIGN_IN } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import { authorizeLogin } from './authorize-login.ts'
import type { Credential } from '../access/identify.ts'
import type { ComposedLogin } from './compose-login.ts'
import type { RequestKind } from './push-wait.ts'
import { waitForPhone } from './push-wait.ts'
import { composeLogin, loginMessages } from './compose-login.ts'
import { successEffects } from './success-effects.ts'
import { reserveQuotas, releaseQuotas } from './quotas.ts'
import { newTransactionId, joinLogin, repeatDigest, idempotencySeed, earlierReply } from './find-repeat.ts'
import { chooseTokens } from './choose-tokens.ts'
import type { RingSummary } from './ring.ts'
import { ringPhones } from './ring.ts'
import type { LoginSubject } from './login-subject.ts'
import { situationOf } from './login-subject.ts'

export type { Used } from '../../rules/login/transaction.ts'

/** A login to be opened. */
export interface TriggerRequest {
  readonly subject: SubjectFields
  /** What was entered, where a PIN is asked for; absent: no PIN check (the caller may trigger without). */
  readonly pin?: { readonly given: string | undefined }
  /** A failed delivery is an error, not a hint. */
  readonly exception: boolean
  readonly route: string
  /** The type of tokens it is restricted to, where policy lets the caller say so. */
  readonly type?: string
  /** The caller's name for this request: under the same one it is the same request once more. */
  readonly idempotencyKey?: string
  /** Aborted when the caller hangs up. */
  readonly hungUp: AbortSignal
}

/** What the service is told of the login it has opened. */
export interface OpenedLogin extends LoginReply {
  readonly transaction: TransactionId
  /** The request waited for the phone, which accepted: the login is used up. */
  readonly finalizedBy?: Used
}

/** Longest wait for the delivery's outcome where the caller asked to hear of it. */
const EXCEPTION_WAIT = seconds(3)
const SHARDS_TRIED = 3

/**
 * Rings every phone the login is for, under one transaction; returned once it is stored, whatever becomes of the
 * delivery. A request that its caller repeats joins the login it opened before. One D1 round trip on a warm isolate, one
 * call per phone, one to the shard.
 * Refuses: who may not trigger; whom nothing can ring (`user_unknown`, `owner_has_no_tokens`, `no_suitable_token`,
 * `attempts_exceeded`, `outside_validity`, `pin_wrong`, …); `policy_conflict`; `delivery_failed` with `exception`;
 * `storage_unavailable`. `read`: where the caller has read already whom it is for.
 */
export async function trigger(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
  read?: AuthorizedLogin,
): Promise<Outcome<OpenedLogin>> {
  // One id for both tries: an attempt that a phone has counted under it is not counted twice.
  const id = await newTransactionId(ports, source.region)
  const first = await tryTrigger(ports, id, credential, source, request, read)
  // The catalogue moved on between our reading and the phone's: read once more, never a loop.
  if (first.ok || first.refusal.reason !== 'stale') return first
  const second = await tryTrigger(ports, id, credential, source, request)
  return !second.ok && second.refusal.reason === 'stale' ? refuse({ reason: 'no_suitable_token' }) : second
}

async function tryTrigger(
  ports: Ports,
  drawn: TransactionId,
  credential: Credential,
  from: Source,
  request: TriggerRequest,
  read?: AuthorizedLogin,
  mayJoin = true,
): Promise<Outcome<OpenedLogin>> {
  const signsIn = request.route === SIGN_IN
  const pinAsked = request.pin !== undefined
  const way = signsIn ? 'sign in' : pinAsked ? 'pin' : 'trigger'
  const approached =
    read === undefined ? await authorizeLogin(ports, credential, from, request.subject, way) : done(read)
  if (!approached.ok) return approached
  const { meant, caller, source, situation: inGeneral, terms } = approached.value
  const seed = await idempotencySeed(ports, caller, request)
  const id = seed === undefined ? drawn : await newTransactionId(ports, source.region, seed)
  const digest = seed && encodeHex(seed)
  const before = digest === undefined ? done(undefined) : await earlierReply(ports, id, digest)
  if (!before.ok) return before
  if (before.value !== undefined) return waitForPhone(ports, id, before.value, request, 'named')

  const now = ports.now()
  const { policySet } = meant.snapshot
  const isEachAsked = policySet.concernsTokens
  const situationFor = (token: Token): Situation =>
    isEachAsked ? situationOf({ ...meant, token }, source, now) : inGeneral
  const tokens = chooseTokens(meant, request, terms, situationFor, now)
  if (!tokens.ok) return tokens
  const system = readSystemSettings(meant.snapshot.settings)
  const kindOf = ({ serial, type }: Token): string => (isEachAsked ? serial : type)
  const ringing = policiesForTokens(tokens.value, kindOf, (token) =>
    authenticationPolicy(policySet, token.type, situationFor(token), system, pinAsked && !signsIn),
  )
  if (!ringing.ok) return ringing

  const held = await reserveQuotas(ports, terms, meant.owner, id, pinAsked)
  if (!held.ok) return held
  const until = addSeconds(now, system.validFor)
  const { forgivenAfter } = system
  // Of two requests that are named apart neither is a repeat of the other.
  const repeat = mayJoin && digest === undefined ? await repeatDigest(ports, caller, from, source, request) : undefined
  const ask = { transaction: id, until, ...present({ pin: request.pin, forgivenAfter, repeat }) }
  const rung = await ringPhones(ports, ringing.value, ask)
  const released = rung.ok || rung.refusal.reason !== 'pin_wrong' ? releaseQuotas(ports, held.value, id) : undefined
  if (!rung.ok) {
    await released
    return rung
  }
  if (rung.value.joins !== undefined) {
    const told = await joinLogin(ports, id, rung.value)
    await released
    if (!told.ok) return told
    return told.value === undefined
      ? tryTrigger(
          ports,
          await newTransactionId(ports, source.region),
          credential,
          from,
          request,
          approached.value,
          false,
        )
      : waitForPhone(ports, rung.value.joins, told.value, request, 'joins')
  }
  const serials = rung.value.tokens.map(({ token }) => token.serial)
  const counted = terms.countsRings ? serials.map((serial) => ports.phones.of(serial).countFailure()) : []
  const ending = successEffects(terms, held.value, meant)
  const opening = { id, meant, caller, source, request, system, now, rung: rung.value, ...present({ ending }) }
  const [opened] = await Promise.all([
    open(ports, {
      ...opening,
      comes: digest === undefined ? 'opens' : 'named',
      ...present({ digest: digest ?? repeat }),
    }),
    released,
    ...counted,
  ])
  return opened
}

interface ToOpen {
  readonly id: TransactionId
  readonly meant: LoginSubject
  readonly caller: Caller
  readonly source: Source
  readonly request: TriggerRequest
  readonly system: SystemSettings
  readonly now: Instant
  readonly rung: RingSummary
  readonly ending?: SuccessEffects
  readonly comes: Exclude<RequestKind, 'joins'>
  /** Of the request, where it may be repeated. */
  readonly digest?: string
}

/** Prompts signed, the transaction stored. A full shard means another id: the prompts are signed anew, the rings move over. */
async function open(ports: Ports, login: ToOpen, tried = 1): Promise<Outcome<OpenedLogin>> {
  const { id, request, rung, source, digest } = login
  const [composed, shard] = [await composeLogin(ports, login), await ports.transactions.of(id)]
  if (!composed.ok || shard === undefined) {
    await forgive(ports, login)
    return composed.ok ? refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }) : composed
  }
  const told = toldOf(composed.value, { undelivered: [], withdrawn: [] }, login)
  const transaction = { ...composed.value.transaction, ...(digest === undefined ? {} : { told: { ...told, digest } }) }
  const deliveryWait = request.exception ? EXCEPTION_WAIT : ports.limits.deliveryWait
  const opened = await shard.open({ transaction, release: rung.release, deliveryWait })
  if (!opened.ok) {
    const before = digest === undefined ? done(undefined) : await earlierReply(ports, id, digest)
    if (before.ok && before.value !== undefined) return waitForPhone(ports, id, before.value, request, login.comes)
    const isFull = opened.refusal.reason === 'shard_full' || opened.refusal.reason === 'id_taken'
    if (isFull && tried < SHARDS_TRIED) {
      const next = await newTransactionId(ports, source.region)
      const all = [...rung.tokens.map(({ token }) => token.serial), ...rung.release]
      const moved = await Promise.all(all.map((serial) => ports.phones.of(serial).moveRing({ from: id, to: next })))
      if (moved.every(({ ok }) => ok)) return open(ports, { ...login, id: next }, tried + 1)
    }
    // Whether it was stored is unknown: what may stand there must not ring on unheard of. Whoever repeats joins it.
    if (!isFull && digest === undefined) await shard.withdraw({ id, withdrawal: { cause: 'opening_unconfirmed' } })
    await forgive(ports, login)
    return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  }
  const unaddressed = silent(composed.value, rung).some(({ bell }) => bell)
  if (request.exception && (unaddressed || opened.value.undelivered.length > 0)) {
    await shard.withdraw({ id, withdrawal: { cause: 'delivery_failed' } })
    return refuse({ reason: 'delivery_failed' })
  }
  const result = toldOf(composed.value, opened.value, login)
  return result.challenges.length === 0
    ? refuse({ reason: 'no_suitable_token' })
    : waitForPhone(ports, id, result, request, login.comes)
}

/** The PIN was one phone's and therefore wrong at none, though no login comes of it. */
const forgive = ({ phones }: Ports, { id, rung }: ToOpen): Promise<unknown> =>
  Promise.all(rung.release.map((serial) => phones.of(serial).releaseHold({ transaction: id })))

/** Phones that FCM is to reach and that no delivery is made to: rung too often (`bell` is false), or without an address. */
function silent({ transaction }: ComposedLogin, { tokens }: RingSummary): readonly { serial: Serial; bell: boolean }[] {
  const { challenges } = transaction
  return tokens.flatMap(({ token: { serial, firebase }, bell }) => {
    const delivers = challenges.some((one) => one.serial === serial && one.delivery !== undefined)
    return delivers || firebase === POLL_ONLY ? [] : [{ serial, bell }]
  })
}

function toldOf(composed: ComposedLogin, { undelivered, withdrawn }: OpenResult, login: ToOpen): LoginReply {
  const { tokens } = login.rung
  const { transaction, texts } = composed
  const rung = transaction.challenges.filter(({ serial }) => !withdrawn.includes(serial))
  // A phone to which nothing is sent is told of as one that FCM did not reach: it has to be opened by hand either way.
  const hints = new Set([...undelivered, ...silent(composed, login.rung).map(({ serial }) => serial)])
  const { messages, message } = loginMessages(texts, hints)
  return {
    challenges: rung.map(({ serial, type, mode, presence }) => ({
      serial,
      type,
      mode,
      message: messages.get(serial) ?? message,
      ...present({ presence }),
    })),
    message,
    preferredModes: tokens[0]?.settings.preferredModes ?? [],
    wait: pushWaitOf(tokens.map(({ settings }) => settings)),
  }
}
