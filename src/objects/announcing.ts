import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { phonesToTell, tellsOtherPhones } from '../rules/token/notice-policy.ts'
import { addSeconds, type Instant, seconds, type Serial } from '../vocabulary.ts'
import type { PhoneStore } from './phone-store.ts'
import type { Announcement } from './stored-phone.ts'

/** A failed announcement is tried again for a day. The wait is a tenth of the announcement's age, within these bounds. */
const SHORTEST_WAIT = seconds(1)
const LONGEST_WAIT = seconds(600)
const GIVE_UP = seconds(86_400)

/** Tells the owner's other phones of the binding of this one. */
export class Announcer {
  readonly #store: PhoneStore
  readonly #serial: Serial
  readonly #ports: Ports
  #running: Promise<void> | undefined

  constructor(store: PhoneStore, serial: Serial, ports: Ports) {
    this.#store = store
    this.#serial = serial
    this.#ports = ports
  }

  /** Sends the announcement, if there is one. If that fails, the alarm tries again. Never throws. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** When it is tried again; undefined if there is nothing to announce. */
  nextAt(): Instant | undefined {
    const announcement = this.#store.stored?.announcement
    if (announcement === undefined) return undefined
    const now = this.#ports.now()
    const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, (now - announcement.at) / 10_000))
    return addSeconds(now, seconds(wait))
  }

  async #run(): Promise<void> {
    const announcement = this.#store.stored?.announcement
    if (announcement === undefined) return
    try {
      const isOld = this.#ports.now() >= addSeconds(announcement.at, GIVE_UP)
      if (isOld) this.#ports.log('announcement_given_up', { serial: this.#serial, binding: announcement.binding })
      if (isOld || (await this.#announce(announcement))) this.#store.endAnnouncement(announcement)
    } catch (error) {
      this.#ports.log('announcement_failed', { serial: this.#serial, error: String(error) })
    }
  }

  /** Reports the security event and tells the phones. Answers whether the journal has the event, and every phone that exists the notice. */
  async #announce({ binding, at }: Announcement): Promise<boolean> {
    const { subjects, deployment, phones, journal, log } = this.#ports
    const record = this.#store.stored?.record
    const owner = record?.owner
    // The token was disabled, revoked or taken from its owner meanwhile: it logs nobody in.
    if (owner === undefined || record?.active !== true) return true
    const found = await subjects.find({ candidates: [owner] })
    if (!found.ok) return false
    const snapshot = await deployment.atRevision(found.value.settings.revision)
    if (!snapshot.ok) return false
    const serial = this.#serial
    const others = phonesToTell(found.value.tokens, serial)
    // The first phone of a user has no other phone to tell.
    if (binding === 'enrolled' && others.length === 0) return true
    const id = `new_phone:${serial}:${record.boundRevision ?? at}`
    const reported = await journal.reportEvent({ type: 'new_phone', id, at, owner, serial, change: binding })
    if (!tellsOtherPhones(snapshot.value.policySet, record, this.#ports.now())) return reported.ok
    const subject = { kind: 'phone_bound', serial, binding, ...present({ revision: record.boundRevision }) } as const
    const told = await Promise.all(
      others.map(async (other) => {
        const kept = await phones.of(other.serial, other.home).giveNotice({ notice: { id, at, subject } })
        if (kept.ok && kept.value) return true
        const error = kept.ok ? 'full' : kept.refusal.reason
        log('notice_not_kept', { serial: other.serial, notice: subject.kind, error })
        // A full phone has room again once its user has answered. It is told then, so that no new phone goes unnoticed.
        return !kept.ok && kept.refusal.reason === 'token_unknown'
      }),
    )
    return reported.ok && told.every(Boolean)
  }
}
