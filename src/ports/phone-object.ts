/** The Durable Object of a phone as its callers see it; what holds of every call is said in `objects.ts`. */
import type { PhoneAnswer } from '../protocol/phone/phone-request.ts'
import type { Outcome } from '../refusal.ts'
import type { TokenAtOpening } from '../rules/token/token.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import type { RequestOrigin } from '../vocabulary/login-steps.ts'
import type { Bytes, Instant, Owner, Revision, Seconds, TokenType, TransactionId } from '../vocabulary.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'
import type { Token } from '../vocabulary/tokens.ts'

/** What is asked of one phone of a login that opens: that its PIN is compared, where there is one, and that it rings. */
export interface RingRequest {
  readonly transaction: TransactionId
  /** The token's, as its caller has read it: one older than the phone's own is `stale`. */
  readonly revision: Revision
  /** Compared when present: with the token's PIN, or with nothing at all (`none`: the entry must be empty). */
  readonly pin?: { readonly entry: string | undefined; readonly source: 'token' | 'none' }
  readonly until: Instant
  /** What policy says of polling for this owner now; kept for polls while D1 is down. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** How long failed attempts lock a phone out; absent: until somebody ends it. */
  readonly forgivenAfter?: Seconds | undefined
  /** Digest of the request: where one of the same has rung this phone within ten seconds, this one may join it. */
  readonly repeat?: string
}

/** A phone that is rung, or that has been for the same request. */
export interface RingResult {
  /** Whether FCM is to be told: not of one over the phone's ring budget. */
  readonly bell: boolean
  /** The transaction that the request may join; then nothing is rung for this one. */
  readonly joins?: TransactionId
}

/** A text a phone signed, and the type of token it says it has. */
export interface SignedText {
  readonly type: TokenType
  readonly text: string
  readonly signature: Bytes
}

/** Whose phone signed, and by which key. */
export interface VerifiedSigner {
  readonly owner?: Owner
  readonly phoneKey?: string
}

/** What a phone poll finds. */
export interface PhonePollResult {
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
export interface PhoneCounters {
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
  ring(request: RingRequest): Promise<Outcome<RingResult>>
  /** The attempt counted under this transaction counts no more, and will not where its ring comes only now. */
  release(transaction: TransactionId): Promise<void>
  /** The ring, and the attempt, are another transaction's. */
  move(from: TransactionId, to: TransactionId): Promise<void>
  /** What the phone has to show; nothing is written. Refuses: `signature_invalid`, for a serial nobody knows as well. */
  poll(request: SignedText): Promise<Outcome<PhonePollResult>>
  /** An answer that names no transaction: offered to the newest two. Refuses: `token_unknown`. */
  offer(answer: AnswerRequest): Promise<Outcome<PhoneReply>>
  /** Whether a signature is this phone's. Refuses: `signature_invalid`. */
  verify(signed: SignedText): Promise<Outcome<VerifiedSigner>>
  /** Whether this phone may finish a login, given the key its answer was verified with, and of what the login was opened;
   *  its success is recorded once per transaction. `app`: which it was answered with.
   *  Refuses: `no_suitable_token`, `outside_validity`, `attempts_exceeded`, `uses_exceeded`. */
  finish(transaction: TransactionId, phoneKey: string, opened?: TokenAtOpening, app?: App): Promise<Outcome<void>>
  /** One more failed attempt, unless the phone is locked already. */
  countFailure(): Promise<void>
  /** FCM reaches nobody at this registration token: the catalogue will have it, however long it is away. */
  quarantine(quarantine: Quarantine): Promise<void>
  /** The failed attempts begin anew, in the catalogue as well. Refuses: `token_unknown`. */
  reset(): Promise<Outcome<void>>
  /** From now on nothing finishes, until `changed` has read the catalogue anew, or the alarm once it cannot be writing any more. */
  changing(): Promise<Instant>
  /** Takes what `changing` gave. */
  changed(mark: Instant): Promise<void>
  /** The logins this phone was rung for lately, the oldest first. Refuses: `token_unknown`. */
  openRings(): Promise<Outcome<readonly TransactionId[]>>
  /** Exact, where this phone has anything to tell. */
  counters(): Promise<PhoneCounters | undefined>
}

/** What a phone said, and its signature over it. Without a nonce it is about whichever login it may be for. */
export interface AnswerRequest extends Omit<PhoneAnswer, 'kind'> {
  /** The request it came by. */
  readonly by?: RequestOrigin
}
