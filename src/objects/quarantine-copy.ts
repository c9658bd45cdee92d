/** A registration token that FCM cannot reach: kept by the phone's object until the catalogue has stored it. */
import type { Ports } from '../ports/ports.ts'
import type { Serial } from '../vocabulary.ts'
import type { Quarantine } from '../vocabulary/phones.ts'
import type { PhoneStore } from './phone-store.ts'

/** Stores the quarantine before the caller is answered: until the catalogue has it, it is stored nowhere else. */
export async function saveQuarantine(store: PhoneStore, quarantine: Quarantine): Promise<void> {
  if (store.stored === undefined) return
  store.save({ ...store.stored, quarantine })
  await store.scheduleCopy()
}

/** Copies the quarantine to the catalogue, and keeps it no longer. If that fails, the alarm tries again. */
export async function copyQuarantine(
  store: PhoneStore,
  serial: Serial,
  { tokens }: Pick<Ports, 'tokens'>,
): Promise<void> {
  const quarantine = store.stored?.quarantine
  if (quarantine === undefined) return
  const copied = await tokens.quarantine(serial, quarantine)
  const { stored } = store
  if (!copied.ok || stored === undefined || stored.quarantine !== quarantine) return
  const { quarantine: _, ...rest } = stored
  store.save(rest)
}
