import type { Ports } from '../../ports/ports.ts'
import type { RequestOf, TransactionsObject } from '../../ports/transactions-object.ts'
import { done, type Outcome } from '../../refusal.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { SuccessEffects } from '../../rules/login/transaction.ts'
import { addSeconds, type Instant, seconds, SIGN_IN, type TransactionAddress } from '../../vocabulary.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import type { Repeat } from './find-repeat.ts'
import { isPassword, type PinVerdicts } from './checked-elsewhere.ts'
import type { LoginRequest } from './login-request.ts'
import { placeOf } from '../access/believed-address.ts'
import { callerName } from '../access/identify.ts'
import { digestLook, promptTexts } from './prompt-texts.ts'
import { newTransaction } from './transaction-address.ts'
import { releaseQuotas, reserveQuotas } from './quotas.ts'
import { type LoginToken, ringPhones, type RungPhones } from './ring.ts'
import { successEffects } from './success-effects.ts'

/** So many wrong passwords of one user are taken where no policy sets `auth_max_fail`. Directories lock an account after five or more within
 *  15 minutes (CIS benchmarks): whoever guesses here must not lock it. */
const PASSWORD_QUOTA = { most: 4, within: seconds(900) }

/** The phones ring for this login; it is still to be stored. */
export interface RungLogin extends RungPhones {
  readonly kind: 'rung'
  readonly address: TransactionAddress
  /** Of the request, if it may be repeated. */
  readonly digest?: string
  readonly effects?: SuccessEffects
  /** Where the end user is, if their address is believed. */
  readonly place?: string
  /** Resolves when the owner's quotas are released; never rejects. */
  readonly counted: Promise<unknown>
}

/** The request joined a login that the same request opened. */
interface JoinedLogin {
  readonly kind: 'joined'
  readonly address: TransactionAddress
  readonly reply: LoginReply
}

/** Rings the phones. If the same request rang them within ten seconds, and policy names its service, joins its login instead.
 *  Refuses: as `reserveQuotas` and `ringPhones`. */
export async function ringOrJoin(
  ports: Pick<Ports, 'phones' | 'counters' | 'transactions' | 'identifiers' | 'limits' | 'random' | 'masterKeys'>,
  login: AuthorizedLogin,
  request: LoginRequest,
  tokens: readonly LoginToken[],
  repeat: Repeat,
  verdicts: PinVerdicts,
  now: Instant,
): Promise<Outcome<RungLogin | JoinedLogin>> {
  // With a number or a code the login screen shows, or asks for, something of one request: another must not share it.
  const isJoinable = repeat.isNamed || tokens.every(({ policy }) => policy.mode === 'standard')
  const { digest: _, ...unrepeatable } = repeat
  const rung = await ring(ports, login, request, tokens, isJoinable ? repeat : unrepeatable, verdicts, now)
  if (!rung.ok || rung.value.joined === undefined) return rung
  const joined = await ports.identifiers.locate(rung.value.joined)
  const [reply] = await Promise.all([
    joinedReply(ports, rung.value, joined, { origin: originOf(login, request), settings: login.subject.settings }),
    rung.value.counted,
  ])
  if (!reply.ok) return reply
  if (joined !== undefined && reply.value !== undefined)
    return done({ kind: 'joined', address: joined, reply: reply.value })
  // That login is no longer open: this request opens its own, and no repeat is looked for.
  const address = await newTransaction(ports, login.source.region)
  return ring(ports, login, request, tokens, { address, isNamed: false }, verdicts, now)
}

/** Reserves the owner's quotas, then rings. Unless the PIN was wrong, the login is not counted as failed any more. */
async function ring(
  ports: Pick<Ports, 'phones' | 'counters' | 'masterKeys' | 'limits'>,
  login: AuthorizedLogin,
  { pin, action, byCode }: LoginRequest,
  tokens: readonly LoginToken[],
  { address, isNamed, digest }: Repeat,
  verdicts: PinVerdicts,
  now: Instant,
): Promise<Outcome<RungLogin>> {
  const { subject, policy } = login
  const { id } = address
  const isLimited = policy.failureQuota !== undefined || !tokens.some(isPassword)
  const limits = isLimited ? policy : { ...policy, failureQuota: PASSWORD_QUOTA }
  const reserved = await reserveQuotas(ports, limits, subject.owner, pin && id)
  if (!reserved.ok) return reserved
  const { validFor, forgivenAfter } = readSystemSettings(subject.snapshot.settings)
  const place = await placeOf(login.source)
  const rung = await ringPhones(ports, tokens, {
    transaction: id,
    until: addSeconds(now, validFor),
    pin,
    verdicts,
    forgivenAfter,
    countsAsFailure: policy.countsChallengeAsFailure,
    resealWith: pin && ports.masterKeys.resealsWith(),
    // Two named requests with different names are no repeats of each other.
    repeat: isNamed ? undefined : digest,
    // Nod's own sign-in is open to everybody: who comes that way uses up no budget of callers without a key.
    service: action === SIGN_IN ? SIGN_IN : callerName(login.caller) || undefined,
    serviceKey: login.caller.kind === 'service' ? login.caller.name : undefined,
    place,
    byCode,
    digestLook: (token) => digestLook(promptTexts(ports, { ...login, action, now }, token)),
  })
  const isWrongPin = !rung.ok && rung.refusal.reason === 'pin_wrong'
  const released = isWrongPin ? undefined : releaseQuotas(ports, reserved.value, id)
  if (!rung.ok) {
    await released
    return rung
  }
  const effects = successEffects(policy, reserved.value, subject)
  return done({ kind: 'rung', address, digest, effects, place, ...rung.value, counted: Promise.resolve(released) })
}

/** Joins the login and answers its reply, if it is open and may be joined; the other phones do not ring for this request. The login may
 *  open a moment later than its request is repeated. */
async function joinedReply(
  { phones, transactions }: Pick<Ports, 'phones' | 'transactions'>,
  { address: { id }, digest, tokens, release }: RungLogin,
  joined: TransactionAddress | undefined,
  by: Pick<RequestOf<'joinLogin'>, 'origin' | 'settings'>,
): Promise<Outcome<LoginReply | undefined>> {
  if (joined === undefined || digest === undefined) return done(undefined)
  await Promise.all([
    ...tokens.slice(1).map(({ token }) => phones.of(token.serial).moveRing({ from: id, to: joined.id })),
    ...release.map((serial) => phones.of(serial).releaseHold({ transaction: id })),
  ])
  return joinOnceOpen(transactions.of(joined), { id: joined.id, digest, attempt: id, ...by })
}

const originOf = ({ source: { address, userAgent } }: AuthorizedLogin, { action }: LoginRequest): RequestOrigin => ({
  action,
  address,
  userAgent,
})

const TRIES = 5
const PAUSE_MS = 50

async function joinOnceOpen(
  shard: TransactionsObject,
  request: RequestOf<'joinLogin'>,
): Promise<Outcome<LoginReply | undefined>> {
  for (let tried = 1; ; tried += 1) {
    const joined = await shard.joinLogin(request)
    // Its shard does not answer, or runs the version before, which joins nothing.
    if (!joined.ok) return done(undefined)
    if (joined.value.kind === 'joined') return done(joined.value.reply)
    if (joined.value.kind === 'refused' || tried >= TRIES) return done(undefined)
    await scheduler.wait(PAUSE_MS)
  }
}
