import { present } from '../present.ts'
import type { Deed, PhoneRecord, TokenChange } from '../ports/catalogue.ts'
import type { Ports } from '../ports/ports.ts'
import { isSerial } from '../protocol/identifiers.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { sameOwner } from '../rules/token.ts'
import type { Owner, Serial } from '../vocabulary.ts'

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

/** What is to become of a token, as it stands. */
export type Changing = (token: PhoneRecord) => Outcome<TokenChange> | Promise<Outcome<TokenChange>>

/** The token of this name; only of this owner, if one is named.
 *  Refuses: `token_unknown`, `serial_of_another_owner`, `storage_unavailable`. */
export async function tokenNamed(
  ports: Pick<Ports, 'catalogue'>,
  serial: string,
  owner?: Owner,
): Promise<Outcome<PhoneRecord>> {
  const found = isSerial(serial) ? await ports.catalogue.phoneRecord(serial) : done(undefined)
  if (!found.ok) return found
  const token = found.value
  if (token === undefined) return refuse({ reason: 'token_unknown', serial })
  return owner === undefined || sameOwner(token.owner, owner)
    ? done(token)
    : refuse({ reason: 'serial_of_another_owner' })
}

/** One change of one token, with its record in the audit; whether it made a difference. `deed`: who wants it, and by what
 *  request.
 *  Refuses: as `tokenNamed`; `token_revoked` for all but deletion; `token_assigned`; what `wanted` refuses. */
export async function changeToken(
  ports: Pick<Ports, 'catalogue' | 'phones'>,
  deed: Deed,
  serial: string,
  wanted: Changing,
  of?: Owner,
): Promise<Outcome<boolean>> {
  const found = await tokenNamed(ports, serial, of)
  if (!found.ok) return found
  const token = found.value
  const asked = await wanted(token)
  if (!asked.ok) return asked
  const change = asked.value
  const fits = fitting(token, change)
  if (!fits.ok) return fits
  if (change.kind === 'active' && change.active === token.active) return done(false)
  const owner = change.kind === 'assigned' ? change.owner : token.owner
  const recorded = { ...deed, serial: token.serial, ...present({ owner }) }
  const changed = await changing(ports, token.serial, () => ports.catalogue.changeToken(token.serial, change, recorded))
  if (!changed.ok || changed.value) return changed
  // Somebody was faster: what they made of it says why.
  const now = await tokenNamed(ports, serial, of)
  if (!now.ok) return now
  const still = fitting(now.value, change)
  if (!still.ok) return still
  return change.kind === 'info' && change.value !== undefined
    ? refuse({ reason: 'parameter_invalid', name: 'key', why: 'the token has as many notes as it can carry' })
    : done(false)
}

/** Whether a token takes this change. Refuses: `token_revoked`, `token_assigned`. */
function fitting(token: PhoneRecord, change: TokenChange): Outcome<void> {
  if (change.kind === 'deleted') return done(undefined)
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  if (change.kind === 'assigned' && token.owner !== undefined && !sameOwner(token.owner, change.owner))
    return refuse({ reason: 'token_assigned', owner: token.owner })
  return done(undefined)
}
