import type { TokenRecord } from '../ports/tokens.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { PhoneState } from '../rules/token/phone-state.ts'
import { attemptsOf, countersOf, newPhoneState, resetAttempts } from '../rules/token/phone-state.ts'
import { checkUsable, isSameOwner } from '../rules/token/token.ts'
import type { Instant, Revision, Seconds, Serial } from '../vocabulary.ts'
import { addSeconds, instant, seconds } from '../vocabulary.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'

/** The catalogue's copy of attempts and lock follows within two seconds. */
const COPY_DELAY = seconds(1.5)
/** When the alarm takes up a change whose end nobody reports: later than the catalogue may still be writing it. */
export const CHANGE_TIME = seconds(2.5)
/** Success counts and last use follow at most so often. */
const SUCCESS_COPY_INTERVAL = seconds(600)

const NOTHING_NOTED = { realms: [], info: {} }

/** What a Phone keeps, in one stored value: a ring and a finish cost one written row each. */
export interface StoredPhone {
  readonly record: TokenRecord
  readonly memory: PhoneState
  /** What policy said of polling when this phone was last rung. */
  readonly polling: 'allow' | 'deny' | 'token'
  /** And what the deployment said then of how long a lock lasts. */
  readonly forgivenAfter?: Seconds | undefined
  /** Set while the token is being changed in the catalogue: the last such change's mark. */
  readonly changing?: Instant
  /** Learned of, and not yet in the catalogue. */
  readonly quarantine?: Quarantine
  readonly copied: { readonly attempts: number; readonly at: Instant }
}

/** One phone's memory, and the catalogue's record of its token beside it. */
export class PhoneStore {
  readonly #ports: Pick<Ports, 'tokens' | 'now'>
  readonly #storage: DurableObjectStorage
  readonly #serial: Serial
  readonly #refilled: (before: StoredPhone, after: StoredPhone | undefined) => void
  #kept: StoredPhone | undefined
  #filling: Promise<Outcome<StoredPhone | undefined>> | undefined

  /** `refilled` hears of every new record that takes an older one's place. */
  constructor(
    storage: DurableObjectStorage,
    serial: Serial,
    ports: Pick<Ports, 'tokens' | 'now'>,
    refilled: (before: StoredPhone, after: StoredPhone | undefined) => void,
  ) {
    this.#ports = ports
    this.#storage = storage
    this.#serial = serial
    this.#refilled = refilled
    const kept = storage.kv.get<StoredPhone>('phone')
    // What was kept before tokens had notes and realms has none.
    this.#kept = kept && { ...kept, record: { ...NOTHING_NOTED, ...kept.record } }
  }

  get stored(): StoredPhone | undefined {
    return this.#kept
  }

  /** What is kept of a token that may take part in a login now. Refuses: `no_suitable_token`, `outside_validity`. */
  usable(): Outcome<StoredPhone> {
    const kept = this.#kept
    const fit = kept && checkUsable(kept.record, this.#ports.now())
    if (fit?.ok === false && fit.refusal.reason === 'outside_validity') return fit
    return kept === undefined || fit?.ok !== true ? refuse({ reason: 'no_suitable_token' }) : done(kept)
  }

  save(kept: StoredPhone): void {
    this.#kept = kept
    this.#storage.kv.put('phone', kept)
  }

  saveState(memory: PhoneState): void {
    if (this.#kept !== undefined) this.save({ ...this.#kept, memory })
  }

  /** With at least this revision, the catalogue willing. */
  async atRevision(revision: Revision): Promise<Outcome<StoredPhone | undefined>> {
    if (this.#kept !== undefined && this.#kept.record.revision >= revision) return done(this.#kept)
    return this.reload()
  }

  async load(): Promise<Outcome<StoredPhone | undefined>> {
    return this.#kept === undefined ? this.#fill() : done(this.#kept)
  }

  /** Read anew: a read that was already under way may be older than what the caller knows of. */
  async reload(): Promise<Outcome<StoredPhone | undefined>> {
    await this.#filling
    return this.#fill()
  }

  #fill(): Promise<Outcome<StoredPhone | undefined>> {
    this.#filling ??= this.#read().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  /** A serial the catalogue does not know leaves nothing behind here. */
  async #read(): Promise<Outcome<StoredPhone | undefined>> {
    const found = await this.#ports.tokens.record(this.#serial)
    if (!found.ok) return found
    const before = this.#kept
    const record = found.value
    this.#kept = record === undefined ? undefined : withRecord(before, record, this.#ports.now())
    if (before !== undefined && before.record.revision !== record?.revision) this.#refilled(before, this.#kept)
    return done(this.#kept)
  }

  /** From now on `changing` holds this mark; an alarm takes the change up if nobody else does. */
  async beginChange(): Promise<Instant> {
    const filled = await this.load()
    const mark = instant(Math.max(this.#ports.now(), (this.#kept?.changing ?? 0) + 1))
    if (filled.ok && filled.value !== undefined) this.save({ ...filled.value, changing: mark })
    await this.#storage.setAlarm(addSeconds(mark, CHANGE_TIME))
    return mark
  }

  /** What the catalogue says now is known, and the mark gone unless a later change has set its own. */
  async endChange(mark: Instant): Promise<void> {
    const filled = await this.reload()
    if (!filled.ok) return
    if (filled.value === undefined) return this.#storage.deleteAll()
    const { changing, ...rest } = filled.value
    this.save(changing !== undefined && changing > mark ? filled.value : rest)
  }

  get isCopyDue(): boolean {
    return this.#kept !== undefined && this.#kept.copied.attempts !== attemptsOf(this.#kept.memory)
  }

  /** What a finished login leaves; true when it is reason to bring the catalogue's copy up to date now. That it is made
   *  stands in the same row: an object that comes back would otherwise make it anew at every login. */
  saveSuccess(memory: PhoneState, app: App | undefined): boolean {
    if (this.#kept === undefined) return false
    const { copied, memory: before, record } = this.#kept
    const now = this.#ports.now()
    const isNews = app !== undefined && (app.app !== record.app || app.system !== record.system)
    const due = isNews || attemptsOf(before) > 0 || now >= addSeconds(copied.at, SUCCESS_COPY_INTERVAL)
    this.save({
      ...this.#kept,
      record: { ...record, ...app },
      memory,
      copied: due ? { attempts: attemptsOf(memory), at: now } : copied,
    })
    return due
  }

  /** `app`: which the last login was answered with; an older one might take a newer one's place. */
  async copyCounters(app?: App): Promise<Outcome<void>> {
    const kept = this.#kept
    if (kept === undefined) return done(undefined)
    const counters = { ...countersOf(kept.memory), ...app }
    const { attempts } = counters
    const stored = await this.#ports.tokens.copyCounters(this.#serial, counters)
    if (this.#kept !== undefined) {
      const copied = stored.ok ? { attempts, at: this.#ports.now() } : { ...this.#kept.copied, at: instant(0) }
      this.#kept = { ...this.#kept, copied }
    }
    return stored
  }

  /** Written before the caller hears of it: until the catalogue has it, it is nowhere else. */
  async saveQuarantine(quarantine: Quarantine): Promise<void> {
    if (this.#kept === undefined) return
    this.save({ ...this.#kept, quarantine })
    await this.scheduleCopy()
  }

  async copyQuarantine(): Promise<void> {
    const quarantine = this.#kept?.quarantine
    if (quarantine === undefined) return
    const stored = await this.#ports.tokens.quarantine(this.#serial, quarantine)
    if (!stored.ok || this.#kept === undefined || this.#kept.quarantine !== quarantine) return
    const { quarantine: _, ...rest } = this.#kept
    this.save(rest)
  }

  async scheduleCopy(): Promise<void> {
    const at = addSeconds(this.#ports.now(), COPY_DELAY)
    const armed = await this.#storage.getAlarm()
    if (armed === null || armed > at) await this.#storage.setAlarm(at)
  }
}

function withRecord(before: StoredPhone | undefined, record: TokenRecord, now: Instant): StoredPhone {
  if (before === undefined)
    return {
      record,
      memory: newPhoneState(record.attempts, record.successes, now, record.failures),
      polling: 'allow',
      copied: { attempts: record.attempts, at: instant(0) },
    }
  if (record.revision < before.record.revision) return before
  // What one owner mistyped is not held against another.
  return {
    ...before,
    record,
    memory: isSameOwner(before.record.owner, record.owner) ? before.memory : resetAttempts(before.memory),
  }
}
