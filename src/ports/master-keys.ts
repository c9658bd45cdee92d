/** The master keys: whether the configured ones fit the database, and their rotation. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { ConfiguredKeyIds, MasterKeyId } from '../vocabulary/master-keys.ts'
import type { AuditEntry } from './audit.ts'

export interface MasterKeyCheck {
  readonly configured: ConfiguredKeyIds
  /** Returns what is wrong with the configured keys; undefined if nothing is, or if D1 does not answer. Reads D1 in the
   *  isolate's first request, and every two seconds while something is wrong. `background` keeps the request's isolate running. */
  fault(background: (work: Promise<unknown>) => void): Promise<string | undefined>
  /** Reads D1 now and returns what is wrong with the configured keys. Refuses: `storage_unavailable`. */
  read(): Promise<Outcome<string | undefined>>
  /** Returns the current key while two are configured, as this isolate knows it. Values that are used are resealed with it. */
  resealsWith(): MasterKeyId | undefined
}

/** A part of the sealed values that was gone through. */
export interface ResealedPart {
  /** How many were sealed anew. Values that somebody changed meanwhile are not among them. */
  readonly resealed: number
  /** Where the next part begins; absent after the last one. */
  readonly next?: string
}

/** The values that are not sealed with the current key. */
export interface SealedRest {
  /** How many of them a configured key opens. */
  readonly openable: number
  /** The identities of those that open with no configured key. */
  readonly unreadable: readonly string[]
  /** Whether a table has more such values than were tried. */
  readonly isTooMany: boolean
}

export interface MasterKeyTable {
  /** Counts the values of each table that are not sealed with this key. */
  remaining(key: MasterKeyId): Promise<Outcome<Readonly<Record<string, number>>>>
  /** Seals a part of the values anew with this key, each only if nobody has changed it meanwhile. `after`: `next` of the part before. */
  resealPart(key: MasterKeyId, after?: string): Promise<Outcome<ResealedPart>>
  /** Looks at up to a thousand values of each table that are not sealed with this key. */
  rest(key: MasterKeyId): Promise<Outcome<SealedRest>>
  /** Makes a key current that is readable everywhere: seen at `seenBy` or before, and still in use or new, and not compromised.
   *  False if it may not be, or if `from` is no longer current. */
  makeCurrent(
    change: { readonly from: MasterKeyId; readonly to: MasterKeyId; readonly seenBy: Instant },
    entry: AuditEntry,
  ): Promise<Outcome<boolean>>
  /** Stores that nothing is sealed with any key but the current one. False if that was stored already. */
  markUnused(current: MasterKeyId, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Stores that somebody else knows every other key. False if that was stored already. */
  markCompromised(except: MasterKeyId, entry: AuditEntry): Promise<Outcome<boolean>>
}
