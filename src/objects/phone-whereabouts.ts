import type { Ports } from '../ports/ports.ts'
import type { Region } from '../vocabulary.ts'
import type { PhoneObjectName } from '../vocabulary/phones.ts'
import type { PhoneStore } from './phone-store.ts'

/** Makes known which object a phone has, so that no caller is sent on by more than one of the others. */
export class PhoneWhereabouts {
  readonly #name: PhoneObjectName
  readonly #ports: Pick<Ports, 'phones' | 'tokens'>
  readonly #store: PhoneStore

  constructor(name: PhoneObjectName, ports: Pick<Ports, 'phones' | 'tokens'>, store: PhoneStore) {
    this.#name = name
    this.#ports = ports
    this.#store = store
  }

  /** Tells the objects before this one, which the phone has left, where it is. */
  async tellEarlier(): Promise<void> {
    for (let { stored } = this.#store; stored?.untold !== undefined; { stored } = this.#store) {
      const { movedTo: to, untold, ...rest } = stored
      const [number, ...others] = untold
      if (number === undefined || to === undefined) return
      const told = await this.#ports.phones.at({ ...this.#name, number }).redirect({ to })
      if (!told.ok) return
      // A later object may have told this one meanwhile.
      const movedTo = Math.max(to, this.#store.stored?.movedTo ?? to)
      this.#store.freeze({ ...rest, movedTo, ...(others.length > 0 ? { untold: others } : {}) })
    }
  }

  /** Whether the catalogue names an earlier object than this one, which serves. */
  isCatalogueBehind(): boolean {
    const { stored, isFrozen } = this.#store
    return !isFrozen && stored !== undefined && (stored.record.objectNumber ?? 0) < this.#name.number
  }

  /** Makes the catalogue name this object. `home`: the region in which it was made. */
  async tellCatalogue(home: Region | undefined): Promise<void> {
    if (home === undefined || !this.isCatalogueBehind()) return
    const { serial, number } = this.#name
    const told = await this.#ports.tokens.storeObjectNumber(serial, number, home)
    const { stored } = this.#store
    if (told.ok && stored !== undefined)
      this.#store.save({ ...stored, record: { ...stored.record, objectNumber: number, home } })
  }
}
