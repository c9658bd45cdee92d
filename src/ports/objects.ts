/** The Durable Objects as their callers see them. A call that does not reach its object, or whose object needs the catalogue
 *  and cannot read it, refuses `storage_unavailable`; one that gives no outcome throws that. */
import type { Outcome } from '../refusal.ts'
import type { LoginCaller } from '../rules/login/finalizing.ts'
import type { Quota } from '../rules/deployment/quota.ts'
import type { LoginReply } from '../rules/login/login-reply.ts'
import type { Challenge, ChallengeState, PhoneReply, Transaction, Used } from '../rules/login/transaction.ts'
import type { WindowRule } from '../rules/deployment/window.ts'
import type { Instant, Mode, Owner, Revision, Seconds, Serial, LoginStatus, TransactionId } from '../vocabulary.ts'
import type { AuditFilter, AuditLine, AuditOrder, AuditRecord } from '../vocabulary/audit.ts'
import type { RequestOrigin, Withdrawal } from '../vocabulary/login-steps.ts'
import type { AnswerRequest } from './phone-object.ts'

/** A login as it is to be stored. */
export interface OpenRequest {
  readonly transaction: Transaction
  /** Phones whose held attempt no longer counts: another phone's PIN matched. */
  readonly release: readonly Serial[]
  /** How long to hold the reply for the delivery's outcome; 0: not at all. */
  readonly deliveryWait: Seconds
}

/** What of an opening its service is told besides. */
export interface OpenResult {
  /** The serials of those whose delivery is known to have failed. */
  readonly undelivered: readonly Serial[]
  /** Challenges that were withdrawn before they were opened. */
  readonly withdrawn: readonly Serial[]
}

/** Who comes to call off an enrollment during a login. */
export interface CancelRequest extends LoginCaller {
  readonly id: TransactionId
  /** Whether the endpoint admits this caller to logins that no key opened. */
  readonly admitted: boolean
}

/** Who comes to use a login, and with what. */
export interface FinalizeRequest extends CancelRequest {
  /** What was typed at the login: the code from the phone, where one is asked for. */
  readonly entry: string
  /** The request it came by. */
  readonly by?: RequestOrigin
  /** Drawn for the request: the same one again, where its reply was lost, gets the same reply. */
  readonly attempt?: string
}

/** Which lines of the audit are wanted of a shard. */
export interface PendingAuditQuery {
  readonly filter: AuditFilter
  readonly order: AuditOrder
  /** Lines wanted at most, the first in this order. */
  readonly most: number
}

/** What a shard has of the audit that the catalogue may not have yet. */
export interface PendingAudit {
  readonly lines: readonly AuditLine[]
  /** How many lines are meant here. */
  readonly count: number
  /** The records of all of them. */
  readonly records: readonly string[]
  /** Whether all that is here was looked at, and as many lines are told as were wanted. */
  readonly whole: boolean
}

/** A challenge for an administrator's eyes: nothing in it would let them finish somebody else's login. */
export interface ListedChallenge {
  readonly transaction: TransactionId
  readonly serial: Serial
  readonly mode: Mode
  readonly state: ChallengeState
  readonly openedAt: Instant
  readonly validUntil: Instant
}

/** A shard's challenges, for administrators. */
export interface ChallengeListVerbs {
  /** Those of the logins named, else of the newest ones. */
  challenges(ids?: readonly TransactionId[]): Promise<readonly ListedChallenge[]>
  /** The login is withdrawn, and its challenges are on no list any more: how many. */
  discard(id: TransactionId, withdrawal: Withdrawal): Promise<number>
  /** The challenges that have expired are on no list any more: how many. */
  discardExpired(): Promise<number>
}

/** How a shard's logins stand. */
export interface StandingVerbs {
  /** At once, or when it is no longer pending, or when the wait is over; `crowded` where a wait is asked for and so many
   *  wait, for this login or in this shard, that nobody else can. `waiter`: what the caller is known by to `leave`. */
  standing(id: TransactionId, wait: Seconds, waiter?: string): Promise<LoginStatus | 'unknown' | 'crowded'>
  /** The waiter has gone; its place is free. */
  leave(id: TransactionId, waiter: string): Promise<void>
  /** What the service was told of a login whose request may be repeated; undefined where there is none. */
  told(id: TransactionId): Promise<LoginReply | undefined>
  /** What has happened in this login, as the audit will keep it; undefined where the shard does not know it (any more). */
  timeline(id: TransactionId): Promise<AuditRecord | undefined>
}

/** For callers that hold their request open. `attempt` as in `finalize`; `mayReturn`: the caller has named its request, and may
 *  come again with it; `joins`: its request has joined a login that another opened, who may be still to come. */
export interface WaitingCallersVerbs {
  /** Finalized as soon as a phone accepts; when the last who waits gives up, nothing is left to finalize after. Who may return
   *  is told of a success in which another of the same request was quicker, and finds the acceptance again that could not be
   *  used because `storage_unavailable`.
   *  Refuses: `declined`, `unanswered`, `too_many_waiting`, and as `finalize`. */
  conclude(
    id: TransactionId,
    wait: Seconds,
    attempt?: string,
    mayReturn?: boolean,
    joins?: boolean,
  ): Promise<Outcome<Used>>
  /** The caller has gone, and cannot hear of an acceptance: nobody shall give one, unless others wait, or are to come, or it
   *  may return. */
  hangUp(id: TransactionId, attempt: string, mayReturn: boolean, joins?: boolean): Promise<void>
}

/** One shard of a region's open logins: of each the challenges, what is said to them, and its end. */
export interface TransactionsObject extends ChallengeListVerbs, WaitingCallersVerbs, StandingVerbs {
  /** Stored, and delivered in its own time; stored once, however often it comes. Refuses: `shard_full`, `id_taken`. */
  open(opening: OpenRequest): Promise<Outcome<OpenResult>>
  /** What the phone said is decided on, once; said again it gets the same reply. What is about no open challenge, or not
   *  signed by its phone, is `unheard`: no refusal tells one from the other. */
  answer(id: TransactionId, answer: AnswerRequest): Promise<Outcome<PhoneReply>>
  /** An accepted login is used up; the same attempt again gets the same reply.
   *  Refuses: `transaction_unknown`, `not_accepted`, `service_key_required`, `logins_limited`, and as `PhoneObject.finish`. */
  finalize(request: FinalizeRequest): Promise<Outcome<Used>>
  /** The phone of an enrollment during this login has registered, with this key. */
  registered(id: TransactionId, serial: Serial, phoneKey: string, revision?: Revision): Promise<void>
  /** The token whose enrollment this caller may call off, and whose login it is; nothing is changed.
   *  Refuses: `enrollment_not_cancelled`, `service_key_required`. */
  mayCancel(request: CancelRequest): Promise<Outcome<{ readonly serial: Serial; readonly owner?: Owner }>>
  /** The enrollment is called off, and the login used up by that. Refuses: `enrollment_not_cancelled`. */
  cancelled(id: TransactionId): Promise<Outcome<void>>
  /** The first of these transactions, at most so many, that this phone may still answer. */
  prompts(
    serial: Serial,
    ids: readonly TransactionId[],
    most: number,
  ): Promise<readonly { readonly id: TransactionId; readonly prompt: Challenge['prompt'] }[]>
  /** The login, or this phone's part in it, is taken back; one that is still to come will be. */
  withdraw(id: TransactionId, serial: Serial | undefined, withdrawal: Withdrawal): Promise<void>
  /** The same of what this key has opened, and of what it was about to open. */
  withdrawKey(keyHash: string): Promise<void>
  /** The audit will have it: of one `kind` only so many a second each, the rest as one with a count. */
  record(record: AuditRecord, kind?: string): Promise<void>
  /** What the audit is still to hear of: logins that are open, and what is on its way there. */
  unsettledPage(query: PendingAuditQuery): Promise<PendingAudit>
  /** The same as the version before asks for it. */
  unsettled(query: PendingAuditQuery): Promise<readonly AuditLine[]>
}

/** Events that are counted by name: in windows, which make a name wait, and against quotas. */
export interface CounterObject {
  /** The event counts, unless its name has to wait: how long then, else 0. Names of nobody share what room there is, and
   *  are told the same as long as they fit in it. What comes from a place that is known for its name counts there alone. */
  count(name: string, rule: WindowRule, isSomebody: boolean, place?: string): Promise<Seconds>
  /** As if nothing had happened to somebody of this name; the place they come from is known for it from now on. */
  forget(name: string, place?: string): Promise<void>
  /** Whether the event of this id counts: unless there is no room for it. The same id counts once. */
  take(name: string, id: string, quota: Quota): Promise<boolean>
  /** As if it had not counted. */
  giveBack(name: string, id: string): Promise<void>
  /** Whether there is room for one more; nothing is counted. */
  hasRoom(name: string, quota: Quota): Promise<boolean>
}
