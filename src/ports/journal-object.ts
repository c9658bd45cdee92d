/** What the Durable Object `journal` is asked. There is one in the deployment. It remembers outside of D1 what D1 forgets when it
 *  is put back to an earlier state, and does the deployment's housekeeping. */
import type { Epoch, Instant, Owner, Revision } from '../vocabulary.ts'
import type { CatalogueChange, CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { ErrorCount, RoundState } from '../vocabulary/doctor.ts'
import type { Metrics } from '../vocabulary/metrics.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'
import { type ObjectOf, verb } from './object-verbs.ts'

/** The revision a change gave the catalogue, and the one before it. */
export interface ChangeVersion extends CatalogueVersion {
  readonly previous: Revision
}

/** A change of the catalogue, and the version that it gave it. */
export interface ReportedChange extends ChangeVersion, CatalogueChange {
  /** Whether it gave the settings, policies, realms, keys or administrators this version. */
  readonly changesSettings?: boolean
}

/** D1 was put back to an earlier state, and Nod has noticed it. */
export interface Restore {
  /** The epoch that began with it. */
  readonly epoch: Epoch
  readonly noticedAt: Instant
  /** The state that D1 was put back to. */
  readonly found: CatalogueVersion
  /** The latest state that was known before. */
  readonly known: CatalogueVersion
  /** Which administrator has acknowledged it, and when. */
  readonly acknowledged?: { readonly at: Instant; readonly by: string }
}

/** A page of the changes that restores may have lost: all since the earliest state that D1 was put back to, in order. Ask the
 *  catalogue which of them it has. */
export interface RestorePage {
  /** Every restore that was noticed, the latest first. */
  readonly restores: readonly Restore[]
  readonly changes: readonly ReportedChange[]
  /** Ask for the changes after this revision; absent when these were the last. */
  readonly next?: Revision
}

/** A user whose data was erased, and when. */
export interface ErasedUser {
  readonly owner: Owner
  readonly at: Instant
}

/** How far an erasure is. */
export interface ErasureProgress {
  /** Whether nothing of the user is left that was there when it began, apart from what could not be reached (`missed`). */
  readonly isDone: boolean
  /** The stage that is under way. */
  readonly stage: string
  /** Shards that could not be reached, or still have something of the user: the second pass erases it. */
  readonly missed: number
  readonly counts: { readonly tokens: number; readonly records: number; readonly parts: number }
}

/** The state of a webhook's receiver. */
export interface ReceiverState {
  /** The webhook's id. */
  readonly webhook: string
  /** How many events wait for it. */
  readonly waiting: number
  /** Failures in a row. */
  readonly failures: number
  readonly deliveredAt?: Instant
  readonly failedAt?: Instant
  /** Why it failed last. */
  readonly why?: string
  /** Events that were given up because they did not arrive in time, and when the last one was. */
  readonly givenUp: number
  readonly givenUpAt?: Instant
  /** Events that were dropped because too many of their type waited, and when the last one was. */
  readonly dropped: number
  readonly droppedAt?: Instant
}

export interface OutboxState {
  readonly receivers: readonly ReceiverState[]
  /** Events that the outbox had no room for, and when the last one came. */
  readonly lost?: { readonly count: number; readonly at: Instant }
}

export const JOURNAL_VERBS = {
  /** Keeps the change for 30 days. If it changed settings, tells every shard that opens logins. Answers the shards that it could not reach
   *  (`behind`), and goes on telling them. */
  record: verb<ReportedChange, { readonly behind: readonly string[] } | undefined>('repeat'), // by its revision
  /** Tells this shard of every change of settings from now on. */
  addShard: verb<{ readonly shard: string }, void>('repeat'),
  /** Answers every shard that has opened a login. */
  shards: verb<void, readonly string[]>('repeat'),
  /** Answers the shards that do not know the newest settings. */
  shardsBehind: verb<void, readonly string[]>('repeat'),
  /** Finds out whether D1 was put back to an earlier state than the journal or the caller (`known`) has seen; a new epoch then begins.
   *  Answers the version of the catalogue as it is now. Refuses: `storage_unavailable`. */
  check: verb<{ readonly known?: CatalogueVersion }, CatalogueVersion>('repeat'),
  /** Answers the restores that were noticed, and the changes that those nobody has acknowledged may have undone. */
  restores: verb<{ readonly after?: Revision }, RestorePage>('repeat'),
  /** Keeps that somebody has dealt with the restores up to this epoch. */
  acknowledge: verb<{ readonly epoch: Epoch; readonly by: string }, void>('repeat'),
  /** Keeps, as a hash, that this user's data was erased. */
  recordErasure: verb<ErasedUser, void>('repeat'),
  /** Erases the user, or goes on where an earlier call stopped: some steps at a time. The journal's rounds go on with it too, and erase
   *  once more after half an hour what was on its way meanwhile. */
  eraseUser: verb<{ readonly owner: Owner; readonly by: string }, ErasureProgress>('repeat'),
  /** Answers the changes that name this user, the latest first, at most a thousand. */
  changesOf: verb<{ readonly owner: Owner }, readonly ReportedChange[]>('repeat'),
  /** Answers those of these users whose data was erased. */
  findErased: verb<{ readonly owners: readonly Owner[] }, readonly ErasedUser[]>('repeat'),
  /** Keeps the event until every webhook that hears of it has it, or it is given up. */
  reportEvent: verb<SecurityEvent, void>('repeat'), // by its id
  /** Answers the state of the receivers of webhooks. */
  eventOutbox: verb<void, OutboxState>('repeat'),
  /** Deletes the events that wait for this deleted webhook, and the state of its receiver. */
  forgetWebhook: verb<{ readonly webhook: string }, void>('repeat'),
  /** Answers the events that name this user and still wait, the oldest first, at most a thousand. */
  eventsOf: verb<{ readonly owner: Owner }, readonly SecurityEvent[]>('repeat'),
  /** Answers the metrics. No counter is lower than it was told before, even if D1 was put back. Refuses: `storage_unavailable`. */
  metrics: verb<void, Metrics>('repeat'),
  /** Adds errors that an isolate has met to those of the deployment. */
  countErrors: verb<{ readonly counts: readonly ErrorCount[] }, void>('refuse'), // a repeat would count them twice
  /** Answers the errors that all isolates have reported within the last day, the latest first. */
  errorCounts: verb<void, readonly ErrorCount[]>('repeat'),
  /** Answers how the hourly rounds of housekeeping stand. */
  roundState: verb<void, RoundState>('repeat'),
  /** Makes sure that the hourly round of housekeeping goes on, and that this shard is told of changes. */
  keepRound: verb<{ readonly shard?: string } | void, void>('repeat'),
} as const

export type JournalObject = ObjectOf<typeof JOURNAL_VERBS>

/** The request of one of these verbs. */
export type RequestOf<Name extends keyof JournalObject> = Parameters<JournalObject[Name]>[0]
