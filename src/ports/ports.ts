/** What the operations and objects need of the world, as small interfaces. `connect.ts` makes them real. */
import type { Tables } from './tables.ts'
import type { Outcome } from '../refusal.ts'
import type { PolicySet } from '../rules/policy/policy-set.ts'
import type {
  Bytes,
  Instant,
  Nonce,
  Owner,
  Policy,
  Random,
  Revision,
  Seconds,
  Serial,
  Shard,
  TransactionId,
} from '../vocabulary.ts'
import type { QuarantineCause } from '../vocabulary/phones.ts'
import type { Administrator } from './administrators.ts'
import type { ServiceKey } from './service-keys.ts'
import type { CounterObject } from './counter-object.ts'
import type { TransactionsObject } from './transactions-object.ts'
import type { PhoneObject } from './phone-object.ts'

export interface Ports extends Tables {
  readonly now: () => Instant
  readonly random: Random
  readonly limits: Limits
  readonly deployment: Deployment
  readonly identifiers: Identifiers
  readonly signing: Signing
  readonly pins: Pins
  readonly credentials: Credentials
  readonly phones: {
    of(serial: Serial): PhoneObject
    /** Of a serial that a stranger names, undefined where there is no such token: an object that wakes has a place of its own
     *  from then on, on a disk a file, and made-up serials never end. */
    find(serial: Serial): Promise<PhoneObject | undefined>
  }
  readonly transactions: {
    /** Undefined when the id is not one of ours. */
    of(id: TransactionId): Promise<TransactionsObject | undefined>
    inShard(shard: Shard): TransactionsObject
    /** Every shard that may hold open logins. */
    shards(): readonly Shard[]
    all(): readonly TransactionsObject[]
  }
  readonly counters: { of(name: string): CounterObject }
  readonly delivery: Delivery
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void
}

/** What the configuration fixes. */
export interface Limits {
  readonly publicUrl: string | undefined
  readonly anonymousCheck: boolean
  readonly shards: number
  /** Who may wait in one shard at once. */
  readonly shardWaiters: number
  readonly deliveryWait: Seconds
  readonly corsOrigins: readonly string[]
  readonly firebase: readonly string[]
}

/** What the whole deployment shares, as one revision of it. */
export interface Snapshot {
  readonly revision: Revision
  readonly policies: readonly Policy[]
  /** The same, made ready to be asked. */
  readonly policySet: PolicySet
  readonly settings: Readonly<Record<string, string>>
  readonly serviceKeys: ReadonlyMap<string, ServiceKey>
  /** By login, the one of the configuration among them. */
  readonly administrators: ReadonlyMap<string, Administrator>
  readonly realms: ReadonlySet<string>
  readonly defaultRealm: string
}

export interface Deployment {
  /** The isolate's snapshot if it is of this revision, else one read anew: any revision from there on serves. */
  at(revision: Revision): Promise<Outcome<Snapshot>>
  /** Read anew, whatever the isolate has. */
  fresh(): Promise<Outcome<Snapshot>>
  /** The isolate's snapshot whatever its age, if it has one. */
  known(): Snapshot | undefined
  /** The isolate's snapshot, if it was the deployment as it is within the last two seconds. */
  recent(): Snapshot | undefined
  /** Something may have been changed just now: what the isolate has is not recent any more. */
  doubt(): void
  /** The isolate's snapshot whatever its age, read only when there is none. */
  any(): Promise<Outcome<Snapshot>>
}

// --- keys and secrets ---

export interface Identifiers {
  /** A new id; the same for the same `seed` of five bytes or more. */
  draw(shard: Shard, seed?: Bytes): Promise<TransactionId>
  /** Keyed, so that nobody else can tell what a text's digest is. */
  digest(text: string): Promise<Bytes>
  /** Undefined when the id is not one of ours. */
  shardOf(id: string): Promise<Shard | undefined>
  nonceFor(id: TransactionId, commitment: Bytes): Promise<Nonce>
  transactionOf(nonce: string): Promise<TransactionId | undefined>
}

export interface Signing {
  /** The deployment's current signing key's name, made on first use. */
  current(): Promise<Outcome<string>>
  sign(key: string, text: string): Promise<Outcome<Bytes>>
}

export interface Pins {
  seal(serial: Serial, pin: string): Promise<string>
  /** One token's PIN, sealed for another; undefined if it does not open. */
  copy(from: Serial, to: Serial, sealed: string): Promise<string | undefined>
  /** Compared in constant time; about 20 ms of CPU. */
  matches(serial: Serial, sealed: string, pin: string): Promise<boolean>
}

/** A user who signed in by phone. */
export interface SignedInUser {
  readonly owner: Owner
  /** The phone's token, and a digest of the phone's key. */
  readonly serial: Serial
  readonly generation: string
}

export type ApiTokenHolder =
  | { readonly kind: 'administrator'; readonly name: string; readonly generation: string }
  | ({ readonly kind: 'user' } & SignedInUser)

export interface Credentials {
  /** The administrator whom the configuration names. */
  readonly bootstrap: Administrator
  /** Whether this is their password. What is wrong takes as long for nobody as for somebody; about 20 ms of CPU. */
  passwordMatches(administrator: Administrator | undefined, password: string): Promise<boolean>
  sealPassword(login: string, password: string): Promise<string>
  issueAdministratorToken(administrator: Administrator, lifetime: Seconds): Promise<string>
  issueUserToken(user: SignedInUser, lifetime: Seconds): Promise<string>
  /** Whom an API token names; whether they still are who they were is still to be looked up. */
  readApiToken(token: string): Promise<Outcome<ApiTokenHolder>>
}

// --- reaching the phone ---

export interface Delivery {
  /** Handed to FCM, or why not. */
  deliver(message: Message): Promise<DeliveryResult>
  /** Whether there is such a Firebase configuration. */
  knows(firebase: string): boolean
}

export interface Message {
  readonly firebase: string
  readonly registrationToken: string
  readonly prompt: Readonly<Record<string, string>>
  readonly validFor: Seconds
}

export type DeliveryResult =
  | { readonly kind: 'delivered' }
  /** Worth another try after so many seconds. */
  | { readonly kind: 'later'; readonly why: string; readonly retryAfter: Seconds }
  | { readonly kind: 'failed'; readonly why: string }
  /** Failed for good, and so will every other message to this registration token. */
  | { readonly kind: 'gone'; readonly why: QuarantineCause }
