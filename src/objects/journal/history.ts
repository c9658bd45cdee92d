import type { ReportedChange, Restore } from '../../ports/journal-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Epoch, type Instant, revision, type Revision, seconds } from '../../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier, laterOf, RESTORED } from '../../vocabulary/catalogue.ts'
import { Mutex } from '../mutex.ts'
import type { Changes } from './changes.ts'

const KNOWN = 'known'
const BEGINNING = 'beginning'
/** Another change may come in between reading the version and beginning the epoch. */
const TRIES = 5

/** Keeps the latest known version of the catalogue, and notices when D1 was put back to an earlier one. */
export class History {
  readonly #ports: Pick<Ports, 'catalogue' | 'now' | 'log'>
  readonly #storage: DurableObjectStorage
  readonly #changes: Changes
  readonly #mutex = new Mutex()
  /** A check that waits for its turn. */
  #next: Promise<Outcome<CatalogueVersion>> | undefined

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'catalogue' | 'now' | 'log'>, changes: Changes) {
    this.#ports = ports
    this.#storage = storage
    this.#changes = changes
    storage.sql.exec(`CREATE TABLE IF NOT EXISTS restores (
      epoch INTEGER PRIMARY KEY, noticed_at INTEGER NOT NULL, found_epoch INTEGER NOT NULL, found_revision INTEGER NOT NULL,
      known_epoch INTEGER NOT NULL, known_revision INTEGER NOT NULL, acknowledged_at INTEGER, acknowledged_by TEXT
    )`)
  }

  get #known(): CatalogueVersion {
    const known = this.#storage.kv.get<CatalogueVersion>(KNOWN) ?? { epoch: FIRST_EPOCH, revision: revision(0) }
    const newest = this.#changes.newest()
    return newest === undefined ? known : laterOf(known, newest)
  }

  #learn(version: CatalogueVersion): void {
    if (isEarlier(this.#known, version)) this.#storage.kv.put(KNOWN, version)
  }

  /** Reads the version from D1's primary. Where it is earlier than what was known before the read, D1 was put back: then begins a new
   *  epoch, and keeps the restore. Answers the version that D1 has now. One check at a time, so many callers begin one epoch; and
   *  those that wait share the next one, so many callers do not wait for each other. Refuses: `storage_unavailable`. */
  check(known?: CatalogueVersion): Promise<Outcome<CatalogueVersion>> {
    if (known !== undefined) this.#learn(known)
    return (this.#next ??= this.#mutex.run(async () => {
      this.#next = undefined
      const before = this.#known
      const found = await this.#ports.catalogue.version()
      if (!found.ok) return found
      this.#recognizeOwn(found.value)
      // A higher epoch that is not the journal's own: `npm run nod -- restore` has written it.
      if (isEarlier(found.value, before) || this.#isForeign(found.value)) return this.#beginEpoch(found.value, before)
      this.#learn(found.value)
      return found
    }))
  }

  /** Notices a restore by a change that came after it. If a revision is known between the change and the one that it followed,
   *  D1 has lost that revision. */
  async noticeFork(change: ReportedChange): Promise<void> {
    const isOdd = () => this.#isForeign(change) || this.#isInside(change) || this.#changes.isBetween(change)
    // The change that begins an epoch is reported before this object knows that it has begun.
    if (change.action === RESTORED || !isOdd()) return
    await this.#mutex.run(async () => {
      const found = await this.#ports.catalogue.version()
      if (found.ok) this.#recognizeOwn(found.value)
      if (!found.ok || found.value.epoch !== change.epoch || !isOdd()) return
      await this.#beginEpoch(found.value, this.#known, { epoch: change.epoch, revision: change.previous })
    })
  }

  /** Whether somebody else has begun this epoch. A journal that knows nothing, new or lost, believes every epoch. */
  #isForeign({ epoch }: CatalogueVersion): boolean {
    return this.#known.revision > 0 && epoch > this.#known.epoch
  }

  #isInside({ epoch, previous, revision: next }: ReportedChange): boolean {
    const known = this.#storage.kv.get<CatalogueVersion>(KNOWN)
    return known?.epoch === epoch && previous < known.revision && known.revision < next
  }

  /** D1 may have begun an epoch although its answer was late: it is the journal's own, and no restore. */
  #recognizeOwn(found: CatalogueVersion): void {
    const begun = this.#storage.kv.get<Beginning>(BEGINNING)
    if (begun?.epoch === found.epoch) this.#keep(found, begun)
  }

  /** `from`: the state to which D1 was put back, if it has gone on from there. */
  async #beginEpoch(
    found: CatalogueVersion,
    known: CatalogueVersion,
    from: CatalogueVersion = found,
  ): Promise<Outcome<CatalogueVersion>> {
    let latest = found
    for (let tries = 0; tries < TRIES; tries++) {
      const at = this.#ports.now()
      // Ahead of the clock, so that D1 takes no other and it can be written down before D1 is asked.
      const above = Math.max(known.revision, known.epoch, latest.revision, latest.epoch, at)
      const beginning = { epoch: (above + 1) as Epoch, from, known, at }
      this.#storage.kv.put<Beginning>(BEGINNING, beginning)
      const begun = await this.#ports.catalogue.beginEpoch({ found: latest, ...beginning })
      if (!begun.ok) return begun
      if (begun.value !== undefined) {
        this.#keep(begun.value, beginning)
        return done(begun.value)
      }
      const read = await this.#ports.catalogue.version()
      if (!read.ok) return read
      latest = read.value
    }
    return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  }

  #keep(begun: CatalogueVersion, { from, known, at }: Beginning): void {
    this.#storage.kv.delete(BEGINNING)
    this.#storage.sql.exec(
      `INSERT OR IGNORE INTO restores (epoch, noticed_at, found_epoch, found_revision, known_epoch, known_revision)
       VALUES (?, ?, ?, ?, ?, ?)`,
      begun.epoch,
      at,
      from.epoch,
      from.revision,
      known.epoch,
      known.revision,
    )
    this.#learn(begun)
    this.#ports.log('catalogue_restored', {
      epoch: begun.epoch,
      foundEpoch: from.epoch,
      foundRevision: from.revision,
      knownEpoch: known.epoch,
      knownRevision: known.revision,
    })
  }

  /** Every restore that was noticed, the latest first. */
  restores(): readonly Restore[] {
    const rows = this.#storage.sql.exec<RestoreRow>('SELECT * FROM restores ORDER BY epoch DESC LIMIT 100').toArray()
    return rows.map((row) => ({
      epoch: row.epoch,
      noticedAt: row.noticed_at,
      found: { epoch: row.found_epoch, revision: row.found_revision },
      known: { epoch: row.known_epoch, revision: row.known_revision },
      ...(row.acknowledged_at === null || row.acknowledged_by === null
        ? {}
        : { acknowledged: { at: row.acknowledged_at, by: row.acknowledged_by } }),
    }))
  }

  /** Stores that an administrator has acknowledged the restores up to this epoch. */
  acknowledge(epoch: Epoch, by: string): void {
    this.#storage.sql.exec(
      'UPDATE restores SET acknowledged_at = ?, acknowledged_by = ? WHERE epoch <= ? AND acknowledged_at IS NULL',
      this.#ports.now(),
      by,
      epoch,
    )
  }
}

/** An epoch that D1 was asked to begin. */
interface Beginning {
  readonly epoch: Epoch
  readonly from: CatalogueVersion
  readonly known: CatalogueVersion
  readonly at: Instant
}

type RestoreRow = {
  readonly epoch: Epoch
  readonly noticed_at: Instant
  readonly found_epoch: Epoch
  readonly found_revision: Revision
  readonly known_epoch: Epoch
  readonly known_revision: Revision
  readonly acknowledged_at: Instant | null
  readonly acknowledged_by: string | null
}
