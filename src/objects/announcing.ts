import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { phonesToTell, tellsOtherPhones } from '../rules/token/notice-policy.ts'
import { addSeconds, type Instant, seconds, type Serial } from '../vocabulary.ts'
import type { PhoneStore } from './phone-store.ts'
import type { Announcement } from './stored-phone.ts'

/** An announcement that failed is tried again after a tenth of its age, within these bounds, for a day. */
const SHORTEST_WAIT = seconds(1)
const LONGEST_WAIT = seconds(600)
const GIVE_UP = seconds(86_400)

/** Tells the owner's other phones that this one logs the owner in from now on. */
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

  /** Announces what is to be announced, if anything is. What fails stays for the alarm. Never throws. */
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

  /** Reports it, and answers whether every phone keeps the notice, or is gone. */
  async #announce({ binding, at }: Announcement): Promise<boolean> {
    const { subjects, deployment, phones, journal, log } = this.#ports
    const record = this.#store.stored?.record
    const owner = record?.owner
    // Disabled, revoked or taken from its owner again: it logs nobody in.
    if (owner === undefined || record?.active !== true) return true
    const found = await subjects.find({ candidates: [owner] })
    if (!found.ok) return false
    const snapshot = await deployment.atRevision(found.value.settings.revision)
    if (!snapshot.ok) return false
    const serial = this.#serial
    const others = phonesToTell(found.value.tokens, serial)
    // The first phone of a user is nothing new to anybody.
    if (binding === 'enrolled' && others.length === 0) return true
    const id = `new_phone:${serial}:${record.boundRevision ?? at}`
    const reported = await journal.reportEvent({ type: 'new_phone', id, at, owner, serial, change: binding })
    if (!tellsOtherPhones(snapshot.value.policySet, record, this.#ports.now())) return reported.ok
    const subject = { kind: 'phone_bound', serial, binding, ...present({ revision: record.boundRevision }) } as const
    const told = await Promise.all(
      others.map(async (other) => {
        const kept = await phones.of(other.serial).giveNotice({ notice: { id, at, subject } })
        if (kept.ok && kept.value) return true
        const error = kept.ok ? 'full' : kept.refusal.reason
        log('notice_not_kept', { serial: other.serial, notice: subject.kind, error })
        // One that is full has room when its user has answered: the phone that comes after twenty others must not go unnoticed.
        return !kept.ok && kept.refusal.reason === 'token_unknown'
      }),
    )
    return reported.ok && told.every(Boolean)
  }
}
