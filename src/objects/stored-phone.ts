/** What a phone's object stores, and what becomes of it when the catalogue is read. */
import { present } from '../present.ts'
import type { TokenRecord } from '../ports/tokens.ts'
import { liftReports, withPinPutBack } from '../rules/token/fraud-reports.ts'
import { newPhoneState, type PhoneState, resetForOwner } from '../rules/token/phone-state.ts'
import { newBinding } from '../rules/token/binding.ts'
import { isSameOwner } from '../rules/token/token.ts'
import { type Epoch, instant, type Instant, type Language, type Region, type Seconds } from '../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier } from '../vocabulary/catalogue.ts'
import type { Binding } from '../vocabulary/notices.ts'
import type { Quarantine } from '../vocabulary/phones.ts'

/** What a phone's object stores, as one value: a ring and a finalized login cost one written row each. */
export interface StoredPhone {
  readonly record: TokenRecord
  readonly memory: PhoneState
  /** Whether policy allowed polling when this phone last rang. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** How long a lock lasted then; absent: until somebody resets the attempts. */
  readonly forgivenAfter?: Seconds | undefined
  /** The language of the last login; absent before the first. */
  readonly language?: Language
  /** Present until the owner's other phones know of the binding of this one. */
  readonly announcement?: Announcement
  /** Set while the token is being changed in the catalogue: the mark of the last change, which is all that the version before knows. */
  readonly changing?: Instant
  /** With `changing`: the marks of all changes of the token that have not ended yet, the earliest first. */
  readonly changes?: readonly Instant[]
  /** The marks of changes of the owner's tokens that have not ended yet, the earliest first; absent if there are none. */
  readonly ownerChanges?: readonly Instant[]
  /** Not yet stored in the catalogue. */
  readonly quarantine?: Quarantine
  /** Present while the phone moves to its next object. */
  readonly move?: Move
  /** The phone has moved to the object of this number for good, and everything else here is a redirect (`phone-redirect.ts`). */
  readonly movedTo?: number
  /** Earlier objects of the phone that are still to be told of `movedTo`. */
  readonly untold?: readonly number[]
  /** The failed attempts in the catalogue's copy, the region that most requests came from, and when it was made. */
  readonly copied: { readonly attempts: number; readonly seen?: Region; readonly at: Instant }
}

/** A move of a phone to its next object. */
export interface Move {
  /** Random: of a call that arrives twice the second one does nothing. */
  readonly id: string
  /** The number of the next object. */
  readonly to: number
  readonly region: Region
  readonly startedAt: Instant
  /** This object answers nothing any more: the next one may have taken over. */
  readonly isFrozen?: true
}

/** The binding to announce, and when it happened. */
export interface Announcement {
  readonly binding: Binding
  readonly at: Instant
}

/** Returns what to store once the catalogue has been read: its record, unless that is older, and what the phone's object knows itself. */
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
      memory: isChanged ? withPinPutBack(before.memory) : before.memory,
    }
  const binding = newBinding(before.record, record, now)
  return {
    ...before,
    record: { ...record, ...present({ voidBeforeEpoch }) },
    memory: memoryOf(before, record, now),
    ...(binding === undefined ? {} : { announcement: { binding, at: now } }),
  }
}

/** The marks of the changes of this token that have not ended yet, whichever version stored them. */
export const changesOf = ({ changing, changes }: StoredPhone): readonly Instant[] =>
  changing === undefined ? [] : (changes ?? [changing])

/** Returns the phone with these marks of changes of its token. */
export function withChanges(stored: StoredPhone, marks: readonly Instant[]): StoredPhone {
  const { changing: _, changes: _earlier, ...rest } = stored
  const changing = marks.at(-1)
  return changing === undefined ? rest : { ...rest, changing, changes: marks }
}

/** Another owner starts without failed attempts. Another phone starts without notices and fraud reports, and may be elsewhere. */
function memoryOf({ record: before, memory }: StoredPhone, after: TokenRecord, now: Instant): PhoneState {
  if (!isSameOwner(before.owner, after.owner)) return resetForOwner(memory, now)
  if (before.phoneKey === after.phoneKey) return memory
  const { notices, seen: _, ...others } = liftReports(memory)
  return notices === undefined ? others : { ...others, notices: [] }
}

/** A version before the epochs stored none. */
const epochOf = ({ epoch = FIRST_EPOCH }: TokenRecord): Epoch => epoch

/** The version that a token has in the catalogue. */
export const versionOf = (record: TokenRecord): CatalogueVersion => ({
  epoch: epochOf(record),
  revision: record.revision,
})
