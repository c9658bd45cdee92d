import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { checkPin } from '../../rules/token/pin.ts'
import { authorizeOwnerChange, type OwnerChange } from '../access/authorize-owner-change.ts'
import { changeToken, findPermittedToken } from './change-token.ts'
import { actorOf, type Credential, requestOriginOf } from '../access/identify.ts'
import { checkNewUser } from '../access/new-user.ts'
import { ownerOf } from '../login/login-subject.ts'

interface Assignment {
  readonly serial: string
  readonly user: string
  readonly realm: string | undefined
  /** Empty removes the PIN; undefined leaves it. */
  readonly pin: string | undefined
}

/** Gives a token without an owner to a user, and creates the user if new. Answers whether that changed anything.
 *  Refuses: as `authorizeOwnerChange`; `token_unknown`, `token_revoked`, `token_assigned`; `too_many_tokens`; `pin_invalid`;
 *  `realm_unknown`, `storage_unavailable`. */
export async function assign(
  ports: Ports,
  credential: Credential,
  source: Source,
  { serial, user, realm, pin }: Assignment,
): Promise<Outcome<boolean>> {
  const authorized = await authorizeOwnerChange(ports, credential, source, 'assign', 'POST /token/assign')
  if (!authorized.ok) return authorized
  const owner = authorized.value.user ?? ownerOf({ user, realm }, authorized.value.snapshot)
  const permitted = authorized.value.authorizeFor(owner)
  if (!permitted.ok) return permitted
  const known =
    authorized.value.user === undefined
      ? await checkNewUser(ports, { user, realm }, authorized.value.snapshot)
      : done(undefined)
  if (!known.ok) return known
  return changeToken(ports, allowingUnowned(authorized.value), serial, async (token) => {
    if (pin === undefined) return done({ kind: 'assigned', owner })
    const actor = actorOf(permitted.value.caller, requestOriginOf(credential))
    const fits = checkPin(authorized.value.snapshot.policySet, actor, owner, pin)
    if (!fits.ok) return fits
    const sealed = pin === '' ? {} : { sealed: await ports.pins.seal(token.serial, pin) }
    return done({ kind: 'assigned', owner, pin: sealed })
  })
}

/** A user who knows the serial of a token without an owner may take it. */
const allowingUnowned = (change: OwnerChange): OwnerChange => ({
  ...change,
  authorizeFor: (owner) => change.authorizeFor(owner ?? change.user),
})

interface Copy {
  readonly from: string
  readonly to: string
}

/** Gives a token the PIN of another; if that has none, removes it.
 *  Refuses: as `authorizeOwnerChange`; `token_unknown`, `token_revoked`, `parameter_invalid`, `storage_unavailable`. */
export async function copyPin(
  ports: Ports,
  credential: Credential,
  source: Source,
  { from, to }: Copy,
): Promise<Outcome<boolean>> {
  const authorized = await authorizeOwnerChange(
    ports,
    credential,
    source,
    'copytokenpin',
    'POST /token/copypin',
    `from ${from}`,
  )
  if (!authorized.ok) return authorized
  const found = await findPermittedToken(ports, authorized.value, from)
  if (!found.ok) return found
  const { serial, pin, pinState } = found.value
  if (pinState !== undefined)
    return refuse({
      reason: 'parameter_invalid',
      name: 'from',
      why: 'its PIN is known to the server it came from only',
    })
  return changeToken(ports, authorized.value, to, async (token) => {
    if (pin === undefined) return done({ kind: 'pin' })
    const copied = await ports.pins.copy(serial, token.serial, pin)
    return copied.ok ? done({ kind: 'pin', pin: copied.value }) : copied
  })
}

/** Gives a token to the owner of another. Refuses: as `assign`; `parameter_invalid` when the other has no owner. */
export async function copyOwner(
  ports: Ports,
  credential: Credential,
  source: Source,
  { from, to }: Copy,
): Promise<Outcome<boolean>> {
  const authorized = await authorizeOwnerChange(
    ports,
    credential,
    source,
    'copytokenuser',
    'POST /token/copyuser',
    `from ${from}`,
  )
  if (!authorized.ok) return authorized
  const found = await findPermittedToken(ports, authorized.value, from)
  if (!found.ok) return found
  const { owner } = found.value
  if (owner === undefined) return refuse({ reason: 'parameter_invalid', name: 'from', why: 'the token is nobody’s' })
  return changeToken(ports, authorized.value, to, () => done({ kind: 'assigned', owner }))
}
