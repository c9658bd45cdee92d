/** What operations and objects need of the world, as small interfaces. `connect.ts` connects them to the platform. */
import type { JurisdictionCheck } from './jurisdiction.ts'
import type { Tables } from './tables.ts'
import type { Jurisdiction } from '../vocabulary/jurisdictions.ts'
import type { Outcome } from '../refusal.ts'
import type { ArchiveMode, RetentionPeriods } from '../rules/deployment/audit-retention.ts'
import type { PolicySet } from '../rules/policy/policy-set.ts'
import type {
  Bytes,
  Instant,
  Owner,
  Policy,
  Random,
  Region,
  Revision,
  Seconds,
  Serial,
  Shard,
  TransactionAddress,
} from '../vocabulary.ts'
import type { DatabaseProbe, ErrorCount } from '../vocabulary/doctor.ts'
import type { MasterKeyState } from '../vocabulary/master-keys.ts'
import type { Administrator } from './administrators.ts'
import type { AuditArchive } from './audit-archive.ts'
import type { AuditHeads, HeadWebhook } from './audit-heads.ts'
import type { ApiTokenKey, SealedApiTokenKey } from './api-token-keys.ts'
import type { RateLimits } from './rate-limits.ts'
import type { SchemaCheck } from './schema.ts'
import type { WebhookPorts } from './webhook-ports.ts'
import type { ServiceKey } from './service-keys.ts'
import type { ApiTokenSession } from './void-sessions.ts'
import type { MasterKeyCheck } from './master-keys.ts'
import type { NewSigningKey, TokenVersion } from './signing-keys.ts'
import type { CounterObject } from './counter-object.ts'
import type { Delivery } from './delivery.ts'
import type { Identifiers } from './identifiers.ts'
import type { OpenSigningKey } from './exports.ts'
import type { ImportedKeys } from './imports.ts'
import type { JournalObject } from './journal-object.ts'
import type { Trace } from './trace.ts'
import type { TransactionsObject } from './transactions-object.ts'
import type { PinChecks } from './pin-checks.ts'
import type { Pins, ReadAgain } from './pins.ts'
import type { PhoneObject } from './phone-object.ts'
import type { PhoneObjectName } from '../vocabulary/phones.ts'
import type { PhoneSigner } from './tokens.ts'
import type { Upstream } from './upstream.ts'

export interface Ports extends Tables, WebhookPorts {
  readonly now: () => Instant
  readonly random: Random
  readonly limits: Limits
  readonly deployment: Deployment
  readonly masterKeys: MasterKeyCheck
  readonly jurisdiction: JurisdictionCheck
  readonly schema: SchemaCheck
  readonly rateLimits: RateLimits
  readonly identifiers: Identifiers
  readonly signing: Signing
  readonly importedKeys: ImportedKeys
  readonly openSigningKey: OpenSigningKey
  readonly pins: Pins
  readonly credentials: Credentials
  readonly phones: {
    /** The phone of a token that a phone has registered. The first call ever makes the object, which lives where it is made until it is
     *  moved: in the region `near`, or near to the caller. `number`: that of the object, as far as the caller knows it; a phone that has
     *  moved is found all the same. */
    of(serial: Serial, near?: Region, number?: number): PhoneObject
    /** This object of a phone itself, also if the phone has moved on. */
    at(name: PhoneObjectName, near?: Region): PhoneObject
    /** Finds the phone of a serial that anybody may have made up; undefined when there is no such token, or no phone has registered with
     *  it. A stranger's call would make the object, in the stranger's region. */
    find(serial: Serial, near: Region): Promise<PhoneObject | undefined>
    /** Whether this isolate knows that there is a token of this serial. */
    readonly isKnown: (serial: Serial) => boolean
    /** Finds the key of the phone of a serial, for a source whose requests are limited: this isolate asks D1 for all such serials
     *  together, once a second. Undefined where there is no phone, and while D1 does not answer for one that this isolate does not know. */
    readonly findSigner: (serial: Serial) => Promise<PhoneSigner | undefined>
  }
  readonly transactions: {
    of(address: TransactionAddress): TransactionsObject
    inShard(shard: Shard): TransactionsObject
    /** Names every shard that may have open logins. */
    shards(): readonly Shard[]
    /** Every shard that may have open logins. */
    all(): readonly TransactionsObject[]
  }
  /** The shards that do not know the newest settings, as far as this isolate knows. */
  readonly shardsBehind: () => readonly string[]
  readonly counters: { of(name: string): CounterObject }
  readonly journal: JournalObject
  readonly delivery: Delivery
  readonly pinChecks: PinChecks
  readonly upstream: Upstream | undefined // absent unless users move here from another server
  /** Absent where no bucket is bound. */
  readonly auditArchive?: AuditArchive | undefined
  readonly auditHeads: AuditHeads
  /** Undefined unless the operator has set an address. */
  readonly headWebhook: HeadWebhook | undefined
  readonly databaseProbe: {
    measure(): Promise<Outcome<DatabaseProbe>>
    /** Writes one row as it is. Answers how long that took, in milliseconds. */
    write(): Promise<Outcome<number>>
  }
  readonly errors: {
    /** What went wrong in this isolate since it started, the latest first. */
    readonly here: () => readonly ErrorCount[]
    /** What went wrong in all isolates within the last day, the latest first, as far as they have reported it. Refuses:
     *  `storage_unavailable`. */
    readonly everywhere: () => Promise<Outcome<readonly ErrorCount[]>>
  }
  readonly trace: Trace
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void
}

/** Limits and addresses from the configuration. */
export interface Limits {
  readonly publicUrl: string | undefined
  /** Whether the caller's region and the name of the host are the platform's word. */
  readonly onCloudflare: boolean
  /** The id of this version at Cloudflare. */
  readonly versionId: string | undefined
  /** Where all objects are; undefined: near to whoever calls them first. */
  readonly jurisdiction: Jurisdiction | undefined
  /** The header that holds the caller's address; without one every caller is 127.0.0.1. */
  readonly addressHeader: string | undefined
  readonly anonymousCheck: boolean
  /** Whether there is a secret for emergencies. */
  readonly hasBreakGlass: boolean
  readonly shards: number
  /** How many callers may wait in one shard at once. */
  readonly shardWaiters: number
  readonly deliveryWait: Seconds
  /** How many audit records an hour strangers can cause in a region. */
  readonly strangerRecordsPerHour: number
  /** How long the audit keeps what, and whether old records are archived. */
  readonly auditPeriods: RetentionPeriods
  readonly auditArchiveMode: ArchiveMode
  readonly corsOrigins: readonly string[]
  readonly firebase: readonly string[]
}

/** One revision of what the whole deployment shares. */
export interface Snapshot {
  readonly revision: Revision
  readonly policies: readonly Policy[]
  /** The same policies, compiled. */
  readonly policySet: PolicySet
  readonly settings: Readonly<Record<string, string>>
  readonly serviceKeys: ReadonlyMap<string, ServiceKey>
  /** By login; the administrator of the configuration is among them. */
  readonly administrators: ReadonlyMap<string, Administrator>
  /** By id, the newest first. */
  readonly apiTokenKeys: ReadonlyMap<string, ApiTokenKey>
  /** The ids of API tokens that were logged out. */
  readonly voidSessions: ReadonlySet<string>
  /** The ids of the signing keys that Nod generated. */
  readonly signingKeys: readonly string[]
  /** The newest of them, sealed, by id: a login on a fresh isolate need not read its key apart. */
  readonly sealedSigningKeys: ReadonlyMap<string, string>
  readonly realms: ReadonlySet<string>
  readonly defaultRealm: string
  readonly masterKeys: MasterKeyState
  /** The jurisdiction of the deployment's objects; undefined: not chosen yet. */
  readonly jurisdiction: Jurisdiction | 'none' | undefined
}

export interface Deployment {
  /** Returns the isolate's snapshot if it has this revision, else reads it anew. The result has this revision or a later one.
   *  `isCurrent`: whether D1's primary told this revision. If a replica did, a later snapshot serves as it is, and the nearest replica
   *  is read before the primary. */
  atRevision(revision: Revision, isCurrent?: boolean): Promise<Outcome<Snapshot>>
  /** Reads the snapshot anew. */
  reload(): Promise<Outcome<Snapshot>>
  /** Reads the snapshot anew, at most once in two seconds: for what this isolate does not know because a stranger made it up. */
  reloadForUnknown(): Promise<Outcome<Snapshot>>
  /** Returns the isolate's snapshot of any age; undefined when it has none. */
  cached(): Snapshot | undefined
  /** Returns the isolate's snapshot if it was up to date within the last two seconds. */
  recent(): Snapshot | undefined
  /** Something may have changed just now: `recent` returns nothing until the snapshot is read or confirmed again. `isChanged`: it has,
   *  and no stranger did it; `reloadForUnknown` does not wait for its two seconds then. */
  markOutdated(isChanged?: boolean): void
  /** Returns the isolate's snapshot of any age; reads it when there is none. */
  cachedOrReload(): Promise<Outcome<Snapshot>>
  /** Returns the isolate's snapshot of any age; reads the nearest replica, which may be late, when there is none. */
  cachedOrNearby(): Promise<Outcome<Snapshot>>
}

export interface Signing {
  /** Returns the name of the deployment's current signing key, as far as this isolate knows; makes the key on first use. */
  current(): Promise<Outcome<string>>
  /** Returns the name of the current signing key of this snapshot; undefined before the first use. */
  currentIn(snapshot: Snapshot): string | undefined
  /** Generates the key that follows the current one of this snapshot. About a second of CPU for 4096 bits. */
  generateNext(snapshot: Snapshot): Promise<NewSigningKey>
  /** Signs with the key that has this name. `token`: the version of the token that names it, because a restore, or another import of the
   *  token, may bring another key of that name. */
  sign(key: string, text: string, token: TokenVersion): Promise<Outcome<Bytes>>
}

/** A user who signed in by phone, or with a bypass code. */
export interface SignedInUser {
  readonly owner: Owner
  /** The token of the phone that approved; empty after a bypass code. */
  readonly serial: Serial
  /** A digest of the phone's key; empty after a bypass code. */
  readonly generation: string
}

/** Whom an API token names, and the key that signed it. */
export type ApiTokenHolder = { readonly keyId: string; readonly session: ApiTokenSession } & (
  | { readonly kind: 'administrator' | 'enrolling'; readonly name: string; readonly generation: string }
  | ({ readonly kind: 'user' } & SignedInUser)
)

export interface OpenedPassword {
  /** Compares a password with this one. A wrong one takes equally long when there is no such administrator; about 20 ms of CPU. */
  matches(password: string): Promise<boolean>
}

export interface Credentials {
  /** The administrator that the configuration names. */
  readonly bootstrap: Administrator
  /** Opens the administrator's password for a comparison, as `Pins.open` does. Refuses: `storage_unavailable` if it does not open,
   *  which is logged as `password_unreadable`. */
  openPassword(administrator: Administrator | undefined, readAgain: ReadAgain): Promise<Outcome<OpenedPassword>>
  sealPassword(login: string, password: string): Promise<string>
  /** Issues an API token, signed with the deployment's current key, which is made at first use. Refuses: `storage_unavailable`. */
  issueAdministratorToken(administrator: Administrator, lifetime: Seconds): Promise<Outcome<string>>
  /** Issues an API token with which the administrator can only enroll a phone. */
  issueEnrollingToken(administrator: Administrator, lifetime: Seconds): Promise<Outcome<string>>
  /** Compares a text with the deployment's secret for emergencies, in constant time. False if there is none. */
  isBreakGlassSecret(secret: string): Promise<boolean>
  /** `id`: names the API token; drawn if absent. */
  issueUserToken(user: SignedInUser, lifetime: Seconds, id?: string): Promise<Outcome<string>>
  /** Makes another key for API tokens, sealed; it signs once it is stored as the current one. */
  newApiTokenKey(): Promise<SealedApiTokenKey>
  /** Verifies an API token and tells whom it names. The caller still has to look up that holder, and whether the key still counts, in
   *  the current snapshot: `identifyCaller` does.
   *  Refuses: `authorization_undecodable`, `authorization_expired`; `storage_unavailable`. */
  readApiToken(token: string): Promise<Outcome<ApiTokenHolder>>
}
