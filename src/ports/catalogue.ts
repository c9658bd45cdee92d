/** The catalogue (D1): tokens, people, policies, settings, keys and the audit. */
import type { Outcome } from '../refusal.ts'
import type { AuditRecord } from '../rules/login/audit.ts'
import type { TokenLimit } from '../rules/token/enrollment-limits.ts'
import type {
  AdministratorRole,
  Instant,
  Owner,
  Person,
  Policy,
  Revision,
  Role,
  Serial,
  TransactionId,
} from '../vocabulary.ts'
import type { AuditFilter, AuditLine, AuditOrder } from '../vocabulary/audit.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'
import type { Token } from '../vocabulary/tokens.ts'
import type { BypassCodes } from './bypass.ts'
import type { UserRecord, Lists } from './lists.ts'
import type { PhoneFilter, PhoneReport, RegistrationRefresh, Registration } from './phones.ts'
import type { Enrollment, NewToken, TokenRecord, TokenChange } from './tokens.ts'

export type { AuditRecord } from '../rules/login/audit.ts'
export type * from './tokens.ts'
export type { TokenLimit } from '../rules/token/enrollment-limits.ts'

/** One way of reading the name a caller gave: a login in a realm, `undefined` meaning the default realm. */
export interface UserCandidate {
  readonly login: string
  readonly realm: string | undefined
}

/** What one round trip tells of whom a login is for. */
export interface SubjectRecords {
  readonly settingsRevision: Revision
  /** What a candidate without a realm was read as. */
  readonly defaultRealm: string
  readonly tokens: readonly Token[]
  readonly people: readonly Person[]
}

/** Who did what, for the audit: administration writes it beside the change. */
export interface AuditEntry {
  readonly at: Instant
  readonly action: string
  readonly administrator: string
  readonly serial?: string
  readonly owner?: Owner
  readonly info?: string
  readonly address: string
  readonly userAgent?: string
}

/** Lines of the audit, by rank in their order: so many after so many. `except`: records whose lines are none of them. */
export interface AuditQuery {
  readonly filter: AuditFilter
  readonly order: AuditOrder
  readonly offset: number
  readonly limit: number
  /** Ranks count from behind this line, instead of from the first; only where lines are ordered by time. */
  readonly after?: AuditLine
  readonly except?: readonly string[]
}

/** Every call answers within two seconds or refuses with `storage_unavailable`. */
export interface Catalogue extends Lists, BypassCodes {
  find(by: {
    readonly candidates: readonly UserCandidate[]
    readonly serial?: Serial
  }): Promise<Outcome<SubjectRecords>>
  settingsRevision(): Promise<Outcome<Revision>>
  phoneRecord(serial: Serial): Promise<Outcome<TokenRecord | undefined>>
  enrollment(serial: Serial): Promise<Outcome<Enrollment | undefined>>
  /** False when the serial exists already, or a limit is reached; of a token that is enrolled in a login, when its owner has any already. */
  addToken(token: NewToken, deed: AuditEntry): Promise<Outcome<boolean>>
  /** Back to `clientwait` with a new credential; the owner and PIN given replace those before. False when it is gone,
   *  of another type, or not what it was, or a limit is reached; of a token that is enrolled in a login, when it no longer waits in the login before. */
  renewToken(token: NewToken, deed: AuditEntry): Promise<Outcome<boolean>>
  /** The first of the limits that one more token of this owner would exceed, this one not counted. */
  exceeded(
    serial: Serial,
    owner: Owner,
    limits: readonly TokenLimit[],
    at: Instant,
  ): Promise<Outcome<TokenLimit | undefined>>
  /** False when the token is not in `clientwait` with this credential (any more). */
  registerPhone(registration: Registration): Promise<Outcome<boolean>>
  /** False when the timestamp is not newer than that of the last refresh, or the key it was signed with another phone's by now. */
  refreshRegistration(serial: Serial, refreshed: RegistrationRefresh): Promise<Outcome<boolean>>
  /** Nothing changes where the phone has named another registration token, or this one again, since. */
  quarantine(serial: Serial, quarantine: Quarantine): Promise<Outcome<void>>
  /** False when there was nothing to change, or the token is revoked or gone; of a note, also when it has too many. */
  changeToken(serial: Serial, change: TokenChange, deed: AuditEntry): Promise<Outcome<boolean>>
  /** What tokens that a phone holds name. */
  firebasesInUse(): Promise<Outcome<readonly string[]>>
  /** Each answers within ten seconds. */
  phones(filter: PhoneFilter): Promise<Outcome<PhoneReport>>
  copyCounters(
    serial: Serial,
    counters: { attempts: number; failures: number; successes: number; lastUse?: Instant } & Partial<App>,
  ): Promise<Outcome<void>>
  /** Refuses `storage_unavailable` also where the filter finds so little that looking takes too long. */
  auditLines(query: AuditQuery): Promise<Outcome<readonly AuditLine[]>>
  /** How many lines there are; counted so far and no further. */
  countAudit(query: Pick<AuditQuery, 'filter' | 'except'>, most: number): Promise<Outcome<number>>
  /** The record of a login that has ended; of the newest million, undefined where it is not among them. */
  loginRecord(transaction: TransactionId): Promise<Outcome<AuditRecord | undefined>>
  storeAudit(shard: string, records: readonly { sequence: number; record: AuditRecord }[]): Promise<Outcome<void>>

  savePolicy(policy: Policy, deed: AuditEntry): Promise<Outcome<number>>
  /** All of them, or none. */
  savePolicies(policies: readonly Policy[], deed: AuditEntry): Promise<Outcome<void>>
  /** Its number; undefined when there is no such policy, or one of the new name. */
  renamePolicy(name: string, to: string, deed: AuditEntry): Promise<Outcome<number | undefined>>
  /** The number it had; undefined when there was none. */
  deletePolicy(name: string, deed: AuditEntry): Promise<Outcome<number | undefined>>
  savePerson(person: UserRecord, deed: AuditEntry): Promise<Outcome<void>>
  /** False when there is no such user. */
  changePerson(
    owner: Owner,
    names: Partial<Pick<UserRecord, 'givenName' | 'surname' | 'email'>>,
    deed: AuditEntry,
  ): Promise<Outcome<boolean>>
  deletePerson(owner: Owner, deed: AuditEntry): Promise<Outcome<boolean>>
  setDefaultRealm(realm: string, deed: AuditEntry): Promise<Outcome<void>>
  addRealm(realm: string, deed: AuditEntry): Promise<Outcome<void>>
  /** False when there is no such realm, it is the default, or somebody or a token is in it. */
  deleteRealm(realm: string, deed: AuditEntry): Promise<Outcome<boolean>>
  saveSettings(
    entries: Readonly<Record<string, string>>,
    deed: AuditEntry,
  ): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>>
  deleteSetting(key: string, deed: AuditEntry): Promise<Outcome<boolean>>
  addServiceKey(key: ServiceKey, deed: AuditEntry): Promise<Outcome<boolean>>
  /** The key lets nobody in any more, and what it opened has to be withdrawn: its hash, also of one that was revoked before;
   *  undefined when there is none. Its name is taken until it is forgotten. */
  revokeServiceKey(name: string, deed: AuditEntry): Promise<Outcome<string | undefined>>
  /** Only a revoked one. */
  forgetServiceKey(hash: string): Promise<Outcome<void>>
  /** False when somebody has this login, in whatever case. */
  addAdministrator(administrator: NewAdministrator, deed: AuditEntry): Promise<Outcome<boolean>>
  /** API tokens issued before it are void. False when there is no such administrator. */
  changeAdministrator(login: string, change: AdministratorChange, deed: AuditEntry): Promise<Outcome<boolean>>
}

export interface ServiceKey {
  readonly name: string
  readonly hash: string
  readonly role: Role
  readonly createdAt: Instant
}

/** An administrator of the deployment. */
export interface Administrator {
  readonly login: string
  readonly role: AdministratorRole
  /** An API token names the generation it was issued in: the first of these; any other than these is void. It changes
   *  with the password, and with every administrator of the same login. */
  readonly generations: readonly [string, ...string[]]
  readonly disabled: boolean
  /** Sealed; absent where the configuration holds it. */
  readonly password?: string
  readonly createdAt?: Instant
}

export interface NewAdministrator {
  readonly login: string
  readonly role: AdministratorRole
  /** Sealed. */
  readonly password: string
  readonly createdAt: Instant
}

export type AdministratorChange =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'disabled'; readonly disabled: boolean }
  | { readonly kind: 'deleted' }
