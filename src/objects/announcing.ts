import type { Ports } from '../ports/ports.ts'
import { tellsOtherPhones } from '../rules/token/notice-policy.ts'
import { addSeconds, type Instant, seconds, type Serial } from '../vocabulary.ts'
import type { Notice } from '../vocabulary/notices.ts'
import type { Token } from '../vocabulary/tokens.ts'
import type { PhoneStore } from './phone-store.ts'
import type { Announcement } from './stored-phone.ts'

/** So many phones are told; more are logged. */
const MAX_TOLD = 50
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

  /** Answers whether every phone keeps the notice, or cannot. */
  async #announce({ binding, at }: Announcement): Promise<boolean> {
    const { subjects, deployment, phones, log } = this.#ports
    const record = this.#store.stored?.record
    const owner = record?.owner
    // Disabled, revoked or taken from its owner again: it logs nobody in.
    if (owner === undefined || record?.active !== true) return true
    const found = await subjects.find({ candidates: [owner] })
    if (!found.ok) return false
    const snapshot = await deployment.atRevision(found.value.settingsRevision)
    if (!snapshot.ok) return false
    const others = found.value.tokens.filter((token) => token.serial !== this.#serial && canBeTold(token))
    if (!tellsOtherPhones(snapshot.value.policySet, record, this.#ports.now())) return true
    const revision = record.boundRevision
    const subject = { kind: 'phone_bound', serial: this.#serial, binding, ...(revision && { revision }) } as const
    const notice: Notice = { id: `${this.#serial} ${revision ?? at}`, at, subject }
    const told = await Promise.all(
      others.slice(0, MAX_TOLD).map(async ({ serial }) => {
        const kept = await phones.of(serial).giveNotice({ notice })
        if (kept.ok && kept.value) return true
        log('notice_not_kept', { serial, notice: subject.kind, error: kept.ok ? 'full' : kept.refusal.reason })
        return kept.ok || kept.refusal.reason === 'token_unknown'
      }),
    )
    if (others.length > MAX_TOLD)
      log('notice_not_kept', { serial: this.#serial, notice: subject.kind, error: `${others.length} phones` })
    return told.every(Boolean)
  }
}

/** A phone that is disabled is told once it is enabled again. */
const canBeTold = ({ state, revoked, phoneKey }: Token): boolean =>
  state === 'enrolled' && !revoked && phoneKey !== undefined
