/** What the Durable Object of a phone is asked. There is one for each token, by its serial: attempts, lock and open rings,
 *  exact under any concurrency. A phone's message comes with the token type whose endpoint it was sent to; a token of another
 *  type is unknown there. */
import type { PhoneAnswer } from '../protocol/phone/phone-request.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import type { TokenAtOpening } from '../rules/token/token.ts'
import type { Distinction } from '../rules/token/look-alikes.ts'
import type { CounterCopy } from '../rules/token/phone-state.ts'
import type {
  Bytes,
  Epoch,
  Instant,
  Language,
  Owner,
  Region,
  Revision,
  Seconds,
  TokenType,
  TransactionId,
} from '../vocabulary.ts'
import type { FraudReportMode, ReportConsequence } from '../vocabulary/fraud-reports.ts'
import type { MasterKeyId } from '../vocabulary/master-keys.ts'
import type { RequestOrigin } from '../vocabulary/login-steps.ts'
import type { Notice } from '../vocabulary/notices.ts'
import type { App, Quarantine, PhoneCounters } from '../vocabulary/phones.ts'
import type { PushFirewall, Restriction } from '../vocabulary/push-firewall.ts'
import type { Token } from '../vocabulary/tokens.ts'
import { type ObjectOf, verb } from './object-verbs.ts'
import type { BindingUndo, NoticeAnswer } from './phone-notices.ts'
import { PHONE_MOVE_VERBS } from './phone-move.ts'

/** A login that opens: this phone is to check the PIN, if there is one, and to ring. */
export interface RingRequest {
  readonly transaction: TransactionId
  /** The token's revision as the caller read it. */
  readonly revision: Revision
  /** The epoch of the catalogue that the caller read. */
  readonly epoch?: Epoch
  /** The catalogue's copy of the counters, as the caller read it. */
  readonly copy?: CounterCopy
  /** Checked when present: against the token's PIN, or, with `none`, against the empty entry. `verdict`: what somebody else says of it,
   *  after `holdAttempt`; it counts where the phone cannot compare it itself. A password of the `userstore` is not told to the phone. */
  readonly pin?: {
    readonly entry: string | undefined
    readonly source: 'token' | 'none' | 'userstore'
    readonly verdict?: boolean
  }
  readonly until: Instant
  /** Whether policy lets this owner poll now; kept for polls while D1 is down. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** How long failed attempts lock the phone; absent: until somebody resets them. */
  readonly forgivenAfter?: Seconds
  /** The language of the login, kept for the texts of notices. */
  readonly language?: Language
  /** Whether the ring counts as a failed attempt until a login succeeds. */
  readonly countsAsFailure?: boolean
  /** The master key with which the token's PIN is sealed anew if it matches, while the key is being rotated. */
  readonly resealWith?: MasterKeyId
  /** Digest of the request: a request with the same digest within ten seconds may join the login of the first. */
  readonly repeat?: string
  /** The name of the caller; absent for one without a credential. Rings are counted by service and place. */
  readonly service?: string
  /** The name of the service key that opened the login, if one did: its webhooks hear of a lockout. */
  readonly serviceKey?: string
  /** A digest of the network of the end user's address, if that is believed: wrong PINs are counted by it. */
  readonly place?: string
  /** A digest of what the phone shows, if prompts that look the same are to be told apart. */
  readonly look?: string | undefined
  /** Absent where it is off. */
  readonly firewall?: PushFirewall
  /** When a tap would approve the login. `without_code`: only where the app shows no codes; `always`: the login cannot ask for a code.
   *  Absent where the login shows a number or asks for a code. */
  readonly tap?: 'without_code' | 'always'
  /** Whether the app is answered. */
  readonly asksForApp?: true
  /** Anybody may open this login, and the phone finds it by polling: it is not rung unless a PIN has been checked. */
  readonly needsProof?: true
}

/** What became of a ring. */
export interface RingResult {
  /** Whether the prompt is delivered over FCM. */
  readonly delivers: boolean
  /** Why the phone is not rung. The login opens all the same, in a mode that needs what the login screen shows. */
  readonly restricted?: Restriction
  readonly isPaused?: boolean // also if something else restricts it, too: no delivery is made then
  /** In shadow mode: why the phone would not be rung if the firewall were on. */
  readonly shadowed?: Restriction
  /** What tells its prompt from open ones of this phone that look the same. */
  readonly distinction?: Distinction
  /** The app on the phone, as far as it is known; only with `restricted`, or where it was asked for. */
  readonly app?: string
  /** The login that this request may join. The phone does not ring for the request's own transaction then. */
  readonly joined?: TransactionId
}

/** A text, and a signature that is said to be the phone's. */
export interface SignedText {
  readonly type: TokenType
  readonly text: string
  readonly signature: Bytes
  /** The region that the request came from. */
  readonly from?: Region
}

/** The phone that signed, by its owner and its key. */
export interface VerifiedSigner {
  readonly owner?: Owner
  readonly phoneKey?: string
}

/** What a phone poll finds. */
export interface PhonePollResult {
  /** For policies whose conditions ask about the token. */
  readonly token?: Token
  readonly owner?: Owner
  readonly pollingAllowed?: boolean
  /** Whether policy allowed polling when this phone last rang. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** The prompts that may still be answered, the oldest first; none if the phone is locked or its token unusable. */
  readonly prompts: readonly Readonly<Record<string, string>>[]
}

/** A phone's answer with its signature. Without a nonce its signature tells which login it is for. */
export interface AnswerRequest extends Omit<PhoneAnswer, 'kind'> {
  /** The HTTP request that brought it. */
  readonly origin?: RequestOrigin
  /** The region that it came from. */
  readonly from?: Region
}

/** A login that this phone accepted and that is to be finalized. */
export interface PhoneFinalizeRequest {
  readonly transaction: TransactionId
  /** The key that its answer was verified with. */
  readonly phoneKey: string
  readonly opened?: TokenAtOpening
  /** The app that answered. */
  readonly app?: App
  /** The region that the answer came from. */
  readonly from?: Region
}

/** A login that one of its phones declined as not its owner's. */
export interface FraudReportRequest {
  readonly transaction: TransactionId
  readonly at: Instant
  readonly place?: string | undefined
  readonly hasPin: boolean
  /** The user says so later, at their own page. The place counts only if the phone knows it; `forgets`: it may have become known by this
   *  very login, and is not known any more. */
  readonly later?: { readonly forgets: boolean }
  readonly mode: FraudReportMode
  /** The phone's key and its token when the login opened. */
  readonly phoneKey: string
  readonly opened: TokenAtOpening
}

/** A login, and the name of the service key that opened it, if one did. */
export interface LoginOfService {
  readonly transaction: TransactionId
  readonly serviceKey?: string | undefined
}

export const PHONE_VERBS = {
  ...PHONE_MOVE_VERBS,

  // --- a login ---

  /** Checks the PIN and rings the phone. The attempt counts as failed until the PIN matches; with `countsAsFailure` until a login
   *  succeeds, and a ring that reaches the limit is counted and refused.
   *  Refuses: `stale` if the caller read an older revision, or in an older epoch; `no_suitable_token`, `outside_validity`,
   *  `attempts_exceeded`, `uses_exceeded`, `pin_attempts_paused`, `source_blocked`, `pin_suspended`, `pin_wrong`. */
  ring: verb<RingRequest, RingResult>('repeat'), // the hold and the ring are kept under the transaction's id
  /** Counts an attempt before somebody else is asked about the PIN. A ring of the same transaction goes on with it, or it is released.
   *  Refuses: as `ring`, except for what a PIN decides. */
  holdAttempt: verb<RingRequest, void>('repeat'),
  /** Releases the hold of this transaction; a ring of the same transaction that comes late holds nothing. */
  releaseHold: verb<{ readonly transaction: TransactionId }, void>('repeat'),
  /** Moves ring and hold to another transaction id. */
  moveRing: verb<{ readonly from: TransactionId; readonly to: TransactionId }, void>('repeat'),
  /** Allows this phone to finalize the login and records the success, once per transaction.
   *  Refuses: `no_suitable_token`, `outside_validity`, `attempts_exceeded`, `uses_exceeded`. */
  finalize: verb<PhoneFinalizeRequest, void>('repeat'),
  /** Stores the fraud report, once for each login, and withdraws similar prompts. Answers the consequence: `none` if the token has another
   *  owner, PIN or phone by now. Refuses: `storage_unavailable`. */
  reportFraud: verb<FraudReportRequest, ReportConsequence>('repeat'),
  /** Counts one more failed attempt in this login, unless the phone is locked already. */
  countFailure: verb<LoginOfService | void, void>('refuse'),

  // --- what the phone sends ---

  /** Answers the prompts that wait for this phone. Writes nothing.
   *  Refuses: `signature_invalid`, also for an unknown serial. */
  poll: verb<SignedText, PhonePollResult>('repeat'),
  /** Finds the login that an answer without a nonce was signed for, among those a poll would show, and hands it over.
   *  Refuses: `token_unknown`; `storage_unavailable` if a login that it may be for could not be reached. */
  offerAnswer: verb<AnswerRequest, PhoneReply>('repeat'), // the same answer gets the same reply
  /** Verifies that this phone signed the text. Refuses: `signature_invalid`. */
  verifySignature: verb<SignedText, VerifiedSigner>('repeat'),

  // --- the token ---

  /** Keeps that FCM cannot reach this registration token, until the catalogue has stored it. */
  quarantine: verb<Quarantine, void>('repeat'),
  /** Resets the failed attempts, in the catalogue as well; with `keepsGuesses`, places that guessed PINs go on waiting.
   *  Refuses: `token_unknown`. */
  resetAttempts: verb<{ readonly keepsGuesses?: boolean; readonly liftsReports?: boolean } | void, void>('repeat'),
  /** Begins a change of the token in the catalogue: until it ends, this phone finalizes nothing. Answers the change's mark. */
  beginChange: verb<void, Instant>('repeat'), // a mark too many ends with the alarm
  /** Ends the change: reads the token anew. Without this call the phone's alarm does it, 2.5 seconds after the mark. `isNewPin`: the
   *  token has another PIN than before. Refuses: `storage_unavailable`, and then the mark stays. */
  endChange: verb<{ readonly mark: Instant; readonly isNewPin?: boolean }, void>('repeat'),

  // --- notices ---

  /** Keeps the notice and shows it to the phone's user, for a day or until they have answered. Keeps it once for each id. Answers whether
   *  it is kept: not if the phone has too many unanswered ones. Refuses: `token_unknown`, `storage_unavailable`. */
  giveNotice: verb<{ readonly notice: Notice }, boolean>('repeat'),
  /** Stores the user's answer, whose signature is verified already. After a decline the change is undone in the background, however long
   *  that takes. Answers whether the phone may still answer: not if it was disabled, revoked or replaced since the prompt was opened.
   *  Refuses: `storage_unavailable` while the token is being changed. */
  answerNotice: verb<NoticeAnswer, boolean>('repeat'), // the first answer counts
  /** Undoes the binding of this token's phone, unless the token was bound again since or has another owner. Answers whether that changed
   *  anything. Refuses: `storage_unavailable`. */
  undoBinding: verb<BindingUndo, boolean>('repeat'),

  /** Begins a change that gives its owner a token or takes one away. Until the change ends, this phone reads the catalogue before it rings.
   *  Answers the change's mark. Refuses: `storage_unavailable`. */
  beginOwnerChange: verb<void, Instant>('repeat'), // of two marks the later one counts
  /** Ends that change: reads the token, which has a new revision, from the catalogue. Without this call the phone's alarm does so.
   *  `mark`: absent if this phone was not told of the beginning. Refuses: `storage_unavailable`. */
  endOwnerChange: verb<{ readonly mark: Instant | undefined }, void>('repeat'),

  // --- for administrators ---

  /** Answers the logins this phone rang for lately, the oldest first, and the prompts of its notices. Refuses: `token_unknown`. */
  openRings: verb<void, readonly TransactionId[]>('repeat'),
  /** Answers the exact counters; undefined if this phone has never been used. With `renewsCopy` the catalogue's copy is renewed if it is
   *  older than the last use. */
  counters: verb<{ readonly renewsCopy?: boolean } | void, PhoneCounters | undefined>('repeat'),
} as const

export type PhoneObject = ObjectOf<typeof PHONE_VERBS>

/** The request of one of these verbs. */
export type RequestOf<Name extends keyof PhoneObject> = Parameters<PhoneObject[Name]>[0]
