import type { Ports } from '../ports/ports.ts'
import type { Serial } from '../vocabulary.ts'
import type { MasterKeyId } from '../vocabulary/master-keys.ts'
import type { PhoneStore } from './phone-store.ts'

/** Seals a phone's PIN anew with this master key, in its store and in the catalogue. */
export async function resealPin(
  store: PhoneStore,
  serial: Serial,
  pins: Ports['pins'],
  key: MasterKeyId,
): Promise<void> {
  const pin = store.stored?.record.pin
  const resealed = pin === undefined ? undefined : await pins.reseal(serial, pin, key)
  if (resealed?.ok !== true || resealed.value === 'current') return
  if (resealed.value === 'changed') await store.reload()
  const { stored } = store
  if (stored === undefined) return
  if (resealed.value === 'changed') store.save(stored)
  // A PIN that was set meanwhile stays.
  else if (stored.record.pin === pin)
    store.save({ ...stored, record: { ...stored.record, pin: resealed.value.sealed } })
}
