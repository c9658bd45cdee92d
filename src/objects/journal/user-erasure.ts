import type { AuditKey } from '../../ports/audit.ts'
import type { ErasureProgress } from '../../ports/journal-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { addSeconds, type Instant, type Owner, seconds } from '../../vocabulary.ts'
import { type ErasureJob, ErasureJobs, newJob } from './erasure-jobs.ts'
import { stepErasure } from './erasure-steps.ts'
import type { Erasures } from './erasures.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

/** What the journal itself stores of users. */
interface UserStore {
  forgetUser(owner: Owner, serials: readonly string[]): void
}

/** How long one call works; its caller calls again. */
const MAX_TIME = seconds(10)
const REPEATED = 'erasures:repeated'
const BY_JOURNAL = 'erased again'

/** Erases users, and erases them again when a restore has brought them back. */
export class UserErasure {
  readonly #storage: DurableObjectStorage
  readonly #ports: Ports
  readonly #own: readonly UserStore[]
  readonly #erasures: Erasures
  readonly #jobs: ErasureJobs
  /** The job that is being worked on, so that a call and the round do not work on it at once. */
  readonly #running = new Set<string>()

  constructor(storage: DurableObjectStorage, ports: Ports, own: readonly UserStore[], erasures: Erasures) {
    this.#storage = storage
    this.#ports = ports
    this.#own = own
    this.#erasures = erasures
    this.#jobs = new ErasureJobs(storage)
  }

  /** Begins the erasure, or goes on with it. Refuses: `storage_unavailable` if a store does not answer. */
  async erase(owner: Owner, by: string): Promise<Outcome<ErasureProgress>> {
    const existing = this.#jobs.get(owner)
    // The first pass is done, and the caller erases again: of a user that was added anew, or what has come meanwhile.
    const isOver = existing?.stage === 'wait'
    const job = existing === undefined || isOver ? newJob(owner, this.#ports.now(), by) : existing
    if (job !== existing) await this.#begin(job)
    const end = addSeconds(this.#ports.now(), MAX_TIME)
    let current = job
    try {
      while (current.stage !== 'wait' && this.#ports.now() < end && !this.#isRunning(current)) {
        const next = await this.#step(current)
        if (next === undefined) break
        current = next
      }
    } catch (error) {
      this.#ports.log('erasure_interrupted', { stage: current.stage, error: String(error) })
      return refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })
    }
    return done(progressOf(current))
  }

  /** Stores the job, and remembers the erasure for a restore. */
  async #begin(job: ErasureJob): Promise<void> {
    this.#jobs.save(job)
    await this.#erasures.add(job.owner, this.#ports.now())
  }

  async #step(job: ErasureJob): Promise<ErasureJob | undefined> {
    const name = nameOf(job)
    this.#running.add(name)
    try {
      const next = await stepErasure(this.#ports, job)
      // Changes and events are reported while tokens are deleted.
      for (const store of this.#own) store.forgetUser(job.owner, (next ?? job).serials)
      if (next === undefined) this.#jobs.delete(job.owner)
      else if (next !== job) this.#jobs.save(next)
      return next
    } finally {
      this.#running.delete(name)
    }
  }

  #isRunning(job: ErasureJob): boolean {
    return this.#running.has(nameOf(job))
  }

  /** Returns the two rounds. `goOn` continues erasures without a caller and does their second pass. `eraseAgain` erases users
   *  whom a restore has brought back. */
  rounds(): { readonly eraseAgain: Round; readonly goOn: Round } {
    return {
      goOn: {
        name: 'erase users',
        step: async () => {
          let isMore = false
          for (const job of this.#jobs.all()) {
            const next = this.#isRunning(job) ? job : await this.#step(job)
            if (next !== undefined && next !== job && next.stage !== 'wait') isMore = true
          }
          return isMore ? 'more' : 'done'
        },
      },
      eraseAgain: {
        name: 'erase again after a restore',
        step: ({ cursor = {}, keep }) => this.#eraseAgain(cursor as AgainCursor, keep),
      },
    }
  }

  /** Looks at the users of the tables, then at those of the audit. */
  async #eraseAgain({ owner, record }: AgainCursor, keep: (cursor: AgainCursor) => void): Promise<'more' | 'done'> {
    const restore = this.#latestRestore()
    if (restore === undefined) return 'done'
    if (record === undefined) {
      const owners = valueOf(await this.#ports.userData.ownersAfter(owner))
      await this.#beginAgain(owners, restore.found)
      const last = owners.at(-1)
      keep(last === undefined ? { record: FIRST_RECORD } : { owner: last })
      return 'more'
    }
    const page = valueOf(await this.#ports.audit.rawRecords(record))
    const named = page.rows.map(({ login, realm }) => ({ login: String(login ?? ''), realm: String(realm ?? '') }))
    const owners = new Map(named.filter(({ login }) => login !== '').map((one) => [JSON.stringify(one), one]))
    await this.#beginAgain([...owners.values()], restore.found)
    if (page.last !== undefined) {
      keep({ record: page.last })
      return 'more'
    }
    this.#storage.kv.put(REPEATED, restore.epoch)
    return 'done'
  }

  /** Begins to erase those of these users who were erased after the state that D1 was put back to. */
  async #beginAgain(owners: readonly Owner[], found: Instant): Promise<void> {
    for (const { owner, at } of await this.#erasures.find(owners))
      if (at > found && this.#jobs.get(owner) === undefined)
        this.#jobs.save(newJob(owner, this.#ports.now(), BY_JOURNAL))
  }

  /** Returns the earliest state that a restore has put D1 back to, among the restores after which users were not erased again
   *  yet. A revision is a time. */
  #latestRestore(): { readonly epoch: number; readonly found: Instant } | undefined {
    const [row] = this.#storage.sql
      .exec<{ epoch: number | null; found: Instant | null }>(
        'SELECT max(epoch) AS epoch, min(found_revision) AS found FROM restores WHERE epoch > ?',
        this.#storage.kv.get<number>(REPEATED) ?? 0,
      )
      .toArray()
    return row?.epoch == null || row.found === null ? undefined : { epoch: row.epoch, found: row.found }
  }
}

/** Where the search for erased users goes on: behind a user of the tables, or a record of the audit. */
interface AgainCursor {
  readonly owner?: Owner
  readonly record?: AuditKey
}

const FIRST_RECORD: AuditKey = { at: -1, shard: '', sequence: 0 }

const nameOf = ({ owner }: ErasureJob): string => JSON.stringify(owner)

const progressOf = ({ stage, missed, counts }: ErasureJob): ErasureProgress => ({
  isDone: stage === 'wait',
  stage,
  missed,
  counts,
})
