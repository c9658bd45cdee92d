import type { Ports } from '../ports/ports.ts'
import { addSeconds, instant, seconds } from '../vocabulary.ts'
import { type CatalogueVersion, isEarlier, laterOf } from '../vocabulary/catalogue.ts'

const KEY = 'settings'
/** How often a shard asks D1's primary by itself, in case the journal could not reach it. */
const ASK_AGAIN = seconds(300)

interface Stored {
  readonly version: CatalogueVersion
  /** The journal tells this shard of changes, and the shard has read the earlier ones from D1. */
  readonly isIntroduced: boolean
}

/** Keeps the version of the newest settings that a shard knows. The journal tells every shard of each change of policies, settings, realms,
 *  keys and administrators before the administrator has the answer. So afterwards no login opens by older settings. */
export class SettingsVersion {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'journal' | 'settings' | 'now' | 'log'>
  readonly #shard: string
  #stored: Stored | undefined
  /** When this object last asked the primary. */
  #askedAt = instant(0)
  #introducing: Promise<boolean> | undefined

  constructor(
    storage: DurableObjectStorage,
    ports: Pick<Ports, 'journal' | 'settings' | 'now' | 'log'>,
    shard: string,
  ) {
    this.#storage = storage
    this.#ports = ports
    this.#shard = shard
    this.#stored = storage.kv.get<Stored>(KEY)
  }

  learn(version: CatalogueVersion): void {
    if (this.#stored === undefined) this.#save({ version, isIntroduced: false })
    else if (isEarlier(this.#stored.version, version)) this.#save({ ...this.#stored, version })
  }

  /** Makes the shard able to recognize old settings; answers whether it is. At its first login the shard asks the journal to tell it of
   *  changes from now on, then reads the present version from D1's primary. */
  async isIntroduced(): Promise<boolean> {
    if (this.#stored?.isIntroduced === true) return true
    this.#introducing ??= this.#introduce().finally(() => {
      this.#introducing = undefined
    })
    return this.#introducing
  }

  async #introduce(): Promise<boolean> {
    const added = await this.#ports.journal.addShard({ shard: this.#shard })
    return added.ok && this.#ask()
  }

  /** Returns the version that this shard knows, if it is later than the one a login was authorized by. */
  laterThan(version: CatalogueVersion): CatalogueVersion | undefined {
    const known = this.#stored?.version
    return known !== undefined && isEarlier(version, known) ? known : undefined
  }

  /** Asks the primary, unless it was asked within the last five minutes. */
  async askAgain(): Promise<void> {
    if (this.#stored?.isIntroduced !== true || this.#ports.now() < addSeconds(this.#askedAt, ASK_AGAIN)) return
    await this.#ask()
  }

  async #ask(): Promise<boolean> {
    // Set before the answer, so that the logins that open meanwhile do not ask as well.
    this.#askedAt = this.#ports.now()
    const found = await this.#ports.settings.version()
    if (!found.ok) return false
    const before = this.#stored
    if (before?.isIntroduced === true && !isEarlier(before.version, found.value)) return true
    const version = before === undefined ? found.value : laterOf(before.version, found.value)
    this.#save({ version, isIntroduced: true })
    return true
  }

  #save(stored: Stored): void {
    this.#stored = stored
    this.#storage.kv.put(KEY, stored)
  }
}
