import { present } from '../../present.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { NewToken } from '../../ports/tokens.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeBase64Url } from '../../bytes.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { commitmentOf, generateSerial } from '../../protocol/encoding/identifiers.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { EnrollmentOffer } from '../../rules/login/without-token-policy.ts'
import type { SuccessEffects, Transaction } from '../../rules/login/transaction.ts'
import type { Caller, Instant, Owner, Seconds, Serial, Source, TransactionId } from '../../vocabulary.ts'
import { instant, addSeconds, seconds } from '../../vocabulary.ts'
import type { Withdrawal } from '../../vocabulary/login-steps.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { changeTokenRow } from '../token/change-token.ts'
import { enrollmentPolicyFor, enrollmentReply } from '../token/enroll.ts'
import { callerName, auditNameOf } from '../access/identify.ts'
import { limitRefusal, prepareToken } from '../token/prepare-token.ts'
import type { LoginSubject } from './login-subject.ts'
import { newTransactionId } from './find-repeat.ts'

/** A login that waits for a phone to register. */
export interface LoginEnrollment extends EnrollmentOffer {
  readonly kind: 'enrolling'
  readonly transaction: TransactionId
  readonly serial: Serial
  readonly uri: string
  /** A PNG as data URI. */
  readonly image: string
}

interface EnrollmentInput {
  readonly meant: LoginSubject & { readonly owner: Owner }
  readonly caller: Caller
  readonly source: Source
  readonly route: string
  readonly enrollment: EnrollmentOffer
  readonly grace: Seconds
  readonly ending?: SuccessEffects
  /** The token of an earlier login of this user, whose code nobody has scanned. */
  readonly waiting: Token | undefined
}

/** A login waits so long for its phone to register, even where the code is good for longer. */
const LONGEST_WAIT = seconds(600)
const SHARDS_TRIED = 3
const INIT: EnrollmentRequest = { type: 'push', description: '', tokenRealms: [], rollover: true }

/**
 * The login waits for a phone of this user: one that scans the code shown now. An earlier code of the same user is void, and
 * the login it was shown in withdrawn.
 * Refuses: what the enrollment policies refuse; `stale` when a phone or another login was faster; `storage_unavailable`.
 */
export async function enrollInLogin(ports: Ports, login: EnrollmentInput): Promise<Outcome<LoginEnrollment>> {
  const { meant, source, route, enrollment, waiting, caller } = login
  const serial = waiting?.serial ?? generateSerial(DIALECTS[INIT.type].serialPrefix, ports.random)
  const settings = enrollmentPolicyFor(ports, source, INIT, meant, serial)
  if (!settings.ok) return settings
  const made = await prepareToken(ports, source, {
    request: INIT,
    subject: meant,
    policy: settings.value,
    serial,
    replaced: waiting,
    withoutPin: true,
  })
  if (!made.ok) return made
  const { token } = made.value

  // Opened before the token tells of it: what a phone may register for is always there to hear of it.
  const opened = await open(ports, login, token)
  if (!opened.ok) return opened
  const { id, shard } = opened.value
  const before = waiting?.enrolledIn
  const entry: AuditEntry = {
    at: ports.now(),
    action: route,
    administrator: auditNameOf(caller),
    serial,
    owner: meant.owner,
    info: id,
    address: source.address,
  }
  const stored = await store(ports, { ...token, login: { id, ...present({ insteadOf: before }) } }, entry)
  if (!stored.ok || !stored.value) {
    await withdraw(ports, shard, id, { cause: 'token_not_stored' })
    return stored.ok ? limitRefusal(ports, token, entry.at, { reason: 'stale' }) : stored
  }
  if (before !== undefined)
    await withdraw(ports, await ports.transactions.of(before), before, { cause: 'code_replaced' })
  const code = await enrollmentReply(made.value, settings.value)
  if (!code.ok) return code
  const { uri, image } = code.value
  return done({ kind: 'enrolling', transaction: id, serial, uri, image, ...enrollment })
}

const store = (ports: Ports, token: NewToken, entry: AuditEntry): Promise<Outcome<boolean>> =>
  token.login?.insteadOf === undefined
    ? ports.tokens.add(token, entry)
    : changeTokenRow(ports, token.serial, () => ports.tokens.renew(token, entry))

/** No code registers for this login any more: if withdrawing it fails, it merely ends by its own time. */
async function withdraw(
  { log }: Pick<Ports, 'log'>,
  shard: TransactionsObject | undefined,
  id: TransactionId,
  withdrawal: Withdrawal,
): Promise<void> {
  const withdrawn = await shard?.withdraw({ id, withdrawal })
  if (withdrawn?.ok === false) log('withdraw_failed', { error: withdrawn.refusal.reason })
}

async function open(
  ports: Ports,
  login: EnrollmentInput,
  token: NewToken,
  tried = 1,
): Promise<Outcome<{ readonly id: TransactionId; readonly shard: TransactionsObject }>> {
  const id = await newTransactionId(ports, login.source.region)
  const shard = await ports.transactions.of(id)
  if (shard === undefined) return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  const transaction = await compose(ports, id, login, token)
  const opened = await shard.open({ transaction, release: [], deliveryWait: seconds(0) })
  if (opened.ok) return done({ id, shard })
  // The shard is full, or the id taken: another one.
  return tried < SHARDS_TRIED
    ? open(ports, login, token, tried + 1)
    : refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
}

/** One challenge, whose phone has no key yet: nothing is sent to it, and nothing it could sign is an answer. */
async function compose(
  ports: Ports,
  id: TransactionId,
  { meant, caller, source, route, enrollment, grace, ending }: EnrollmentInput,
  { serial, type, credentialExpires }: NewToken,
): Promise<Transaction> {
  const now = ports.now()
  const { login: user, realm } = meant.owner
  const context = {
    serial,
    user,
    realm,
    service: callerName(caller),
    address: source.address,
    question: enrollment.text,
    title: '',
    mode: 'enrollment',
    options: [],
    time: now,
  }
  const salt = ports.random(16)
  const nonce = await ports.identifiers.nonceFor(id, await commitmentOf(salt, context))
  const challenge = {
    serial,
    type,
    nonce,
    mode: 'standard',
    phoneKey: '',
    prompt: {},
    context,
    salt: encodeBase64Url(salt),
  } as const
  return {
    id,
    owner: meant.owner,
    ...present({ given: meant.given, ending }),
    ...(caller.kind === 'service' ? { keyHash: caller.keyHash, service: caller.name } : {}),
    openedBy: route,
    address: source.address,
    userAgent: source.userAgent,
    openedAt: now,
    answerBy: earlier(credentialExpires, addSeconds(now, LONGEST_WAIT)),
    grace,
    wrongCodes: 0,
    enrollment: { optional: enrollment.optional },
    challenges: [{ ...challenge, pinVerified: false, state: 'pending' }],
    steps: [{ at: now, kind: 'enrollment_started', serial }],
  }
}

const earlier = (one: Instant, other: Instant): Instant => instant(Math.min(one, other))
