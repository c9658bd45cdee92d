/** The Durable Objects as their callers see them. A call that does not reach its object, or whose object needs the catalogue
 *  and cannot read it, refuses `storage_unavailable`; one that gives no outcome throws that. */
import type { Outcome } from '../refusal.ts'
import type { Bearer } from '../rules/finalizing.ts'
import type { OpenedOn } from '../rules/token.ts'
import type { Quota } from '../rules/quota.ts'
import type { Told } from '../rules/told.ts'
import type { By, Challenge, ChallengeState, Reply, Standing, Transaction, Used } from '../rules/transaction.ts'
import type { WindowRule } from '../rules/window.ts'
import type { Bytes, Instant, Mode, Owner, Revision, Seconds, Serial, TokenType, TransactionId } from '../vocabulary.ts'
import type { AuditFilter, AuditLine, AuditOrder } from '../vocabulary/audit.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'
import type { Token } from '../vocabulary/tokens.ts'
import type { AuditRecord } from './catalogue.ts'

/** What is asked of one phone of a login that opens: that its PIN is compared, where there is one, and that it rings. */
export interface RingRequest {
  readonly transaction: TransactionId
  /** The token's, as its caller has read it: one older than the phone's own is `stale`. */
  readonly revision: Revision
  /** Compared when present: with the token's PIN, or with nothing at all (`none`: the entry must be empty). */
  readonly pin?: { readonly given: string | undefined; readonly from: 'token' | 'none' }
  readonly until: Instant
  /** What policy says of polling for this owner now; kept for polls while D1 is down. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** How long failed attempts lock a phone out; absent: until somebody ends it. */
  readonly forgivenAfter?: Seconds | undefined
  /** Digest of the request: where one of the same has rung this phone within ten seconds, this one may join it. */
  readonly repeat?: string
}

/** A phone that is rung, or that has been for the same request. */
export interface Ringing {
  /** Whether FCM is to be told: not of one over the phone's ring budget. */
  readonly bell: boolean
  /** The transaction that the request may join; then nothing is rung for this one. */
  readonly joins?: TransactionId
}

/** A text a phone signed, and the type of token it says it has. */
export interface Signed {
  readonly type: TokenType
  readonly text: string
  readonly signature: Bytes
}

/** What a phone poll finds. */
export interface Polled {
  /** What policies may ask about it. */
  readonly token?: Token
  readonly owner?: Owner
  readonly pollingAllowed?: boolean
  /** The last policy effect this phone saw. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** Those that may be answered still, the oldest first; none of a phone that is locked or whose token is not fit. */
  readonly prompts: readonly Readonly<Record<string, string>>[]
}

/** What has become of a phone's logins. */
export interface Counters {
  readonly attempts: number
  readonly failures: number
  readonly successes: number
  readonly lastUse?: Instant
  /** When an attempt was last counted: of a phone that is locked, since when it is. */
  readonly failedAt?: Instant
}

/** One phone, by its token's serial: its attempts, its lock and what it rings, exact under any concurrency.
 *  What a phone says comes with the type whose endpoint it came to: a token of another type is unknown there. */
export interface PhoneObject {
  /** It rings, its PIN having been right where one is asked for; until it was, it counts as wrong.
   *  Refuses: `stale`, `no_suitable_token`, `outside_validity`, `attempts_exceeded`, `uses_exceeded`, `pin_wrong`. */
  ring(request: RingRequest): Promise<Outcome<Ringing>>
  /** The attempt counted under this transaction counts no more, and will not where its ring comes only now. */
  release(transaction: TransactionId): Promise<void>
  /** The ring, and the attempt, are another transaction's. */
  move(from: TransactionId, to: TransactionId): Promise<void>
  /** What the phone has to show; nothing is written. Refuses: `signature_invalid`, for a serial nobody knows as well. */
  poll(request: Signed): Promise<Outcome<Polled>>
  /** An answer that names no transaction: offered to the newest two. Refuses: `token_unknown`. */
  offer(answer: AnswerRequest): Promise<Outcome<Reply>>
  /** Whether a signature is this phone's. Refuses: `signature_invalid`. */
  verify(signed: Signed): Promise<Outcome<{ readonly owner?: Owner }>>
  /** Whether this phone may finish a login, given the key its answer was verified with, and of what the login was opened;
   *  its success is recorded once per transaction. `app`: which it was answered with.
   *  Refuses: `no_suitable_token`, `outside_validity`, `attempts_exceeded`, `uses_exceeded`. */
  finish(transaction: TransactionId, phoneKey: string, opened?: OpenedOn, app?: App): Promise<Outcome<void>>
  /** One more failed attempt, unless the phone is locked already. */
  countFailure(): Promise<void>
  /** FCM reaches nobody at this registration token: the catalogue will have it, however long it is away. */
  quarantine(quarantine: Quarantine): Promise<void>
  /** The failed attempts begin anew, in the catalogue as well. Refuses: `token_unknown`. */
  reset(): Promise<Outcome<void>>
  /** From now on nothing finishes, until `changed` (or the alarm a second later) has read the catalogue anew. */
  changing(): Promise<Instant>
  /** Takes what `changing` gave. */
  changed(mark: Instant): Promise<void>
  /** The logins this phone was rung for lately, the oldest first. Refuses: `token_unknown`. */
  openRings(): Promise<Outcome<readonly TransactionId[]>>
  /** Exact, where this phone has anything to tell. */
  counters(): Promise<Counters | undefined>
}

/** What a phone said, and its signature over it. Without a nonce it is about whichever login it may be for. */
export interface AnswerRequest {
  readonly type: TokenType
  readonly serial: Serial
  readonly nonce?: string
  readonly signature: Bytes
  readonly decline: boolean
  readonly reason?: string
  readonly presence?: string
  /** The request it came by. */
  readonly by?: By
}

/** A login as it is to be stored. */
export interface Opening {
  readonly transaction: Transaction
  /** Phones whose held attempt no longer counts: another phone's PIN matched. */
  readonly release: readonly Serial[]
  /** How long to hold the reply for the delivery's outcome; 0: not at all. */
  readonly deliveryWait: Seconds
}

/** What of an opening its service is told besides. */
export interface Opened {
  /** The serials of those whose delivery is known to have failed. */
  readonly undelivered: readonly Serial[]
  /** Challenges that were withdrawn before they were opened. */
  readonly withdrawn: readonly Serial[]
}

/** Who comes to call off an enrollment during a login. */
export interface CancelRequest extends Bearer {
  readonly id: TransactionId
  /** Whether the endpoint admits this caller to logins that no key opened. */
  readonly admitted: boolean
}

/** Who comes to use a login, and with what. */
export interface FinalizeRequest extends CancelRequest {
  /** What was typed at the login: the code from the phone, where one is asked for. */
  readonly entry: string
  /** The request it came by. */
  readonly by?: By
  /** Drawn for the request: the same one again, where its reply was lost, gets the same reply. */
  readonly attempt?: string
}

/** Which lines of the audit are wanted of a shard. */
export interface UnsettledQuery {
  readonly filter: AuditFilter
  readonly order: AuditOrder
  /** Lines wanted at most, the first in this order. */
  readonly most: number
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
export interface ChallengeLists {
  /** Those of the logins named, else of the newest ones. */
  challenges(ids?: readonly TransactionId[]): Promise<readonly ListedChallenge[]>
  /** The login is withdrawn, and its challenges are on no list any more: how many. */
  discard(id: TransactionId, why: string): Promise<number>
  /** The challenges that have expired are on no list any more: how many. */
  discardExpired(): Promise<number>
}

/** How a shard's logins stand. */
export interface Watched {
  /** At once, or when it is no longer pending, or when the wait is over; `crowded` where a wait is asked for and so many
   *  wait, for this login or in this shard, that nobody else can. `waiter`: what the caller is known by to `leave`. */
  standing(id: TransactionId, wait: Seconds, waiter?: string): Promise<Standing | 'unknown' | 'crowded'>
  /** The waiter has gone; its place is free. */
  leave(id: TransactionId, waiter: string): Promise<void>
  /** What the service was told of a login whose request may be repeated; undefined where there is none. */
  told(id: TransactionId): Promise<Told | undefined>
  /** What has happened in this login, as the audit will keep it; undefined where the shard does not know it (any more). */
  timeline(id: TransactionId): Promise<AuditRecord | undefined>
}

/** For callers that hold their request open. `attempt` as in `finalize`; `mayReturn`: the caller has named its request, and may
 *  come again with it. */
export interface Held {
  /** Finalized as soon as a phone accepts; when the last who waits gives up, nothing is left to finalize after. Who may return
   *  is told of a success in which another of the same request was quicker.
   *  Refuses: `declined`, `unanswered`, `too_many_waiting`, and as `finalize`. */
  conclude(id: TransactionId, wait: Seconds, attempt?: string, mayReturn?: boolean): Promise<Outcome<Used>>
  /** The caller has gone, and cannot hear of an acceptance: nobody shall give one, unless others wait or it may return. */
  hangUp(id: TransactionId, attempt: string, mayReturn: boolean): Promise<void>
}

/** One shard of a region's open logins: of each the challenges, what is said to them, and its end. */
export interface TransactionsObject extends ChallengeLists, Held, Watched {
  /** Stored, and delivered in its own time; stored once, however often it comes. Refuses: `shard_full`, `id_taken`. */
  open(opening: Opening): Promise<Outcome<Opened>>
  /** Decided on, once; said again it gets the same reply. About no open challenge, or not signed by its phone: `unheard`. */
  answer(id: TransactionId, answer: AnswerRequest): Promise<Outcome<Reply>>
  /** An accepted login is used up; the same attempt again gets the same reply.
   *  Refuses: `transaction_unknown`, `not_accepted`, `service_key_required`, `logins_limited`, and as `PhoneObject.finish`. */
  finalize(request: FinalizeRequest): Promise<Outcome<Used>>
  /** The phone of an enrollment during this login has registered, with this key. */
  registered(id: TransactionId, serial: Serial, phoneKey: string): Promise<void>
  /** The token whose enrollment this caller may call off; nothing is changed. Refuses: `enrollment_not_cancelled`,
   *  `service_key_required`. */
  mayCancel(request: CancelRequest): Promise<Outcome<{ readonly serial: Serial }>>
  /** The enrollment is called off, and the login used up by that. Refuses: `enrollment_not_cancelled`. */
  cancelled(id: TransactionId): Promise<Outcome<void>>
  /** The first of these transactions, at most so many, that this phone may still answer. */
  prompts(
    serial: Serial,
    ids: readonly TransactionId[],
    most: number,
  ): Promise<readonly { readonly id: TransactionId; readonly prompt: Challenge['prompt'] }[]>
  /** The login, or this phone's part in it, is taken back; one that is still to come will be. */
  withdraw(id: TransactionId, serial: Serial | undefined, why: string): Promise<void>
  /** The same of what this key has opened, and of what it was about to open. */
  withdrawKey(keyHash: string): Promise<void>
  /** The audit will have it: of one `kind` only so many a second each, the rest as one with a count. */
  record(record: AuditRecord, kind?: string): Promise<void>
  /** What the audit is still to hear of: logins that are open, and what is on its way there. */
  unsettled(query: UnsettledQuery): Promise<readonly AuditLine[]>
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
