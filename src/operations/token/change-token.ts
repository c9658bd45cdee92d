import type { TokenChange, TokenRecord } from '../../ports/tokens.ts'
import type { Ports } from '../../ports/ports.ts'
import { isSerial } from '../../protocol/encoding/identifiers.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { tokenLimits } from '../../rules/token/enrollment-limits.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { addSeconds, type Instant, type Owner, type Region, type Serial } from '../../vocabulary.ts'
import { CHANGES_OWNER_TOKENS, type Token } from '../../vocabulary/tokens.ts'
import type { OwnerChange } from '../access/authorize-owner-change.ts'
import { changeOwnerTokens, isLate, MARK_TIME, type OwnerTokensChanger } from './change-owner-tokens.ts'
import { limitRefusal } from './prepare-token.ts'
import { situationOf } from '../login/login-subject.ts'

/**
 * Changes a token's row so that logins in progress see it at once. First the phone object is told and finalizes nothing from then
 * on; then D1 changes; then the phone object reads the row and withdraws logins that rest on what is gone. If this request dies in
 * between, or D1 does not answer, the phone object's alarm does the last step. `isNewPin`: the change gives it another PIN. `near`:
 * where the phone object is made if this is its first call.
 * Refuses: as `change`; `storage_unavailable` when the phone object cannot be told. If that happens before the change, nothing has
 * changed. If it happens after a change that was slow, the caller has to repeat the change, and that tells the phone object again.
 */
export async function changeTokenRow<T>(
  ports: Pick<Ports, 'phones' | 'now'>,
  serial: Serial,
  change: () => Promise<Outcome<T>>,
  { isNewPin = false, near }: { readonly isNewPin?: boolean; readonly near?: Region | undefined } = {},
): Promise<Outcome<T>> {
  const phone = ports.phones.of(serial, near)
  const at = ports.now()
  const mark = await phone.beginChange()
  if (!mark.ok) return mark
  const changed = await change()
  const markStays = ports.now() < addSeconds(at, MARK_TIME)
  if (!isLate(changed) && (await phone.endChange({ mark: mark.value, isNewPin })).ok) return changed
  // The change may still happen, or the phone has not heard its end: it waits for its alarm, whose time starts again now.
  const again = await phone.beginChange()
  return again.ok || markStays || isLate(changed) ? changed : again
}

/** Changes the row of a token that has been read. If no phone has registered with it, it has no phone object, and this makes none: the
 *  row is changed only while that is so (`isUnused`). Otherwise as `changeTokenRow`. Refuses: as `change` and `changeTokenRow`. */
export async function changeFoundRow(
  ports: Pick<Ports, 'phones' | 'tokens' | 'now'>,
  { serial, phoneKey, home }: Pick<Token, 'serial' | 'phoneKey' | 'home'>,
  change: (isUnused: boolean) => Promise<Outcome<boolean>>,
  isNewPin = false,
): Promise<Outcome<boolean>> {
  if (phoneKey !== undefined) return changeTokenRow(ports, serial, () => change(false), { isNewPin, near: home })
  const changed = await change(true)
  if (!changed.ok || changed.value) return changed
  const current = await ports.tokens.record(serial)
  if (!current.ok || current.value?.phoneKey === undefined) return current.ok ? changed : current
  // A phone has registered meanwhile.
  return changeTokenRow(ports, serial, () => change(false), { isNewPin, near: current.value.home })
}

/** Chooses the change for a token as it is now. */
export type ChooseChange = (token: TokenRecord) => Outcome<TokenChange> | Promise<Outcome<TokenChange>>

/** Finds a token by serial; if `owner` is given, the token must be theirs.
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

/** Finds a token that the caller may change; if `owner` is given, the token must be theirs.
 *  Refuses: as `findToken`; `right_missing`. */
export async function findPermittedToken(
  ports: Pick<Ports, 'tokens'>,
  authorized: OwnerChange,
  serial: string,
  owner?: Owner,
): Promise<Outcome<TokenRecord>> {
  const found = await findToken(ports, serial, owner)
  if (!found.ok) return found
  const permitted = authorizeTokenChange(authorized, found.value)
  return permitted.ok ? found : permitted
}

/** Changes one token and writes an audit entry; answers whether anything changed. If `owner` is given, the token must be theirs.
 *  `tellOwner`: tells the owner's other phones, if not for this change alone.
 *  Refuses: as `findToken`, `changeFoundToken`. */
export async function changeToken(
  ports: Pick<Ports, 'tokens' | 'phones' | 'userData' | 'now'>,
  authorized: OwnerChange,
  serial: string,
  choose: ChooseChange,
  owner?: Owner,
  tellOwner?: OwnerTokensChanger,
): Promise<Outcome<boolean>> {
  const found = await findToken(ports, serial, owner)
  return found.ok ? changeFoundToken(ports, authorized, found.value, choose, owner, tellOwner) : found
}

/** Changes a token that has been read, as `changeToken` does.
 *  Refuses: `right_missing`, `token_unknown`; `too_many_tokens`; `token_revoked` for all but deletion; `token_assigned`; as
 *  `choose` and `findToken`. */
export async function changeFoundToken(
  ports: Pick<Ports, 'tokens' | 'phones' | 'userData' | 'now'>,
  authorized: OwnerChange,
  token: TokenRecord,
  choose: ChooseChange,
  owner?: Owner,
  tellOwner: OwnerTokensChanger = (...change) => changeOwnerTokens(ports, ...change),
): Promise<Outcome<boolean>> {
  const permitted = authorizeTokenChange(authorized, token)
  if (!permitted.ok) return permitted
  const chosen = await choose(token)
  if (!chosen.ok) return chosen
  const limited = withLimits(chosen.value, authorized, token, ports.now())
  if (!limited.ok) return limited
  const change = limited.value
  const possible = checkChange(token, change)
  if (!possible.ok) return possible
  // The request that has changed it may not have reached its phone, or all phones of the owner.
  if (isNoChange(token, change))
    return change.kind === 'active'
      ? tellOwner(token.owner, token.serial, () => changeFoundRow(ports, token, nothing))
      : done(false)
  const newOwner = change.kind === 'assigned' ? change.owner : token.owner
  const entry = { ...permitted.value.entry, serial: token.serial, owner: newOwner }
  const write = (isUnused: boolean) => ports.tokens.change(token.serial, change, entry, isUnused)
  const isNewPin = change.kind === 'pin' && change.isNew === true
  const changed = await tellOwner(CHANGES_OWNER_TOKENS.has(change.kind) ? newOwner : undefined, token.serial, () =>
    changeFoundRow(ports, token, write, isNewPin),
  )
  if (!changed.ok || changed.value) return changed
  // Another change came first; the token as it is now says why this one could not happen.
  const current = await findToken(ports, token.serial, owner)
  if (!current.ok) return current
  const stillPossible = checkChange(current.value, change)
  if (!stillPossible.ok) return stillPossible
  const limits = 'limits' in change ? change.limits : undefined
  const full = await limitRefusal(ports, { serial: token.serial, owner: newOwner, limits }, entry.at, UNCHANGED)
  if (full.refusal !== UNCHANGED) return full
  return change.kind === 'info' && change.value !== undefined
    ? refuse({ reason: 'parameter_invalid', name: 'key', why: 'the token has as many notes as it can carry' })
    : done(false)
}

/** Answers whether the token is already as the change would make it. */
const isNoChange = (token: TokenRecord, change: TokenChange): boolean =>
  // A token that waits for its phone is inactive; disabling it voids its QR code.
  (change.kind === 'active' && change.active === token.active && (change.active || token.state !== 'clientwait')) ||
  (change.kind === 'rings_paused' && change.until === undefined && token.ringsPausedUntil === undefined)

const UNCHANGED = { reason: 'stale' } as const
const nothing = async (): Promise<Outcome<boolean>> => done(false)

/** Authorizes the change for this token. To a user, another's token is one that does not exist.
 *  Refuses: `right_missing`, `token_unknown`. */
function authorizeTokenChange(
  { authorizeFor }: OwnerChange,
  { serial, owner }: TokenRecord,
): ReturnType<OwnerChange['authorizeFor']> {
  const permitted = authorizeFor(owner)
  return permitted.ok || permitted.refusal.reason !== 'token_unknown'
    ? permitted
    : refuse({ reason: 'token_unknown', serial })
}

/** Adds the limits that the change must not exceed: enabling a token, or assigning it, can make one too many. */
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
  const enables = change.kind === 'active'
  const applicable = limits.value.filter(({ activeOnly }) => (enables ? activeOnly : !activeOnly || token.active))
  return done({ ...change, limits: applicable })
}

/** Refuses: `token_revoked`, `token_assigned`. */
function checkChange(token: TokenRecord, change: TokenChange): Outcome<void> {
  if (change.kind === 'deleted') return done(undefined)
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  if (change.kind === 'assigned' && token.owner !== undefined && !isSameOwner(token.owner, change.owner))
    return refuse({ reason: 'token_assigned', owner: token.owner })
  return done(undefined)
}
