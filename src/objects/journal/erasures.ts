/** The users whose data was erased: as hashes, because their names must not be stored anywhere. */
import { encodeHex, sha256, utf8 } from '../../bytes.ts'
import type { ErasedUser } from '../../ports/journal-object.ts'
import type { Instant, Owner, Random } from '../../vocabulary.ts'

const SALT = 'erasures:salt'

export class Erasures {
  readonly #storage: DurableObjectStorage
  readonly #random: Random

  constructor(storage: DurableObjectStorage, random: Random) {
    this.#storage = storage
    this.#random = random
    storage.sql.exec('CREATE TABLE IF NOT EXISTS erasures (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID')
  }

  async add(owner: Owner, at: Instant): Promise<void> {
    const hash = await this.#hash(owner)
    this.#storage.sql.exec('INSERT OR REPLACE INTO erasures (hash, at) VALUES (?, ?)', hash, at)
  }

  /** Returns those of these users that were erased, and when. */
  async find(owners: readonly Owner[]): Promise<readonly ErasedUser[]> {
    const found: ErasedUser[] = []
    for (const owner of owners) {
      const hash = await this.#hash(owner)
      const [row] = this.#storage.sql.exec<{ at: Instant }>('SELECT at FROM erasures WHERE hash = ?', hash).toArray()
      if (row !== undefined) found.push({ owner, at: row.at })
    }
    return found
  }

  /** The salt never leaves this object: without it nobody can try names. */
  async #hash({ realm, login }: Owner): Promise<string> {
    return sha256(utf8(JSON.stringify([this.#salt(), realm.toLowerCase(), login])))
  }

  #salt(): string {
    const { kv } = this.#storage
    const kept = kv.get<string>(SALT)
    if (kept !== undefined) return kept
    const salt = encodeHex(this.#random(32))
    kv.put(SALT, salt)
    return salt
  }
}
