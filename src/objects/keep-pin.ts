import type { Ports } from '../ports/ports.ts'
import type { Serial } from '../vocabulary.ts'
import type { PhoneStore } from './phone-store.ts'

/** Stores the PIN of an imported token, once its server has found it right, in the phone's store and in the catalogue. It is
 *  the same PIN as before, so logins that are open stay. If it cannot be written, the next login asks that server again. */
export async function keepPin(
  store: PhoneStore,
  serial: Serial,
  { pins, tokens }: Pick<Ports, 'pins' | 'tokens'>,
  pin: string,
): Promise<void> {
  const pending = store.stored?.record.pin
  if (pending === undefined) return
  const sealed = await pins.seal(serial, pin)
  const kept = await tokens.keepPin(serial, pending, sealed)
  if (!kept.ok) return
  if (!kept.value) await store.reload()
  const { stored } = store
  if (stored === undefined) return
  const { pinState: _, ...record } = stored.record
  // A PIN that was set meanwhile stays.
  if (kept.value && record.pin === pending) store.save({ ...stored, record: { ...record, pin: sealed } })
  else if (!kept.value) store.save(stored)
}
