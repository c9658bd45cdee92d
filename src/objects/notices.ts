import type { AuditEntry } from '../ports/audit.ts'
import type { BindingUndo, NoticeAnswer } from '../ports/phone-notices.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import {
  addNotice,
  answerNotice,
  changeNotice,
  dueNotices,
  endNotice,
  isNewKey,
  mayDeliver,
  nextNoticeAt,
  openPrompt,
  type PhoneNotice,
  postponeNotice,
  sessionOf,
  shownNotices,
  withPrompt,
} from '../rules/token/phone-notices.ts'
import { isVoid } from '../rules/token/token.ts'
import {
  type Instant,
  type Region,
  seconds,
  type Serial,
  type TransactionAddress,
  type TransactionId,
} from '../vocabulary.ts'
import { regionWithin } from '../vocabulary/jurisdictions.ts'
import { type Notice, type NoticeSubject, UNDONE } from '../vocabulary/notices.ts'
import { composeNotice } from './notice-prompt.ts'
import type { ChangeMarks } from './change-marks.ts'
import type { PhoneStore } from './phone-store.ts'
import { pendingPrompts } from './rings.ts'

/** Where prompts of notices are stored for a phone that no login has rung yet. */
const REGION: Region = 'weur'

/**
 * Tells one phone's user what has become of their phones and codes, and undoes a change when the user says that it was not them. A
 * notice is kept in the phone's own state until it is answered, for a day at most. Each of its prompts is a transaction of three minutes
 * in a shard, because the app shows a prompt for two minutes and never again. Source: decision 0049.
 */
export class Notices {
  readonly #store: PhoneStore
  readonly #marks: ChangeMarks
  readonly #serial: Serial
  readonly #ports: Ports
  readonly #background: (work: Promise<unknown>) => void
  /** Prompts that are being opened, by notice: a poll must not open a second one meanwhile. */
  readonly #opening = new Map<string, Promise<TransactionId | undefined>>()

  constructor(
    store: PhoneStore,
    marks: ChangeMarks,
    serial: Serial,
    ports: Ports,
    background: (work: Promise<unknown>) => void,
  ) {
    this.#store = store
    this.#marks = marks
    this.#serial = serial
    this.#ports = ports
    this.#background = background
  }

  /** Keeps the notice, and shows it in the background. */
  async give(notice: Notice): Promise<Outcome<boolean>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const { stored } = this.#store
    if (stored === undefined) return refuse({ reason: 'token_unknown' })
    const memory = addNotice(stored.memory, notice, this.#ports.now())
    if (memory === undefined) return done(false)
    this.#store.saveState(memory)
    await this.#store.scheduleCopy()
    this.#background(this.work())
    return done(true)
  }

  /** The prompts of the notices that the phone may answer, the oldest first. Opens a prompt for each that has none. None if the token is
   *  unusable; a lock does not hide them, because others can cause it. */
  async prompts(): Promise<readonly Readonly<Record<string, string>>[]> {
    const { stored } = this.#store
    const now = this.#ports.now()
    if (stored === undefined || !this.#store.usable().ok) return []
    const shown = shownNotices(stored.memory, now)
    if (shown.length === 0) return []
    const opened = await Promise.all(shown.map(async (notice) => openPrompt(notice, now) ?? this.#open(notice, false)))
    const ids = opened.filter((id) => id !== undefined)
    const { prompts } = await pendingPrompts(this.#ports, this.#serial, ids)
    return ids.map((id) => prompts.get(id)).filter((prompt) => prompt !== undefined)
  }

  /** The transactions that an answer without a nonce may be for. */
  openPrompts(): readonly TransactionId[] {
    const now = this.#ports.now()
    const shown = shownNotices(this.#store.stored?.memory ?? {}, now)
    return shown.flatMap((notice) => openPrompt(notice, now) ?? [])
  }

  async answer({ notice: id, declined, phoneKey, opened, origin }: NoticeAnswer): Promise<Outcome<boolean>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const usable = this.#store.usable()
    if (!usable.ok) return done(false)
    const { record, changing, memory } = usable.value
    // The change may be that this phone is reported lost.
    if (changing !== undefined) return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
    if (record.phoneKey !== phoneKey || isVoid(record, opened)) return done(false)
    if (memory.notices?.some((notice) => notice.id === id) !== true) return done(false)
    const answer = { declined, at: this.#ports.now(), ...(origin && { origin }) }
    this.#store.saveState(changeNotice(memory, id, (notice) => answerNotice(notice, answer)))
    await this.#store.scheduleCopy()
    this.#background(this.work())
    return done(true)
  }

  /** Undoes the binding of this phone. Its open logins are withdrawn, and from the beginning of the change it finalizes nothing. */
  async undoBinding({ owner, binding, revision, entry }: BindingUndo): Promise<Outcome<boolean>> {
    const mark = await this.#marks.begin()
    const result = isNewKey(binding) ? 'revoked' : 'disabled'
    const change = { kind: 'binding_undone', owner, result, ...(revision === undefined ? {} : { revision }) } as const
    const changed = await this.#ports.tokens.change(this.#serial, change, entry)
    // A change that took too long may still happen, so its mark stays until the alarm ends it.
    if (!changed.ok && changed.refusal.reason === 'storage_unavailable') await this.#marks.begin()
    else await this.#marks.end([mark])
    return changed
  }

  /** Opens prompts of notices that were not shown yet, and undoes declined changes. Never throws. */
  async work(): Promise<void> {
    const { stored } = this.#store
    if (stored === undefined) return
    const due = dueNotices(stored.memory, this.#ports.now(), this.#store.usable().ok)
    await Promise.all(due.map((notice) => this.#finish(notice)))
  }

  /** When there is next something to do; undefined if nothing is. */
  nextAt(): Instant | undefined {
    const { stored } = this.#store
    return stored && nextNoticeAt(stored.memory, this.#ports.now(), this.#store.usable().ok)
  }

  async #finish(notice: PhoneNotice): Promise<void> {
    try {
      const isDone = notice.declined === undefined ? await this.#show(notice) : await this.#undo(notice)
      if (isDone) return
    } catch (error) {
      this.#ports.log('notice_failed', { serial: this.#serial, notice: notice.subject.kind, error: String(error) })
    }
    this.#change(notice.id, (one) => postponeNotice(one, this.#ports.now()))
  }

  async #show(notice: PhoneNotice): Promise<boolean> {
    return (await this.#open(notice, mayDeliver(notice, this.#ports.now()))) !== undefined
  }

  #open(notice: PhoneNotice, delivers: boolean): Promise<TransactionId | undefined> {
    const running = this.#opening.get(notice.id)
    if (running !== undefined) return running
    const opening = this.#openPrompt(notice, delivers).finally(() => this.#opening.delete(notice.id))
    this.#opening.set(notice.id, opening)
    return opening
  }

  /** Opens the next prompt of the notice; undefined, which the log says, if that is not possible now. */
  async #openPrompt(notice: PhoneNotice, delivers: boolean): Promise<TransactionId | undefined> {
    const { transactions, log, now } = this.#ports
    const { record: token, language = 'en' } = this.#store.stored ?? {}
    if (token === undefined) return undefined
    const address = await this.#newAddress()
    const { id } = address
    const composed = await composeNotice(this.#ports, { id, notice, token, language, delivers }, now())
    const opened = composed.ok
      ? await transactions.of(address).open({ transaction: composed.value, release: [], deliveryWait: seconds(0) })
      : composed
    if (!opened.ok) {
      log('notice_failed', { serial: this.#serial, notice: notice.subject.kind, error: opened.refusal.reason })
      return undefined
    }
    this.#change(notice.id, (one) => withPrompt(one, id, delivers, now()))
    return id
  }

  /** In the region of the phone's last login. */
  async #newAddress(): Promise<TransactionAddress> {
    const { identifiers, limits, random } = this.#ports
    const last = this.#store.stored?.memory.rings.at(-1)
    const region =
      (last && (await identifiers.locate(last.transaction)))?.shard.region ?? regionWithin(REGION, limits.jurisdiction)
    const shard = { region, number: (random(1)[0] ?? 0) % limits.shards }
    return { id: await identifiers.draw(shard), shard }
  }

  /** Undoes the change that the notice is about. Answers whether nothing is left to do. */
  async #undo({ id, subject, declined }: PhoneNotice): Promise<boolean> {
    const { phones, bypassCodes, journal, now, voidSessions } = this.#ports
    const owner = this.#store.stored?.record.owner
    const entry = {
      at: now(),
      action: actionOf(subject),
      administrator: '',
      ...(owner && { owner }),
      info: `not me, says the user of ${this.#serial}: ${whatHappened(subject)}`,
      address: declined?.origin?.address ?? '',
      ...(declined?.origin && { userAgent: declined.origin.userAgent }),
    } satisfies AuditEntry
    let undone: Outcome<boolean> = done(false)
    if (subject.kind === 'phone_bound' && owner !== undefined)
      undone = await phones.of(subject.serial).undoBinding({
        owner,
        binding: subject.binding,
        ...(subject.revision === undefined ? {} : { revision: subject.revision }),
        entry: { ...entry, serial: subject.serial },
      })
    const session = sessionOf(subject)
    if (session !== undefined) {
      const voided = await voidSessions.add(session, entry)
      undone = voided.ok ? done(true) : voided
    }
    if (subject.kind === 'bypass_code_issued') undone = await bypassCodes.withdraw(subject.code, entry)
    if (!undone.ok) return false
    const change = undone.value ? 'undone' : 'not_undone'
    const serial = subject.kind === 'phone_bound' ? subject.serial : undefined
    const event = { type: 'new_phone', id: `declined:${this.#serial}:${id}`, at: now(), change } as const
    const reported = await journal.reportEvent({ ...event, ...present({ owner, serial }) })
    if (!reported.ok) return false
    this.#change(id, endNotice)
    return true
  }

  #change(id: string, change: (notice: PhoneNotice) => PhoneNotice): void {
    const { stored } = this.#store
    if (stored !== undefined) this.#store.saveState(changeNotice(stored.memory, id, change))
  }
}

const actionOf = (subject: NoticeSubject): string => {
  if (sessionOf(subject) !== undefined) return UNDONE.ended
  if (subject.kind !== 'phone_bound') return UNDONE.voided
  return isNewKey(subject.binding) ? UNDONE.revoked : UNDONE.disabled
}

const whatHappened = (subject: NoticeSubject): string =>
  subject.kind === 'phone_bound' ? `phone ${subject.binding.replace('_', '-')}` : subject.kind.replaceAll('_', ' ')
