/** The shards that open logins: each is told when settings change. */
import type { Ports } from '../../ports/ports.ts'
import { addSeconds, REGIONS, type Region, seconds, type Shard } from '../../vocabulary.ts'
import { type CatalogueVersion, isEarlier, laterOf } from '../../vocabulary/catalogue.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { EarlyAlarm } from './early-alarm.ts'

/** How long the administrator waits for the slowest shard at most. */
const LIMIT = seconds(1)
/** How soon a shard that could not be told is tried again. */
const RETRY = seconds(10)
const NEWEST = 'settings:version'

export class Shards {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'transactions' | 'now' | 'log'>
  readonly alarm: EarlyAlarm

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'transactions' | 'now' | 'log'>) {
    this.#storage = storage
    this.#ports = ports
    this.alarm = new EarlyAlarm(storage, 'settings:alarm')
    storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY, told_epoch INTEGER NOT NULL, told_revision INTEGER NOT NULL) WITHOUT ROWID',
    )
  }

  /** Adds a shard, which is told of every change from now on. It reads the earlier ones from the catalogue. */
  add(name: string): void {
    const { epoch, revision } = this.#newest ?? { epoch: 0, revision: 0 }
    this.#storage.sql.exec('INSERT OR IGNORE INTO shards VALUES (?, ?, ?)', name, epoch, revision)
  }

  get #newest(): CatalogueVersion | undefined {
    return this.#storage.kv.get<CatalogueVersion>(NEWEST)
  }

  /** Tells every shard of the version that a change gave the settings. Answers the shards that do not know of it yet. */
  async tell(version: CatalogueVersion): Promise<readonly string[]> {
    const newest = this.#newest
    this.#storage.kv.put(NEWEST, newest === undefined ? version : laterOf(newest, version))
    return this.retry()
  }

  /** Tells the shards that are behind; answers those that still are. */
  async retry(): Promise<readonly string[]> {
    const newest = this.#newest
    if (newest === undefined) return []
    const told = await Promise.all(this.behind().map(async (name) => ((await this.#tellOne(name, newest)) ? name : [])))
    for (const name of told.flat())
      this.#storage.sql.exec(
        'UPDATE shards SET told_epoch = ?, told_revision = ? WHERE name = ?',
        newest.epoch,
        newest.revision,
        name,
      )
    const behind = this.behind()
    if (behind.length > 0) await this.alarm.wake(addSeconds(this.#ports.now(), RETRY))
    return behind
  }

  /** Every shard that has opened a login. */
  names(): readonly string[] {
    return this.#storage.sql
      .exec<{ name: string }>('SELECT name FROM shards')
      .toArray()
      .map(({ name }) => name)
  }

  /** The shards that do not know the newest settings. */
  behind(): readonly string[] {
    const newest = this.#newest
    if (newest === undefined) return []
    return this.#storage.sql
      .exec<Row>('SELECT * FROM shards')
      .toArray()
      .filter((row) => isEarlier({ epoch: row.told_epoch, revision: row.told_revision }, newest))
      .map(({ name }) => name)
  }

  async #tellOne(name: string, version: CatalogueVersion): Promise<boolean> {
    const shard = shardNamed(name)
    if (shard === undefined) return true
    const told = await withTimeLimit(this.#ports.transactions.inShard(shard).learnSettings({ version }), LIMIT)
    const isTold = told !== 'late' && told.ok
    if (!isTold) this.#ports.log('shard_not_told', { shard: name, revision: version.revision })
    return isTold
  }
}

type Row = {
  readonly name: string
  readonly told_epoch: CatalogueVersion['epoch']
  readonly told_revision: CatalogueVersion['revision']
}

function shardNamed(name: string): Shard | undefined {
  const [region, number] = name.split('/')
  return REGIONS.includes(region as Region) ? { region: region as Region, number: Number(number) } : undefined
}
