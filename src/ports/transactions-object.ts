/** What the Durable Object of a shard is asked: one shard of a region's open logins, of each its challenges, the phones'
 *  answers and its end. */
import type { ShownPrompt } from '../protocol/phone/prompt.ts'
import type { LoginCaller } from '../rules/login/finalizing.ts'
import type { LoginReply } from '../rules/login/login-reply.ts'
import type { Challenge, ChallengeState, PhoneReply, Transaction, FinalizedLogin } from '../rules/login/transaction.ts'
import type {
  Epoch,
  Instant,
  LoginStatus,
  Mode,
  Owner,
  Revision,
  Seconds,
  Serial,
  TransactionId,
} from '../vocabulary.ts'
import type { AuditFilter, AuditLine, AuditOrder, AuditRecord } from '../vocabulary/audit.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { RequestOrigin, Withdrawal } from '../vocabulary/login-steps.ts'
import type { NoticeKind } from '../vocabulary/notices.ts'
import type { LoginEvidence } from '../vocabulary/receipts.ts'
import { type ObjectOf, verb } from './object-verbs.ts'
import type { AnswerRequest } from './phone-object.ts'

/** A login to be stored. */
export interface OpenRequest {
  readonly transaction: Transaction
  /** Phones whose hold is to be released, because the PIN matched at another phone. */
  readonly release: readonly Serial[]
  /** How long the reply waits for the outcome of the delivery; 0: not at all. */
  readonly deliveryWait: Seconds
  /** The settings that the login was authorized by, and whether D1's primary told them. Absent in requests of the version before,
   *  which asks the primary. */
  readonly settings?: CatalogueVersion
  readonly isCurrent?: boolean
  /** When the request that opens it arrived. */
  readonly receivedAt?: Instant
}

export interface OpenResult {
  /** The phones to which a delivery is known to have failed. */
  readonly undelivered: readonly Serial[]
  /** The phones to which the delivery before failed, and for which FCM has not taken this one in time. Absent in replies of
   *  the version before. */
  readonly unconfirmed?: readonly Serial[]
  /** The phones whose challenge was withdrawn before the login opened. */
  readonly withdrawn: readonly Serial[]
}

/** A caller that cancels an enrollment during a login. */
export interface CancelRequest extends LoginCaller {
  readonly id: TransactionId
  /** Whether the endpoint admits this caller to logins that no key opened. */
  readonly admitted: boolean
}

/** A caller that finalizes a login. */
export interface FinalizeRequest extends CancelRequest {
  /** What the user typed at the login: the code from the phone, where one is needed. */
  readonly entry: string
  /** The HTTP request that finalizes. */
  readonly origin?: RequestOrigin
  /** Random, of one request: when a reply is lost, the same attempt gets the same reply. */
  readonly attempt?: string
}

/** A caller that keeps its request open until the phone has answered. */
export interface WaitingCaller {
  readonly id: TransactionId
  /** As in `FinalizeRequest`. */
  readonly attempt?: string
  /** The caller has named its request (`Idempotency-Key`) and may send it again. */
  readonly canRepeat?: boolean
  /** The request has joined a login that another request opened; that one may still be on its way here. */
  readonly hasJoined?: boolean
}

/** Audit lines as a reader of the audit wants them. */
export interface PendingAuditQuery {
  readonly filter: AuditFilter
  readonly order: AuditOrder
  /** At most so many lines, the first in this order. */
  readonly most: number
}

/** The audit lines of a shard that the catalogue may not have yet. */
export interface PendingAudit {
  readonly lines: readonly AuditLine[]
  /** How many lines match the filter. */
  readonly count: number
  /** The records of all these lines. */
  readonly records: readonly string[]
  /** Whether the shard looked at everything it has, and `lines` holds as many as the query allows. */
  readonly whole: boolean
}

/** A challenge as administrators see it: nothing in it helps to finalize somebody else's login. */
export interface ListedChallenge {
  readonly transaction: TransactionId
  readonly attemptId?: string
  readonly serial: Serial
  readonly mode: Mode
  /** Present if it belongs to no login, but to a notice. */
  readonly notice?: NoticeKind
  /** What the phone shows: title and question, and the options to tap. Absent where it shows nothing. */
  readonly shown?: ShownPrompt
  readonly state: ChallengeState
  readonly openedAt: Instant
  readonly validUntil: Instant
}

/** What becomes of a request that would join a login. `unknown`: the login is not here, or not yet. */
export type JoinResult =
  | { readonly kind: 'joined'; readonly reply: LoginReply }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' }

export const TRANSACTIONS_VERBS = {
  // --- a login ---

  /** Stores the login and delivers its prompts in the background. Opening the same login again changes nothing.
   *  Refuses: `stale` if the shard knows of newer settings, or cannot know whether there are, and a replica told these; `shard_full`,
   *  `id_taken`. */
  open: verb<OpenRequest, OpenResult>('repeat'), // the same id and nonces are the same login
  /** Applies a phone's answer, once; the same answer again gets the same reply. An answer to no open challenge, or one that its
   *  phone did not sign, is `unheard`: the reply does not tell these apart. */
  answer: verb<{ readonly id: TransactionId; readonly answer: AnswerRequest }, PhoneReply>('repeat'),
  /** Finalizes an accepted login. The same attempt again gets the same reply.
   *  Refuses: `transaction_unknown`, `not_accepted`, `service_key_required`, `logins_limited`, and as the phone's `finalize`. */
  finalize: verb<FinalizeRequest, FinalizedLogin>('repeat'),
  /** Withdraws the login, or this phone's part in it. A login that opens within the next two minutes is withdrawn then. */
  withdraw: verb<{ readonly id: TransactionId; readonly serial?: Serial; readonly withdrawal: Withdrawal }, void>(
    'repeat',
  ),
  /** Withdraws every login that this service key opened, or opens within the next two minutes. */
  withdrawByKey: verb<{ readonly keyHash: string }, void>('repeat'),
  /** Gives the logins that secrets of a service key opened to another secret of it, and withdraws what the former open within the next
   *  two minutes. */
  rekey: verb<{ readonly from: readonly string[]; readonly to: string }, void>('repeat'),
  /** Keeps that the settings have this version: no login opens by older ones from now on. */
  learnSettings: verb<{ readonly version: CatalogueVersion }, void>('repeat'),
  /** Answers the prompts that this phone may still answer, at most `most`, in the order of `ids`. */
  pendingPrompts: verb<
    { readonly serial: Serial; readonly ids: readonly TransactionId[]; readonly most: number },
    readonly { readonly id: TransactionId; readonly prompt: Challenge['prompt'] }[]
  >('repeat'),

  // --- enrollment during a login ---

  /** The phone has registered with this key: the login counts as accepted. */
  recordRegistration: verb<
    {
      readonly id: TransactionId
      readonly serial: Serial
      readonly phoneKey: string
      readonly revision?: Revision
      readonly epoch?: Epoch
    },
    void
  >('repeat'),
  /** Answers which enrollment this caller may cancel, and whose login it is. Changes nothing.
   *  Refuses: `enrollment_not_cancelled`, `service_key_required`. */
  enrollmentToCancel: verb<CancelRequest, { readonly serial: Serial; readonly owner?: Owner }>('repeat'),
  /** Cancels the enrollment and finalizes the login by that. Refuses: `enrollment_not_cancelled`. */
  cancelEnrollment: verb<{ readonly id: TransactionId }, void>('refuse'),

  // --- how a login stands ---

  /** Answers the status at once, or, with a wait (seconds), when the login is no longer pending, the wait is over or the waiter
   *  has left. `crowded`: no room for one more waiter. `waiter`: the name by which `stopWaiting` knows the caller. */
  status: verb<
    { readonly id: TransactionId; readonly wait: Seconds; readonly waiter?: string },
    LoginStatus | 'unknown' | 'crowded'
  >('resume'),
  /** Frees the place of a waiter that has left. */
  stopWaiting: verb<{ readonly id: TransactionId; readonly waiter: string }, void>('repeat'),
  /** Answers what the service was answered when the login opened; undefined if the request may not be repeated. */
  loginReply: verb<{ readonly id: TransactionId }, LoginReply | undefined>('repeat'),
  /** Joins a request to the login that the same request (`digest`) opened: of what becomes of it, the request hears as the first does.
   *  `refused`: it is decided, shows a number or asks for a code, or too many have joined. `attempt` names the joining request. */
  joinLogin: verb<
    {
      readonly id: TransactionId
      readonly digest: string
      readonly attempt: string
      readonly origin?: RequestOrigin
      /** The settings that the request was authorized by. */
      readonly settings?: CatalogueVersion
    },
    JoinResult
  >('repeat'), // an attempt joins once
  /** Answers the login's audit record as it is now; undefined if the shard does not know the login (any more). */
  timeline: verb<{ readonly id: TransactionId }, AuditRecord | undefined>('repeat'),
  /** The same, once the login has more steps than `seen` or is over, or the wait (seconds) is. */
  watchTimeline: verb<
    { readonly id: TransactionId; readonly seen: number; readonly wait: Seconds },
    AuditRecord | undefined
  >('resume'),
  /** Answers the logins that changed after the change of this number, the newest 50; without it, or where some are forgotten, the newest
   *  logins. With a wait (seconds) it answers as soon as one changes. `last`: the number of the last change. Writes nothing. */
  liveLogins: verb<
    { readonly after?: number; readonly wait: Seconds },
    { readonly last: number; readonly logins: readonly AuditRecord[] }
  >('resume'),
  /** Answers what proves the phone's answer to the login; undefined if the shard does not know the login (any more). */
  receipt: verb<{ readonly id: TransactionId }, LoginEvidence | undefined>('repeat'),

  // --- callers that wait for the phone ---

  /** Waits (seconds) for the phone and finalizes the login as soon as it is accepted. When the last waiting caller gives up, the
   *  login is withdrawn. A caller that may repeat its request is also told of a success that the same request had before, and
   *  finds the acceptance again that could not be used because of `storage_unavailable`.
   *  Refuses: `declined`, `unanswered`, `too_many_waiting`, and as `finalize`. */
  finalizeWhenAccepted: verb<WaitingCaller & { readonly wait: Seconds }, FinalizedLogin>('resume'),
  /** The caller disconnected. Withdraws the login unless another caller waits for it or may repeat its request. */
  abandon: verb<WaitingCaller & { readonly attempt: string }, void>('repeat'),

  // --- challenges, for administrators ---

  /** Answers the challenges of these logins; without `ids`, of the newest ones. */
  listChallenges: verb<{ readonly ids?: readonly TransactionId[] }, readonly ListedChallenge[]>('repeat'),
  /** Withdraws the login and takes its challenges off the list; answers how many they were: 0 of a notice, which only its phone
   *  answers. */
  discardChallenges: verb<{ readonly id: TransactionId; readonly withdrawal: Withdrawal }, number>('refuse'),
  /** Takes expired challenges off the list; answers the serial of each. */
  discardExpired: verb<void, readonly Serial[]>('refuse'),

  // --- erasing a user ---

  /** Withdraws the user's logins, hands over the audit, and forgets the user's logins that have ended. Answers how many of the user's
   *  records could not be handed over. */
  eraseUser: verb<{ readonly owner: Owner }, number>('repeat'),

  // --- audit ---

  /** Keeps the audit record of a request that opened no login. A stranger's is counted beyond the budget of the shard. Of any other
   *  `kind` at most twenty a second are kept, the rest as one record with a count. */
  recordAudit: verb<{ readonly record: AuditRecord; readonly kind?: string }, void>('repeat'), // twice rather than never
  /** Answers the audit lines of open logins and of records that are on their way to the catalogue. */
  pendingAudit: verb<PendingAuditQuery, PendingAudit>('repeat'),
  /** Stores the waiting audit records in D1, and returns how many still wait. */
  handOverAudit: verb<void, number>('repeat'),
} as const

export type TransactionsObject = ObjectOf<typeof TRANSACTIONS_VERBS>

/** The request of one of these verbs. */
export type RequestOf<Name extends keyof TransactionsObject> = Parameters<TransactionsObject[Name]>[0]
