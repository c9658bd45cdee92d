/** What a phone's object stores, and what becomes of it when the catalogue is read. */
import { present } from '../present.ts'
import type { TokenRecord } from '../ports/tokens.ts'
import { newPhoneState, type PhoneState, resetForOwner } from '../rules/token/phone-state.ts'
import { isSameOwner } from '../rules/token/token.ts'
import { type Epoch, instant, type Instant, type Seconds } from '../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier } from '../vocabulary/catalogue.ts'
import type { Quarantine } from '../vocabulary/phones.ts'

/** What a phone's object stores, as one value: a ring and a finalized login cost one written row each. */
export interface StoredPhone {
  readonly record: TokenRecord
  readonly memory: PhoneState
  /** Whether policy allowed polling when this phone last rang. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** How long a lock lasted then; absent: until somebody resets the attempts. */
  readonly forgivenAfter?: Seconds | undefined
  /** Set while the token is being changed in the catalogue: the mark of the last change. */
  readonly changing?: Instant
  /** Not yet stored in the catalogue. */
  readonly quarantine?: Quarantine
  /** The failed attempts in the catalogue's copy, and when it was made. */
  readonly copied: { readonly attempts: number; readonly at: Instant }
}

/** Returns what is stored once the catalogue has been read: its record, unless it is older, and what was learned of the phone. */
export function withRecord(before: StoredPhone | undefined, record: TokenRecord, now: Instant): StoredPhone {
  if (before === undefined)
    return {
      record,
      memory: newPhoneState(record.attempts, record.successes, now, record.failures),
      polling: 'allow',
      copied: { attempts: record.attempts, at: instant(0) },
    }
  if (isEarlier(versionOf(record), versionOf(before.record))) return before
  const { voidBeforeEpoch } = before.record
  const isPutBack = epochOf(record) > epochOf(before.record)
  const isChanged = record.revision !== before.record.revision
  // In a new epoch the catalogue is right even where its revision is lower. It gives back no guesses, and a login that was opened
  // for the token as it was before counts no more.
  if (isPutBack)
    return {
      ...before,
      record: { ...record, ...present({ voidBeforeEpoch: isChanged ? record.epoch : voidBeforeEpoch }) },
    }
  // One owner's failed attempts do not count against another.
  return {
    ...before,
    record: { ...record, ...present({ voidBeforeEpoch }) },
    memory: isSameOwner(before.record.owner, record.owner) ? before.memory : resetForOwner(before.memory, now),
  }
}

/** A version before the epochs stored none. */
const epochOf = ({ epoch = FIRST_EPOCH }: TokenRecord): Epoch => epoch

/** The version that a token has in the catalogue. */
export const versionOf = (record: TokenRecord): CatalogueVersion => ({
  epoch: epochOf(record),
  revision: record.revision,
})
