import { encodeHex } from '../../bytes.ts'
import { present } from '../../present.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { NewToken } from '../../ports/tokens.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { generateSerial } from '../../protocol/encoding/identifiers.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { EnrollmentOffer } from '../../rules/login/without-token-policy.ts'
import type { Challenge, SuccessEffects, Transaction } from '../../rules/login/transaction.ts'
import {
  addSeconds,
  type Caller,
  instant,
  type Instant,
  type Owner,
  seconds,
  type Serial,
  type Source,
  type TransactionId,
} from '../../vocabulary.ts'
import type { Withdrawal } from '../../vocabulary/login-steps.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { changeFoundRow } from '../token/change-token.ts'
import { enrollmentPolicyFor, enrollmentReply } from '../token/enrollment-code.ts'
import { auditNameOf } from '../access/identify.ts'
import { limitRefusal, prepareToken } from '../token/prepare-token.ts'
import type { LoginSubject } from './login-subject.ts'
import { composeTransaction, drawNonce } from './compose-transaction.ts'
import { findTransaction, newTransaction } from './transaction-address.ts'

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
  readonly subject: LoginSubject & { readonly owner: Owner }
  readonly caller: Caller
  readonly source: Source
  /** The route, as the audit names it. */
  readonly action: string
  readonly enrollment: EnrollmentOffer
  readonly effects: SuccessEffects | undefined
  /** The token of an earlier login of this user, whose code nobody has scanned. */
  readonly waiting: Token | undefined
}

/** A login waits no longer than this for its phone to register, even if the code is valid for longer. */
const LONGEST_WAIT = seconds(600)
const SHARDS_TRIED = 3
const INIT: EnrollmentRequest = { type: 'push', description: '', tokenRealms: [], rollover: true }

/**
 * Opens a login that waits for the user to enroll a phone, and answers the code to scan. An earlier code of the same user becomes
 * void, and the login that showed it is withdrawn.
 * Refuses: as the enrollment policies; `stale` if a phone or another login was faster; `storage_unavailable`.
 */
export async function enrollInLogin(ports: Ports, login: EnrollmentInput): Promise<Outcome<LoginEnrollment>> {
  const { subject, source, action, enrollment, waiting, caller } = login
  const serial = waiting?.serial ?? generateSerial(DIALECTS[INIT.type].serialPrefix, ports.random)
  const policy = enrollmentPolicyFor(ports, source, INIT, subject, serial)
  if (!policy.ok) return policy
  const request = { request: INIT, subject, policy: policy.value, serial, replaced: waiting, withoutPin: true } as const
  const prepared = await prepareToken(ports, source, request)
  if (!prepared.ok) return prepared
  const { token } = prepared.value

  // The login is stored before the token: when a phone registers, the login is there to hear of it.
  const stored = await storeEnrollment(ports, login, token)
  if (!stored.ok) return stored
  const { id } = stored.value
  const replaced = waiting?.enrolledIn
  const entry: AuditEntry = {
    at: ports.now(),
    action,
    administrator: auditNameOf(caller),
    serial,
    owner: subject.owner,
    info: id,
    address: source.address,
  }
  const saved = await saveToken(ports, waiting, { ...token, login: { id, ...present({ insteadOf: replaced }) } }, entry)
  if (!saved.ok || !saved.value) {
    await withdraw(ports, stored.value, { cause: 'token_not_stored' })
    return saved.ok ? limitRefusal(ports, token, entry.at, { reason: 'stale' }) : saved
  }
  if (replaced !== undefined) await withdraw(ports, await findTransaction(ports, replaced), { cause: 'code_replaced' })
  const code = await enrollmentReply(prepared.value, policy.value)
  if (!code.ok) return code
  const { uri, image } = code.value
  return done({ kind: 'enrolling', transaction: id, serial, uri, image, ...enrollment })
}

const saveToken = (
  ports: Ports,
  waiting: Token | undefined,
  token: NewToken,
  entry: AuditEntry,
): Promise<Outcome<boolean>> =>
  waiting === undefined || token.login?.insteadOf === undefined
    ? ports.tokens.add(token, entry)
    : changeFoundRow(ports, waiting, () => ports.tokens.renew(token, entry))

/** Withdraws a login whose code is void. If that fails, the login expires. */
async function withdraw(
  { log }: Pick<Ports, 'log'>,
  login: StoredEnrollment | undefined,
  withdrawal: Withdrawal,
): Promise<void> {
  const withdrawn = await login?.shard.withdraw({ id: login.id, withdrawal })
  if (withdrawn?.ok === false) log('withdraw_failed', { error: withdrawn.refusal.reason })
}

interface StoredEnrollment {
  readonly id: TransactionId
  readonly shard: TransactionsObject
}

async function storeEnrollment(
  ports: Ports,
  login: EnrollmentInput,
  token: NewToken,
): Promise<Outcome<StoredEnrollment>> {
  for (let tried = 1; tried <= SHARDS_TRIED; tried += 1) {
    const address = await newTransaction(ports, login.source.region)
    const { id } = address
    const shard = ports.transactions.of(address)
    const transaction = await composeEnrollment(ports, id, login, token)
    const opened = await shard.open({ transaction, release: [], deliveryWait: seconds(0) })
    if (opened.ok) return done({ id, shard })
    // The shard is full, or the id taken: another id names another shard.
  }
  return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
}

/** Composes a transaction of one challenge whose phone has no key yet: nothing is delivered to it, and no signature is its
 *  answer. */
async function composeEnrollment(
  ports: Ports,
  id: TransactionId,
  { subject, caller, source, action, enrollment, effects }: EnrollmentInput,
  { serial, type, credentialExpires }: NewToken,
): Promise<Transaction> {
  const now = ports.now()
  const origin = { id, subject, caller, source, action, now }
  const texts = { question: enrollment.text, title: '', mode: 'enrollment', options: [], presence: undefined }
  const challenge: Challenge = {
    serial,
    type,
    mode: 'standard',
    ...(await drawNonce(ports, origin, { serial, type, phoneKey: '', ...texts })),
    phoneKey: '',
    prompt: {},
    state: 'pending',
  }
  return composeTransaction(origin, {
    attemptId: encodeHex(ports.random(16)),
    answerBy: earlier(credentialExpires, addSeconds(now, LONGEST_WAIT)),
    grace: readSystemSettings(subject.snapshot.settings).grace,
    successEffects: effects,
    enrollment: { optional: enrollment.optional },
    challenges: [challenge],
    steps: [{ at: now, kind: 'enrollment_started', serial }],
  })
}

const earlier = (one: Instant, other: Instant): Instant => instant(Math.min(one, other))
