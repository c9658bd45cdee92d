import { sha256, utf8 } from '../../bytes.ts'
import type { OutboxState } from '../../ports/journal-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Webhook } from '../../ports/webhooks.ts'
import { done, type Outcome } from '../../refusal.ts'
import { hears, isExpired, waitAfter } from '../../rules/deployment/webhooks.ts'
import { addSeconds, instant, type Owner, seconds } from '../../vocabulary.ts'
import type { SecurityEvent } from '../../vocabulary/security-events.ts'
import { EarlyAlarm } from './early-alarm.ts'
import { type DueEvent, EventRows } from './event-rows.ts'
import { EventReceivers } from './event-receivers.ts'

/** How soon D1 is asked again when it did not answer. */
const RETRY = seconds(10)
/** How many events are sent to one webhook, and for how long, before the webhook is read again. */
const IN_A_ROW = 20
const MAX_TIME = seconds(25)
/** How soon the alarm goes off again after sending has begun: the object may restart meanwhile. */
const LEASE = seconds(60)

const LOST = 'events:lost'

type World = Pick<Ports, 'now' | 'log' | 'webhooks' | 'pushEvent'>

/** Keeps each security event until every webhook that hears of it has received it, or it is given up. A webhook receives its events one
 *  after the other. Webhooks do not wait for each other, so a slow receiver delays its own events only. */
export class EventOutbox {
  readonly #storage: DurableObjectStorage
  readonly #ports: World
  readonly #background: (work: Promise<unknown>) => void
  readonly #rows: EventRows
  readonly #receivers: EventReceivers
  readonly alarm: EarlyAlarm
  /** The webhooks that events are being sent to now. */
  readonly #running = new Set<string>()
  #distributing: Promise<void> | undefined
  /** Until when D1 is not asked again. */
  #pausedUntil = instant(0)

  constructor(storage: DurableObjectStorage, ports: World, background: (work: Promise<unknown>) => void) {
    this.#storage = storage
    this.#ports = ports
    this.#background = background
    this.#rows = new EventRows(storage.sql)
    this.#receivers = new EventReceivers(storage.sql)
    this.alarm = new EarlyAlarm(storage, 'events:alarm')
  }

  /** Stores the event under the hash of its id, and sends it in the background. The id may contain a serial, and is remembered for
   *  longer than an erased user may be. */
  async add(reported: SecurityEvent): Promise<Outcome<void>> {
    const event = { ...reported, id: (await sha256(utf8(`nod/event/1 ${reported.id}`))).slice(0, 32) }
    const now = this.#ports.now()
    if (!this.#rows.add(event, now)) {
      const { kv } = this.#storage
      kv.put<Lost>(LOST, { count: (kv.get<Lost>(LOST)?.count ?? 0) + 1, at: now })
      this.#ports.log('security_event_lost', { type: event.type, id: event.id, why: 'the outbox is full' })
    }
    await this.alarm.wake(addSeconds(now, LEASE))
    this.#background(this.send())
    return done(undefined)
  }

  /** Starts to send what is due, and sets the alarm for the rest. Never throws. */
  async send(): Promise<void> {
    try {
      await (this.#distributing ??= this.#distribute().finally(() => {
        this.#distributing = undefined
      }))
      for (const webhook of this.#rows.dueWebhooks(this.#ports.now()))
        if (!this.#running.has(webhook)) this.#background(this.#sendTo(webhook))
    } catch (error) {
      this.#ports.log('webhooks_failed', { error: String(error) })
    }
    await this.#schedule()
  }

  /** Decides which webhooks hear of the events that are new. */
  async #distribute(): Promise<void> {
    for (let events = this.#rows.fresh(); events.length > 0; events = this.#rows.fresh()) {
      const webhooks = await this.#ports.webhooks.list()
      if (!webhooks.ok) return this.#pause()
      for (const event of events) {
        const hearing = webhooks.value.filter((webhook) => hears(webhook, event))
        const now = this.#ports.now()
        const full = this.#rows.distribute(
          event,
          hearing.map(({ id }) => id),
          now,
        )
        for (const webhook of full) {
          this.#receivers.count(webhook, 'dropped', now)
          this.#ports.log('webhook_event_dropped', {
            webhook: nameOf(hearing, webhook),
            type: event.type,
            id: event.id,
          })
        }
      }
    }
  }

  async #sendTo(id: string): Promise<void> {
    this.#running.add(id)
    try {
      const webhooks = await this.#ports.webhooks.list()
      if (!webhooks.ok) return this.#pause()
      const webhook = webhooks.value.find((one) => one.id === id)
      if (webhook === undefined) return this.forgetWebhook(id)
      const end = addSeconds(this.#ports.now(), MAX_TIME)
      for (let sent = 0; sent < IN_A_ROW && this.#ports.now() < end; sent++) {
        const due = this.#rows.next(id, this.#ports.now())
        if (due === undefined || !(await this.#sendOne(webhook, due))) return
      }
    } catch (error) {
      this.#ports.log('webhooks_failed', { error: String(error) })
    } finally {
      this.#running.delete(id)
      await this.#schedule()
    }
  }

  /** Sends one event. False if nothing more is to be sent to this webhook now. */
  async #sendOne(webhook: Webhook, { event, keptAt, attempts }: DueEvent): Promise<boolean> {
    const about = { webhook: webhook.name, type: event.type, id: event.id }
    if (isExpired(keptAt, this.#ports.now())) {
      this.#rows.end(webhook.id, event.id)
      this.#receivers.count(webhook.id, 'given_up', this.#ports.now())
      this.#ports.log('webhook_event_given_up', { ...about, attempts })
      return true
    }
    const pushed = await this.#ports.pushEvent(webhook, event, keptAt)
    const now = this.#ports.now()
    if (!pushed.ok) {
      this.#pause()
      return false
    }
    const result = pushed.value
    if (result.kind === 'accepted') {
      if (this.#rows.end(webhook.id, event.id)) this.#receivers.accepted(webhook.id, now)
      return true
    }
    this.#ports.log('webhook_event_failed', { ...about, why: result.why, attempts: attempts + 1 })
    // A receiver that finds fault with one token may take the next one; any other failure is its own.
    const isOfEvent = result.status === 400
    const due = addSeconds(now, waitAfter(attempts + 1, result.retryAfter))
    if (!this.#rows.postpone(webhook.id, event.id, due)) return true
    const wait = waitAfter(this.#receivers.failures(webhook.id) + 1, result.retryAfter)
    this.#receivers.failed(webhook.id, result.why, now, isOfEvent ? now : addSeconds(now, wait))
    return isOfEvent
  }

  /** How each webhook's receiver does, and how many events found no room at all. */
  state(): OutboxState {
    const lost = this.#storage.kv.get<Lost>(LOST)
    const waiting = this.#rows.waiting()
    const known = this.#receivers.all().map((one) => ({ ...one, waiting: waiting.get(one.webhook) ?? 0 }))
    const untried = [...waiting].filter(([webhook]) => known.every((one) => one.webhook !== webhook))
    const others = untried.map(([webhook, count]) => ({ webhook, waiting: count, failures: 0, givenUp: 0, dropped: 0 }))
    return { receivers: [...known, ...others], ...(lost === undefined ? {} : { lost }) }
  }

  forgetWebhook(webhook: string): void {
    this.#rows.forgetWebhook(webhook)
    this.#receivers.forget(webhook)
  }

  of(owner: Owner): readonly SecurityEvent[] {
    return this.#rows.of(owner)
  }

  forgetUser(owner: Owner, serials: readonly string[]): void {
    this.#rows.forgetUser(owner, serials)
  }

  #pause(): void {
    this.#pausedUntil = addSeconds(this.#ports.now(), RETRY)
  }

  /** Sets the alarm for what is due next, unless it goes off earlier. */
  async #schedule(): Promise<void> {
    const now = this.#ports.now()
    const dues = [...this.#rows.nextDues()].filter(([webhook]) => !this.#running.has(webhook)).map(([, due]) => due)
    const next = this.#rows.hasFresh() ? [...dues, now] : dues
    const latest = Math.max(now + 1000, this.#pausedUntil)
    if (next.length > 0) await this.alarm.wake(instant(Math.max(latest, Math.min(...next))))
    else if (this.#running.size > 0) await this.alarm.wake(addSeconds(now, LEASE))
  }
}

/** Events that there was no room for. */
type Lost = NonNullable<OutboxState['lost']>

const nameOf = (webhooks: readonly Webhook[], id: string): string => webhooks.find((one) => one.id === id)?.name ?? ''
