import { present } from '../../present.ts'
import type { TokenRecord, TokenChange } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import { isSerial } from '../../protocol/encoding/identifiers.ts'
import type { Outcome } from '../../refusal.ts'
import { done, outcomeOf, refuse } from '../../refusal.ts'
import { tokenLimits } from '../../rules/token/enrollment-limits.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import type { Instant, Owner, Serial } from '../../vocabulary.ts'
import type { OwnerChange } from '../access/authorize-owner-change.ts'
import { limitRefusal } from './prepare-token.ts'
import { situationOf } from '../login/login-subject.ts'

/**
 * A change of a token's row, seen by logins in progress at once: the Phone is told first, so that nothing finishes
 * meanwhile, then the catalogue, then the Phone reads it and withdraws what no longer holds. Whoever dies in between,
 * the Phone's alarm does the rest; so it does where the Phone cannot be reached any more, and where the catalogue did not say.
 * Refuses: as `change`; `storage_unavailable`, nothing changed, where the Phone cannot be told.
 */
export async function changeTokenRow<T>(
  ports: Pick<Ports, 'phones'>,
  serial: Serial,
  change: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const phone = ports.phones.of(serial)
  const mark = await outcomeOf(phone.changing())
  if (!mark.ok) return mark
  const changed = await change()
  // A change that was late may still happen: nothing finishes until the alarm has looked, its time counted from now.
  const isLate = !changed.ok && changed.refusal.reason === 'storage_unavailable'
  await (isLate ? outcomeOf(phone.changing()) : outcomeOf(phone.changed(mark.value)))
  return changed
}

/** What is to become of a token, as it stands. */
export type ChooseChange = (token: TokenRecord) => Outcome<TokenChange> | Promise<Outcome<TokenChange>>

/** The token of this name; only of this owner, if one is named.
 *  Refuses: `token_unknown`, `serial_of_another_owner`, `storage_unavailable`. */
export async function findToken(
  ports: Pick<Ports, 'tokens'>,
  serial: string,
  owner?: Owner,
): Promise<Outcome<TokenRecord>> {
  const found = isSerial(serial) ? await ports.tokens.record(serial) : done(undefined)
  if (!found.ok) return found
  const token = found.value
  if (token === undefined) return refuse({ reason: 'token_unknown', serial })
  return owner === undefined || isSameOwner(token.owner, owner)
    ? done(token)
    : refuse({ reason: 'serial_of_another_owner' })
}

/** One change of one token, with its record in the audit; whether it made a difference. `acting`: who wants it, and by what
 *  request.
 *  Refuses: as `tokenNamed`, `changeFound`. */
export async function changeToken(
  ports: Pick<Ports, 'tokens' | 'phones' | 'now'>,
  acting: OwnerChange,
  serial: string,
  wanted: ChooseChange,
  of?: Owner,
): Promise<Outcome<boolean>> {
  const found = await findToken(ports, serial, of)
  return found.ok ? changeFoundToken(ports, acting, found.value, wanted, of) : found
}

/** The same of a token that has been read.
 *  Refuses: who may not do it to this token; `too_many_tokens`; `token_revoked` for all but deletion; `token_assigned`; what
 *  `wanted` refuses; as `tokenNamed`. */
export async function changeFoundToken(
  ports: Pick<Ports, 'tokens' | 'phones' | 'now'>,
  acting: OwnerChange,
  token: TokenRecord,
  wanted: ChooseChange,
  of?: Owner,
): Promise<Outcome<boolean>> {
  const may = authorizeTokenChange(acting, token)
  if (!may.ok) return may
  const asked = await wanted(token)
  if (!asked.ok) return asked
  const limited = withLimits(asked.value, acting, token, ports.now())
  if (!limited.ok) return limited
  const change = limited.value
  const fits = fitting(token, change)
  if (!fits.ok) return fits
  if (change.kind === 'active' && change.active === token.active) return done(false)
  const owner = change.kind === 'assigned' ? change.owner : token.owner
  const recorded = { ...may.value.entry, serial: token.serial, ...present({ owner }) }
  const changed = await changeTokenRow(ports, token.serial, () => ports.tokens.change(token.serial, change, recorded))
  if (!changed.ok || changed.value) return changed
  // Somebody was faster: what they made of it says why.
  const now = await findToken(ports, token.serial, of)
  if (!now.ok) return now
  const still = fitting(now.value, change)
  if (!still.ok) return still
  const limits = 'limits' in change ? change.limits : undefined
  const full = await limitRefusal(
    ports,
    { serial: token.serial, ...present({ owner, limits }) },
    recorded.at,
    UNCHANGED,
  )
  if (full.refusal !== UNCHANGED) return full
  return change.kind === 'info' && change.value !== undefined
    ? refuse({ reason: 'parameter_invalid', name: 'key', why: 'the token has as many notes as it can carry' })
    : done(false)
}

const UNCHANGED = { reason: 'stale' } as const

/** Who wants it, if they may do it to this token. Another's token is to a user as one that is not there. */
export function authorizeTokenChange(
  { authorizeFor: over }: OwnerChange,
  { serial, owner }: TokenRecord,
): ReturnType<OwnerChange['authorizeFor']> {
  const may = over(owner)
  return may.ok || may.refusal.reason !== 'token_unknown' ? may : refuse({ reason: 'token_unknown', serial })
}

/** Enabling a token, and giving it to somebody, may be one too many. */
function withLimits(
  change: TokenChange,
  { snapshot, source }: OwnerChange,
  token: TokenRecord,
  now: Instant,
): Outcome<TokenChange> {
  if (change.kind !== 'assigned' && !(change.kind === 'active' && change.active)) return done(change)
  const owner = change.kind === 'assigned' ? change.owner : token.owner
  if (change.kind === 'assigned' && isSameOwner(token.owner, owner)) return done(change)
  const limits = tokenLimits(snapshot.policySet, token.type, situationOf({ owner, token }, source, now))
  if (!limits.ok) return limits
  const isEnabled = change.kind === 'active'
  const counting = limits.value.filter(({ activeOnly }) => (isEnabled ? activeOnly : !activeOnly || token.active))
  return done({ ...change, limits: counting })
}

/** Whether a token takes this change. Refuses: `token_revoked`, `token_assigned`. */
function fitting(token: TokenRecord, change: TokenChange): Outcome<void> {
  if (change.kind === 'deleted') return done(undefined)
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  if (change.kind === 'assigned' && token.owner !== undefined && !isSameOwner(token.owner, change.owner))
    return refuse({ reason: 'token_assigned', owner: token.owner })
  return done(undefined)
}
