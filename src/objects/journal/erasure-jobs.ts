/** Erasures that are under way. Only here, and only so long, the name of an erased user is kept. */
import type { ErasureProgress } from '../../ports/journal-object.ts'
import type { AuditKey } from '../../ports/audit.ts'
import type { Instant, Owner } from '../../vocabulary.ts'

/** The stages of an erasure, in order. `wait`: the first pass is done; a second one erases the records that have arrived since. */
export type ErasureStage = 'tokens' | 'user' | 'objects' | 'shards' | 'audit' | 'archive' | 'wait'

export interface ErasureJob {
  readonly owner: Owner
  readonly startedAt: Instant
  /** Who asked for it. */
  readonly by: string
  readonly stage: ErasureStage
  /** 1, or 2 for the second pass. */
  readonly pass: number
  /** The tokens that are or were only theirs. */
  readonly serials: readonly string[]
  /** The next shard. */
  readonly shard: number
  /** How many shards, and parts of the archive, could not be dealt with in this pass. */
  readonly missed: number
  /** The last record that was looked at. */
  readonly record?: AuditKey | undefined
  /** The last object of the archive that was read, and one that may have been written without its row in the manifest. */
  readonly key?: string | undefined
  readonly rewriting?: string | undefined
  readonly counts: ErasureProgress['counts']
}

const PREFIX = 'erasing:'

export class ErasureJobs {
  readonly #kv: SyncKvStorage

  constructor({ kv }: DurableObjectStorage) {
    this.#kv = kv
  }

  get(owner: Owner): ErasureJob | undefined {
    return this.#kv.get<ErasureJob>(keyOf(owner))
  }

  all(): readonly ErasureJob[] {
    return [...this.#kv.list<ErasureJob>({ prefix: PREFIX })].map(([, job]) => job)
  }

  save(job: ErasureJob): void {
    this.#kv.put(keyOf(job.owner), job)
  }

  delete(owner: Owner): void {
    this.#kv.delete(keyOf(owner))
  }
}

/** Begins the erasure of a user, or its second pass. */
export const newJob = (owner: Owner, startedAt: Instant, by: string): ErasureJob => ({
  owner,
  startedAt,
  by,
  stage: 'tokens',
  pass: 1,
  serials: [],
  shard: 0,
  missed: 0,
  counts: { tokens: 0, records: 0, parts: 0 },
})

const keyOf = ({ realm, login }: Owner): string => PREFIX + JSON.stringify([realm, login])
