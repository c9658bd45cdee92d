import type { ErasureProgress, JournalObject, ReportedChange, RequestOf } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'
import { Changes } from './journal/changes.ts'
import { Erasures } from './journal/erasures.ts'
import { EventOutbox } from './journal/event-outbox.ts'
import { ErrorCounts } from './journal/error-counts.ts'
import { History } from './journal/history.ts'
import { forgetLostPhones } from './journal/lost-phones.ts'
import { MetricReader } from './journal/metrics.ts'
import { counterName, type Counters } from '../vocabulary/metrics.ts'
import { ROUNDS } from './journal/round-list.ts'
import { type Round, Rounds } from './journal/rounds.ts'
import { Shards } from './journal/shards.ts'
import { UserErasure } from './journal/user-erasure.ts'

/** Remembers, outside of D1, what changed in D1; notices when D1 is put back to an earlier state; sends security events
 *  to webhooks; tells shards of changed settings; and does the deployment's housekeeping once an hour. */
export class JournalKeeper implements JournalObject {
  readonly #changes: Changes
  readonly #history: History
  readonly #erasures: Erasures
  readonly #userErasure: UserErasure
  readonly #events: EventOutbox
  readonly #rounds: Rounds
  readonly #shards: Shards
  readonly #metrics: MetricReader
  readonly #errors: ErrorCounts
  readonly #now: () => Instant

  constructor(ctx: DurableObjectState, ports: Ports) {
    const { storage } = ctx
    this.#changes = new Changes(storage.sql)
    this.#history = new History(storage, ports, this.#changes)
    this.#erasures = new Erasures(storage, ports.random)
    const noticeRestore: Round = {
      name: 'notice a restore',
      step: async () => {
        await this.#history.check()
        return 'done'
      },
    }
    this.#events = new EventOutbox(storage, ports, (work) => ctx.waitUntil(work))
    this.#userErasure = new UserErasure(storage, ports, [this.#changes, this.#events], this.#erasures)
    const { eraseAgain, goOn } = this.#userErasure.rounds()
    this.#shards = new Shards(storage, ports)
    this.#metrics = new MetricReader(storage, ports, (work) => ctx.waitUntil(work))
    this.#errors = new ErrorCounts(storage)
    this.#now = ports.now
    const lostPhones = forgetLostPhones(this.#changes, () => this.#history.restores())
    this.#rounds = new Rounds(storage, ports, [noticeRestore, eraseAgain, goOn, ...ROUNDS, lostPhones])
  }

  async record(change: ReportedChange): ReturnType<JournalObject['record']> {
    const { changesSettings = false, epoch, revision } = change
    await this.#history.noticeFork(change)
    this.#changes.add(change)
    await this.#rounds.arm()
    return done({ behind: changesSettings ? await this.#shards.tell({ epoch, revision }) : this.#shards.behind() })
  }

  async addShard({ shard }: RequestOf<'addShard'>): Promise<Outcome<void>> {
    this.#shards.add(shard)
    return done(undefined)
  }

  async shards(): Promise<Outcome<readonly string[]>> {
    return done(this.#shards.names())
  }

  async shardsBehind(): Promise<Outcome<readonly string[]>> {
    return done(this.#shards.behind())
  }

  async check({ known }: RequestOf<'check'>): Promise<Outcome<CatalogueVersion>> {
    return this.#history.check(known)
  }

  async restores({ after }: RequestOf<'restores'>): ReturnType<JournalObject['restores']> {
    const restores = this.#history.restores()
    const open = restores.filter(({ acknowledged }) => acknowledged === undefined)
    return done({ restores, ...this.#changes.lostSince(open, after) })
  }

  async acknowledge({ epoch, by }: RequestOf<'acknowledge'>): Promise<Outcome<void>> {
    this.#history.acknowledge(epoch, by)
    return done(undefined)
  }

  async recordErasure({ owner, at }: RequestOf<'recordErasure'>): Promise<Outcome<void>> {
    await this.#erasures.add(owner, at)
    return done(undefined)
  }

  async eraseUser({ owner, by }: RequestOf<'eraseUser'>): Promise<Outcome<ErasureProgress>> {
    await this.#rounds.arm()
    return this.#userErasure.erase(owner, by)
  }

  async changesOf({ owner }: RequestOf<'changesOf'>): Promise<Outcome<readonly ReportedChange[]>> {
    return done(this.#changes.of(owner))
  }

  async findErased({ owners }: RequestOf<'findErased'>): ReturnType<JournalObject['findErased']> {
    return done(await this.#erasures.find(owners))
  }

  async reportEvent(event: SecurityEvent): Promise<Outcome<void>> {
    await this.#rounds.arm()
    return this.#events.add(event)
  }

  async eventOutbox(): ReturnType<JournalObject['eventOutbox']> {
    return done(this.#events.state())
  }

  async forgetWebhook({ webhook }: RequestOf<'forgetWebhook'>): Promise<Outcome<void>> {
    this.#events.forgetWebhook(webhook)
    return done(undefined)
  }

  async eventsOf({ owner }: RequestOf<'eventsOf'>): Promise<Outcome<readonly SecurityEvent[]>> {
    return done(this.#events.of(owner))
  }

  async metrics(): ReturnType<JournalObject['metrics']> {
    const read = await this.#metrics.read()
    if (!read.ok) return read
    const { linksWaiting } = read.value
    const errors = Object.entries(this.#errors.totals()).map(([event, count]) => [counterName('error', event), count])
    const counters: Counters = { ...read.value.counters, ...Object.fromEntries(errors) }
    const { endedAt, failed } = this.#rounds.state()
    const gauges = {
      linksWaiting,
      shards: this.#shards.names().length,
      shardsBehind: this.#shards.behind().length,
      webhookEventsWaiting: this.#events.state().receivers.reduce((sum, { waiting }) => sum + waiting, 0),
      restoresOpen: this.#history.restores().filter(({ acknowledged }) => acknowledged === undefined).length,
      ...present({ roundsEndedAt: endedAt, roundFailedAt: failed?.at }),
    }
    return done({ counters, gauges })
  }

  async countErrors({ counts }: RequestOf<'countErrors'>): Promise<Outcome<void>> {
    this.#errors.add(counts, this.#now())
    return done(undefined)
  }

  async errorCounts(): ReturnType<JournalObject['errorCounts']> {
    return done(this.#errors.read(this.#now()))
  }

  async roundState(): ReturnType<JournalObject['roundState']> {
    return done(this.#rounds.state())
  }

  async keepRound(request?: RequestOf<'keepRound'>): Promise<Outcome<void>> {
    if (request?.shard !== undefined) this.#shards.add(request.shard)
    await this.#rounds.arm()
    return done(undefined)
  }

  async alarm(): Promise<void> {
    const takers = [this.#events.alarm.take(), this.#shards.alarm.take()]
    // The rounds run first and set the alarm. The outbox and the shards may then set it earlier.
    if (takers.includes(true)) await this.#rounds.runIfDue()
    else await this.#rounds.run()
    await this.#events.send()
    await this.#shards.retry()
  }
}
