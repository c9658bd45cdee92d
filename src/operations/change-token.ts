import { present } from '../present.ts'
import type { TokenChange } from '../ports/catalogue.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Serial, Source } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import { authorize, nameOf } from './identify.ts'

/**
 * A change of a token's row, seen by logins in progress at once: the Phone is told first, so that nothing finishes
 * meanwhile, then the catalogue, then the Phone reads it and withdraws what no longer holds. Whoever dies in between,
 * the Phone's alarm does the rest.
 */
export async function changing<T>(
  ports: Pick<Ports, 'phones'>,
  serial: Serial,
  change: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const phone = ports.phones.of(serial)
  const mark = await phone.changing()
  const changed = await change()
  await phone.changed(mark)
  return changed
}

/** One administrator's change of one token; how many tokens it changed.
 *  Refuses: who may not; `token_unknown`; `token_revoked` for all but deletion; `storage_unavailable`. */
export async function changeToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  { serial, change, action }: { readonly serial: Serial; readonly change: TokenChange; readonly action: string },
): Promise<Outcome<number>> {
  const authorized = await authorize(ports, credential, ['helpdesk'])
  if (!authorized.ok) return authorized
  const found = await ports.catalogue.phoneRecord(serial)
  if (!found.ok) return found
  if (found.value === undefined) return refuse({ reason: 'token_unknown' })
  const { revoked, active, owner } = found.value
  if (revoked && change.kind !== 'deleted') return refuse({ reason: 'token_revoked' })
  if (change.kind === 'active' && change.active === active) return done(0)
  const deed = {
    at: ports.now(),
    action,
    administrator: nameOf(authorized.value.caller),
    serial,
    ...present({ owner }),
    address: source.address,
    userAgent: source.userAgent,
  }
  const changed = await changing(ports, serial, () => ports.catalogue.changeToken(serial, change, deed))
  return changed.ok ? done(Number(changed.value)) : changed
}

/** The failed attempts of a token begin anew; by whose will. Refuses: who may not; `token_unknown`; `storage_unavailable`. */
export async function resetToken(ports: Ports, credential: Credential, serial: Serial): Promise<Outcome<string>> {
  const authorized = await authorize(ports, credential, ['helpdesk'])
  if (!authorized.ok) return authorized
  const reset = await ports.phones.of(serial).reset()
  return reset.ok ? done(nameOf(authorized.value.caller)) : reset
}

/** A token's PIN is this one from now on; an empty one takes it away, none at all leaves it. How many PINs were set.
 *  Refuses: as `changeToken`. */
export async function setPin(
  ports: Ports,
  credential: Credential,
  source: Source,
  serial: Serial,
  pin: string | undefined,
): Promise<Outcome<number>> {
  if (pin === undefined) {
    const authorized = await authorize(ports, credential, ['helpdesk'])
    return authorized.ok ? done(0) : authorized
  }
  const sealed = pin === '' ? {} : { pin: await ports.pins.seal(serial, pin) }
  return changeToken(ports, credential, source, {
    serial,
    change: { kind: 'pin', ...sealed },
    action: 'POST /token/setpin/<serial>',
  })
}
