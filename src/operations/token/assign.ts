import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { checkPin } from '../../rules/token/pin.ts'
import type { OwnerChange } from '../access/authorize-owner-change.ts'
import { authorizeOwnerChange } from '../access/authorize-owner-change.ts'
import { changeToken, authorizeTokenChange, findToken } from './change-token.ts'
import type { Credential } from '../access/identify.ts'
import { actorOf, requestOriginOf } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

interface Assignment {
  readonly serial: string
  readonly user: string
  readonly realm: string | undefined
  /** An empty one takes the PIN away, none at all leaves it. */
  readonly pin: string | undefined
}

/** A token that is nobody's, or this user's already, is this user's from now on, who exists by that.
 *  Refuses: who may not; `token_unknown`, `token_revoked`, `token_assigned`; `storage_unavailable`. */
export async function assign(
  ports: Ports,
  credential: Credential,
  source: Source,
  { serial, user, realm, pin }: Assignment,
): Promise<Outcome<boolean>> {
  const acting = await authorizeOwnerChange(ports, credential, source, 'assign', 'POST /token/assign')
  if (!acting.ok) return acting
  const owner = acting.value.user ?? ownerOf({ user, ...present({ realm }) }, acting.value.snapshot)
  const may = acting.value.authorizeFor(owner)
  if (!may.ok) return may
  return changeToken(ports, { ...acting.value, authorizeFor: overNobodys(acting.value) }, serial, async (token) => {
    if (pin !== undefined) {
      const actor = actorOf(may.value.caller, requestOriginOf(credential))
      const fits = checkPin(acting.value.snapshot.policySet, actor, owner, pin)
      if (!fits.ok) return fits
    }
    if (pin === undefined) return done({ kind: 'assigned', owner })
    const sealed = pin === '' ? {} : { sealed: await ports.pins.seal(token.serial, pin) }
    return done({ kind: 'assigned', owner, pin: sealed })
  })
}

/** A user may take a token that is nobody's: whoever has its serial. */
const overNobodys =
  ({ user, authorizeFor: over }: OwnerChange): OwnerChange['authorizeFor'] =>
  (owner) =>
    over(owner ?? user)

interface Copy {
  readonly from: string
  readonly to: string
}

/** One token's PIN, or its having none, is another's too.
 *  Refuses: who may not; `token_unknown`, `token_revoked`; `parameter_invalid`; `storage_unavailable`. */
export async function copyPin(
  ports: Ports,
  credential: Credential,
  source: Source,
  { from, to }: Copy,
): Promise<Outcome<boolean>> {
  const acting = await authorizeOwnerChange(
    ports,
    credential,
    source,
    'copytokenpin',
    'POST /token/copypin',
    `from ${from}`,
  )
  if (!acting.ok) return acting
  const found = await findToken(ports, from)
  if (!found.ok) return found
  const may = authorizeTokenChange(acting.value, found.value)
  if (!may.ok) return may
  const { serial, pin } = found.value
  return changeToken(ports, acting.value, to, async (token) => {
    if (pin === undefined) return done({ kind: 'pin' })
    const copied = await ports.pins.copy(serial, token.serial, pin)
    return copied === undefined
      ? refuse({ reason: 'parameter_invalid', name: 'from', why: 'its PIN cannot be read' })
      : done({ kind: 'pin', pin: copied })
  })
}

/** One token's owner is another's too. Refuses: as `assign`; `parameter_invalid` where there is no owner to copy. */
export async function copyOwner(
  ports: Ports,
  credential: Credential,
  source: Source,
  { from, to }: Copy,
): Promise<Outcome<boolean>> {
  const acting = await authorizeOwnerChange(
    ports,
    credential,
    source,
    'copytokenuser',
    'POST /token/copyuser',
    `from ${from}`,
  )
  if (!acting.ok) return acting
  const found = await findToken(ports, from)
  if (!found.ok) return found
  const may = authorizeTokenChange(acting.value, found.value)
  if (!may.ok) return may
  const { owner } = found.value
  if (owner === undefined) return refuse({ reason: 'parameter_invalid', name: 'from', why: 'the token is nobody’s' })
  return changeToken(ports, acting.value, to, () => done({ kind: 'assigned', owner }))
}
