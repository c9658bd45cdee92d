/** What is left where a phone has moved away. */
import type { TokenRecord } from '../ports/tokens.ts'
import type { Refusal } from '../refusal.ts'
import { newPhoneState } from '../rules/token/phone-state.ts'
import { epoch, instant, type Instant, seconds } from '../vocabulary.ts'
import type { StoredPhone } from './stored-phone.ts'

/** Sends the caller to the object that the phone has now. */
export const movedTo = (number: number): Refusal => ({
  reason: 'storage_unavailable',
  retryAfter: seconds(1),
  movedTo: number,
})

const BEFORE_ALL = epoch(0)
/** More failed attempts than any token may have, at a time that is never over. */
const LOCKED = { attempts: Number.MAX_SAFE_INTEGER, failedAt: instant(Number.MAX_SAFE_INTEGER) }

/** Returns what the object of a phone stores once the phone has moved. It has nothing of the user. A version that does not know of moves
 *  takes the token for revoked and locked, also when it reads the catalogue, whose epoch is later: it lets nobody in. */
export const redirectTo = (number: number, { serial, type, revision }: TokenRecord, now: Instant): StoredPhone => ({
  record: {
    serial,
    type,
    revision,
    epoch: BEFORE_ALL,
    description: '',
    state: 'clientwait',
    active: false,
    revoked: true,
    firebase: '',
    registrationUrl: '',
    attempts: LOCKED.attempts,
    maxAttempts: 0,
    successes: 0,
    failures: 0,
    createdAt: now,
    realms: [],
    info: {},
  },
  memory: { ...newPhoneState(0, 0, now), ...LOCKED },
  polling: 'deny',
  copied: { attempts: LOCKED.attempts, at: now },
  movedTo: number,
})
